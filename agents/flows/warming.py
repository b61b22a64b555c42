"""Making ready what is otherwise made when it is first needed: word lists, patterns, formats. They are kept for the whole process."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from agents.flows.engine.turns_of_speech import turns_of_speech
from agents.flows.words import normalise
from agents.nlu.slots import SlotContext, SlotReader
from agents.wording import FORMATS

SENTENCE: Final = "well I'd like the 3rd one at 10:30 for $ 49.99 on 11/27 and not the red, call 555 010 1234 or write to a at b dot com"
"""Holds a little of every kind of value, so that every rule is tried once; what it says does not matter."""
_VALUES: Final = ("12345", "12.50", "2026-11-27", "14:30", "2026-11-27T14:30", "a@b.com", "yes")
_NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)


def warm_readers(readers: Iterable[SlotReader], languages: Iterable[str]) -> None:
    """``languages``: those that values are read in; each has word lists."""
    known = tuple(readers)
    for language in languages:
        turns_of_speech(language).joint.split(SENTENCE)
        context = SlotContext(_NOW, language)
        for reader in known:
            reader.hear(SENTENCE, context)
            reader.find(SENTENCE, context)
            reader.unfinished(SENTENCE, context)
            reader.mend("", SENTENCE, context, refused=True)


def warm_formats(languages: Iterable[str]) -> None:
    """``languages``: those that values are spoken in; each has word lists."""
    normalise(SENTENCE)
    for language in languages:
        for form in FORMATS.values():
            for value in _VALUES:
                form(value, language)
