"""States of affairs judged: what is known of the customer, the time of day, how a queue stands."""

from typing import Final

from handoff.rules.conditions import WEEK, FactPart, HoursPart, QueuePart
from handoff.rules.decisions import Ground, Value
from handoff.rules.noticing import number, whole
from handoff.rules.ruleset import RuleSet
from handoff.rules.state import WatchState
from handoff.rules.verdicts import Verdict, all_of

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
OTHER: Final = "(other)"


def fact(part: FactPart, state: WatchState) -> Verdict:
    """A fact that nobody has told is not known to be anything."""
    value = _plain(state.facts.get(part.name))
    signal, tests = f"fact.{part.name}", list[Verdict]()
    if part.known is not None:
        tests.append(Verdict((value is not None) is part.known, (Ground(f"{signal}.known", value is not None, "is", part.known),)))
    if part.is_ is not None:
        same = _same(value, part.is_)
        tests.append(Verdict(same, (Ground(signal, _told(same, part.is_), "is", part.is_),)))
    if part.one_of:
        found = next((one for one in part.one_of if _same(value, one)), None)
        known = None if value is None else found is not None
        tests.append(Verdict(known, (Ground(signal, _told(known, found), "one of", ", ".join(str(one) for one in part.one_of)),)))
    for limit, op in ((part.at_least, ">="), (part.at_most, "<=")):
        if limit is not None:
            figure = _figure(value)
            holds = None if figure is None else figure >= limit if op == ">=" else figure <= limit
            tests.append(Verdict(holds, (Ground(signal, figure, op, limit),)))
    return all_of(tests)


def _told(same: bool | None, wanted: Value) -> Value:
    """Of a fact only what the rule itself names gets into the reasons: it may hold the caller's own words."""
    return None if same is None else wanted if same else OTHER


def _plain(value: object) -> Value:
    """None for what is empty or no single value."""
    if isinstance(value, bool | int | float):
        return value
    return value.strip() or None if isinstance(value, str) else None


def _same(value: Value, wanted: Value) -> bool | None:
    if value is None:
        return None
    if isinstance(wanted, bool) or isinstance(value, bool):
        return str(value).casefold() == str(wanted).casefold()
    if isinstance(wanted, int | float):
        return _figure(value) == wanted
    return str(value).casefold() == str(wanted).strip().casefold()


def _figure(value: Value) -> float | None:
    if isinstance(value, str):
        try:
            return number(float(value))
        except ValueError:
            return None
    return number(value)


def hours(part: HoursPart, state: WatchState, rules: RuleSet) -> Verdict:
    """Not known before the first clock."""
    weekday, minute = whole(state.clock.get("weekday")), whole(state.clock.get("minute"))
    if weekday is None or minute is None or not 0 <= weekday < len(WEEK):
        return Verdict(None)
    holiday = state.clock.get("holiday") is True
    tests: list[Verdict] = []
    if part.open is not None:
        open_now = not holiday and _open(rules, weekday, minute)
        tests.append(Verdict(open_now is part.open, (Ground("hours.open", open_now, "is", part.open),)))
    if part.weekdays:
        day = WEEK[weekday]
        tests.append(Verdict(day in part.weekdays, (Ground("hours.weekday", day, "one of", ", ".join(part.weekdays)),)))
    if part.between is not None:
        now = f"{minute // 60:02}:{minute % 60:02}"
        tests.append(Verdict(within(part.between, minute), (Ground("hours.time", now, "within", part.between),)))
    if part.holiday is not None:
        tests.append(Verdict(holiday is part.holiday, (Ground("hours.holiday", holiday, "is", part.holiday),)))
    return all_of(tests)


def _open(rules: RuleSet, weekday: int, minute: int) -> bool:
    spans: tuple[str, ...] = getattr(rules.hours, _DAYS[weekday], ())
    return any(within(span, minute) for span in spans)


def within(span: str, minute: int) -> bool:
    """``span``: ``09:00-17:30``, its end not in it; ``minute`` of the day."""
    first, last = (int(part[:2]) * 60 + int(part[3:]) for part in span.split("-"))
    return first <= minute < last


def queue(part: QueuePart, state: WatchState, name: str) -> Verdict:
    """Without a name of the queue that was seen last."""
    name = name or next(reversed(list(state.queues)), "")
    figure = number(state.queues.get(name, {}).get(part.measure))
    if figure is None:
        return Verdict(None)
    signal, tests = f"queue.{name}.{part.measure}", list[Verdict]()
    if part.at_least is not None:
        tests.append(Verdict(figure >= part.at_least, (Ground(signal, figure, ">=", part.at_least),)))
    if part.at_most is not None:
        tests.append(Verdict(figure <= part.at_most, (Ground(signal, figure, "<=", part.at_most),)))
    return all_of(tests)
