"""Gives each call its watch: by the settings of the number that was dialled, and with the triggers of an agent in Python."""

import functools
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from agents.emotion.monitor import EmotionMonitor
from agents.emotion.notice import notice_in
from agents.emotion.voice.choosing import open_judge
from agents.emotion.voice.errors import ModelUnusable
from agents.emotion.voice.judge import VoiceJudge
from agents.flows.sentences import split
from agents.sdk.serving import Registration
from agents.transcript import JsonValue
from ari_app.calls.record import CallFacts, CallRecord
from ari_app.calls.watch import CallWatch, WatchDeps
from ari_app.service.rules_files import read_rules
from ari_app.service.word_lists import WordLists
from ari_app.settings import Settings
from handoff.recording_notice import recording_notice_in
from handoff.rules.choosing import RuleBook
from handoff.rules.errors import RulesError
from handoff.rules.ruleset import RuleSet

log = logging.getLogger(__name__)

_THREADS: Final = 2
"""Judging three seconds of voice takes some ten milliseconds: enough for every call of a machine."""


class Watching:
    """Call it once for each call; ``close`` gives its threads back. ``queue_facts``: see ``WatchDeps``."""

    def __init__(
        self,
        settings: Settings,
        scripts: Mapping[str, Registration],
        queue_facts: Callable[[str], Mapping[str, JsonValue]],
    ) -> None:
        """What can no longer be read, as it could when the service was started, is logged, and what ships takes its place."""
        self._settings = settings
        self._book = _rules_of(settings)
        self._executor = ThreadPoolExecutor(_THREADS, "emotion")
        self._judge = _judge_of(settings)
        self._words = WordLists(self._executor)
        self._deps = WatchDeps(
            monitor=self._monitor,
            concerns=lambda language: self._words.of(language).concerns,
            rules=functools.cache(functools.partial(self._rules, self._book, scripts)),
            notices=settings.emotion.notice,
            recording_notices=settings.calls.record_notice,
            queue_facts=lambda queue: queue_facts(queue or settings.calls.queue),
        )

    async def warm(self) -> None:
        """Begin to read the word lists of the languages in which callers are told things."""
        for language in sorted({"en", *self._settings.emotion.notice}):
            self._words.of(language)

    def __call__(self, record: CallRecord) -> CallWatch:
        return CallWatch(record, self._deps)

    def _monitor(self, facts: CallFacts) -> EmotionMonitor:
        return EmotionMonitor(
            facts.options.emotion or self._settings.emotion_mode(facts.number),
            readers=lambda language: self._words.of(language).reader,
            judge=self._judge,
            executor=self._executor,
        )

    @staticmethod
    def _rules(rules: RuleBook, scripts: Mapping[str, Registration], number: str, agent: str) -> RuleSet:
        script = scripts.get(number)
        own = script.agent.emotion_triggers if script is not None and script.agent.name == agent else ()
        return rules.rules_for(number, agent, own)

    def sentences(self, language: str) -> list[str]:
        """All that may be said because of this watch, one sentence each, to be made ready."""
        texts = self._book.sentences(language)
        if self._settings.calls.record and self._settings.calls.record_consent == "announced":
            texts.append(recording_notice_in(language, self._settings.calls.record_notice))
        if self._settings.judges_voices:
            texts.append(notice_in(language, self._settings.emotion.notice))
        return sorted({sentence for text in texts for sentence in split(text)})

    def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)


def _rules_of(settings: Settings) -> RuleBook:
    try:
        return read_rules(settings)
    except RulesError as error:
        log.error("rules_unusable", extra={"error": str(error)})
        shipped = RuleSet.load()
        return RuleBook(shipped.in_shadow() if settings.rules.shadow else shipped, {}, {}, settings.rules.enabled)


def _judge_of(settings: Settings) -> VoiceJudge:
    try:
        return open_judge(settings.emotion.model)
    except ModelUnusable as error:
        log.error("emotion_model_unusable", extra={"error": str(error)})
        return open_judge("")
