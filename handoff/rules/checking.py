"""What is wrong with a rules file as a whole, after every key in it is sound."""

import difflib
from collections.abc import Iterator
from datetime import date
from typing import Final

from handoff.rules.conditions import ConcernPart, Condition, EmotionPart, HoursPart
from handoff.rules.rule import Rule, RulesFile
from handoff.rules.triggers import TRIGGER

CONCERNS: Final = (
    *("asks_person", "cancels", "legal_threat", "emergency", "vulnerable", "fraud"),
    *("complaint", "press_threat", "callback"),
)
"""Names that a misspelt one is held against; others are let through, for a finder of concerns may have more."""
_CLOSE: Final = 0.8
Problem = tuple[tuple[str, ...], str]


def problems(file: RulesFile) -> list[Problem]:
    """Path of keys and what is wrong there, with its remedy."""
    found: list[Problem] = [(("holidays", str(i)), f"{day!r} is no day; write one such as 2026-12-25") for i, day in _no_days(file)]
    found += [(("hours", "timezone"), what) for what in _no_zone(file)]
    for name, rule in file.rules.items():
        if name.startswith(TRIGGER):
            found.append((("rules", name), f"rules of agents' own triggers are called {TRIGGER}…; give it another name"))
        found += [(("rules", name, *path), what) for path, what in _of_rule(rule)]
        found += [(("rules", name, *path), what) for path, what in _hours(file, rule)]
    return found


def _no_days(file: RulesFile) -> Iterator[tuple[int, str]]:
    for i, day in enumerate(file.holidays):
        try:
            date.fromisoformat(day)
        except ValueError:
            yield i, day


def _no_zone(file: RulesFile) -> Iterator[str]:
    try:
        if file.hours is not None:
            file.hours.zone()
    except ValueError as error:
        yield str(error)


def _of_rule(rule: Rule) -> Iterator[Problem]:
    yield from _priority(rule)
    yield from _held(rule)
    yield from _act(rule)
    for path, part in _parts(rule.when, ("when",)):
        if part.concern and (close := _misspelt(part.concern.name)):
            yield (*path, "concern", "name"), f"{part.concern.name!r} is nothing that is found in callers' words{close}"


def _priority(rule: Rule) -> Iterator[Problem]:
    if rule.priority is not None and not rule.allow_voice_priority and not free_of_voice(rule.when):
        yield (
            ("priority",),
            "would let how a caller's voice sounds decide who waits shorter, which the EU's rules on emotion recognition make a high risk; "
            "add method: text to each emotion condition, or remove priority (allow_voice_priority: true lifts this, at your own risk)",
        )


def free_of_voice(condition: Condition) -> bool:
    """Whether no feeling that it asks about may have come from the sound of the voice."""
    return all(leaf.method == "text" for leaf in condition.leaves() if isinstance(leaf, EmotionPart))


def _held(rule: Rule) -> Iterator[Problem]:
    if rule.for_ is None or rule.for_.seconds is None:
        return
    for path, part in _parts(rule.when, ("when",)):
        momentary = isinstance(part.concern, ConcernPart) or (part.emotion is not None and part.emotion.of == "utterance")
        if momentary:
            what = "concern" if part.concern else "level of one utterance"
            yield ("for", "seconds"), f"the {what} in {'.'.join(path)} is known of single turns; write for: {{turns: 2}}"


def _act(rule: Rule) -> Iterator[Problem]:
    if rule.act == "adapt" and rule.manner is None and not rule.say:
        yield ("act",), "adapt changes nothing here; add manner: {slow_readback: true}, or say"
    if rule.act != "try_once" and rule.say_handing_over:
        yield ("say_handing_over",), "is for act: try_once; write it as say"
    if rule.act in ("adapt", "flag"):
        for key in ("queue", "priority"):
            if getattr(rule, key) not in ("", None):
                yield (key,), f"nobody is put into a queue by act: {rule.act}; remove it, or write act: escalate"
    if rule.act == "flag" and rule.say:
        yield ("say",), "act: flag is never heard; remove it, or write act: adapt"
    if rule.act == "flag" and rule.manner is not None:
        yield ("manner",), "act: flag changes no manner; write act: adapt"


def _hours(file: RulesFile, rule: Rule) -> Iterator[Problem]:
    for path, part in _parts(rule.when, ("when",)):
        asked = part.hours
        if isinstance(asked, HoursPart) and asked.open is not None and file.hours is None:
            yield (*path, "hours", "open"), 'this file has no opening hours; add hours: {monday: ["09:00-17:00"]} at its top level'
        if isinstance(asked, HoursPart) and asked.holiday is not None and not file.holidays:
            yield (*path, "hours", "holiday"), "this file has no holidays; add holidays: [2026-12-25] at its top level"


def _parts(condition: Condition, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Condition]]:
    """Plain conditions with the keys that lead to them."""
    for key, inner in (("all", condition.all), ("any", condition.any)):
        for i, part in enumerate(inner or ()):
            yield from _parts(part, (*path, key, str(i)))
    if condition.not_ is not None:
        yield from _parts(condition.not_, (*path, "not"))
    elif condition.all is None and condition.any is None:
        yield path, condition


def _misspelt(name: str) -> str:
    close = difflib.get_close_matches(name, CONCERNS, 1, _CLOSE)
    return f"; did you mean {close[0]!r}?" if close and name not in CONCERNS else ""
