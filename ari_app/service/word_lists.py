"""The word lists by which feelings and concerns are read out of what callers say: each language read once, beside the calls."""

import logging
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Final

from agents.concerns.finding import Concern, ConcernFinder
from agents.emotion.monitor import Reader
from agents.emotion.signs import WordSigns
from agents.emotion.words.reading import WordReader
from ari_app.calls.watch import Finder

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lists:
    """Of one language."""

    reader: Reader
    concerns: Finder


class _Nothing:
    """Stands in while the lists are being read."""

    def read(self, text: str) -> WordSigns:
        del text
        return WordSigns()

    def find(self, text: str) -> Sequence[Concern]:
        del text
        return ()


_NOT_YET: Final = Lists(_Nothing(), _Nothing())


def _read(language: str) -> Lists:
    return Lists(WordReader(language), ConcernFinder(language))


class WordLists:
    """Reading a language takes up to a second, which no caller is to wait for: until then nothing is found in words."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._lists: dict[str, Lists] = {}
        self._being_read: dict[str, Future[Lists]] = {}

    def of(self, language: str) -> Lists:
        """At once. The first time for a language it begins to be read."""
        if (known := self._lists.get(language)) is not None:
            return known
        if language not in self._being_read:
            self._being_read[language] = self._executor.submit(_read, language)
        if not (reading := self._being_read[language]).done():
            return _NOT_YET
        try:
            self._lists[language] = reading.result()
        except Exception:  # whatever is wrong with the lists of a language: its callers are served without them
            log.exception("word_lists_unusable", extra={"language": language})
            self._lists[language] = _NOT_YET
        return self._lists[language]
