"""Writes routes as steps of the dialplan, with a comment in words above each."""

from dataclasses import dataclass, field
from typing import Final

from .calendar import DAYS, MONTHS, Minutes, clock, is_yearly, month_pieces
from .describing import describe
from .model import Route, Routes
from .targets import Exit, Lead

_NOW: Final = '${IF($["${TESTTIME}" = ""]?${EPOCH}:${TESTTIME})}'
"""Seconds since 1970; TESTTIME is what GotoIfTime() itself compares while it is set."""


@dataclass(slots=True)
class Steps:
    """The steps of one extension; a label belongs to the next step."""

    lines: list[str] = field(default_factory=list)
    _label: str = ""

    def label(self, name: str) -> None:
        self._label = name

    def add(self, application: str) -> None:
        priority = "n" if self.lines else "1"
        self.lines.append(f"{priority}({self._label}),{application}" if self._label else f"{priority},{application}")
        self._label = ""


@dataclass(frozen=True, slots=True)
class RouteText:
    """One route, ready for the template."""

    name: str
    about: str
    words: tuple[str, ...]
    numbers: tuple[str, ...]
    steps: tuple[str, ...]


def route_texts(routes: Routes) -> tuple[RouteText, ...]:
    """Return all routes, in the order of the file."""
    return tuple(
        RouteText(name, route.about, describe(routes, route), route.numbers, tuple(_steps(routes, route)))
        for name, route in routes.routes.items()
    )


def _steps(routes: Routes, route: Route) -> list[str]:
    steps = Steps()
    steps.add("Gosub(patchcord-clean,s,1)")
    steps.add("Set(PATCHCORD_ROUTE=)")
    steps.add(f"Set(PATCHCORD_OPTIONS={route.options()})")
    steps.add(f"Set(PATCHCORD_OVERFLOW={_place(route.overflow) if route.overflow else ''})")
    if route.language:
        steps.add(f"Set(CHANNEL(language)={_prompt_language(route.language)})")
    _callers(steps, route)
    if route.closed is not None:
        _calendar(steps, routes, route)
        steps.label("closed")
        _lead(steps, route.closed)
        steps.label("open")
    _main(steps, route)
    _ends(steps, route)
    return steps.lines


def _place(way: Exit) -> str:
    return f"patchcord-queue,{way.queue},1" if way.queue else way.goto


def _prompt_language(language: str) -> str:
    code, _, region = language.partition("-")
    return f"{code}_{region.upper()}" if region else code


def _callers(steps: Steps, route: Route) -> None:
    rules = route.callers
    leads_elsewhere = any(not rule.always for rule in rules.vip) or isinstance(rules.anonymous, Exit)
    if leads_elsewhere:
        steps.add("Set(PATCHCORD_CLASS=)")
    if rules.anonymous == "refuse":
        steps.add('GotoIf($["${PATCHCORD_CALLER}" = ""]?refused)')
    elif isinstance(rules.anonymous, Exit):
        steps.add('ExecIf($["${PATCHCORD_CALLER}" = ""]?Set(PATCHCORD_CLASS=anonymous))')
    for prefix in rules.blocked:
        steps.add(f"GotoIf({_begins(prefix)}?refused)")
    for number, rule in enumerate(rules.vip, 1):
        for prefix in rule.prefixes:
            if rule.always:
                steps.add(f"GotoIf({_begins(prefix, unless_classed=leads_elsewhere)}?vip{number})")
            else:
                steps.add(f"ExecIf({_begins(prefix, unless_classed=True)}?Set(PATCHCORD_CLASS=vip{number}))")


def _begins(prefix: str, *, unless_classed: bool = False) -> str:
    # both sides in quotes: without them 0044 and 44 would be the same number
    compared = f'"${{PATCHCORD_CALLER:0:{len(prefix)}}}" = "{prefix}"'
    return f'$[{compared} & "${{PATCHCORD_CLASS}}" = ""]' if unless_classed else f"$[{compared}]"


def _calendar(steps: Steps, routes: Routes, route: Route) -> None:
    zone = routes.zone_name(route)
    holidays = [day for day, _ in routes.holidays_of(route)]
    if any(not is_yearly(day) for day in holidays):
        steps.add(f"Set(PATCHCORD_DAY=${{STRFTIME({_NOW},{zone},%Y%m%d)}})")
    for holiday in holidays:
        if is_yearly(holiday):
            for month, first, last in month_pieces(holiday):
                dates = str(first) if first == last else f"{first}-{last}"
                steps.add(f"GotoIfTime(*,*,{dates},{MONTHS[month - 1]},{zone}?closed)")
        else:
            begin, _, end = holiday.replace("-", "").partition("..")
            compared = f"${{PATCHCORD_DAY}} >= {begin} & ${{PATCHCORD_DAY}} <= {end}" if end else f"${{PATCHCORD_DAY}} = {begin}"
            steps.add(f"GotoIf($[{compared}]?closed)")
    if route.hours is None:
        steps.add("Goto(open)")
        return
    for minutes, days in _by_minutes(route.hours.pieces()):
        # Asterisk counts the last minute of a span as part of it
        steps.add(f"GotoIfTime({clock(minutes[0])}-{clock(minutes[1])},{_weekdays(days)},*,*,{zone}?open)")


def _by_minutes(pieces: tuple[Minutes, ...]) -> list[tuple[tuple[int, int], list[int]]]:
    found: dict[tuple[int, int], list[int]] = {}
    for weekday, first, last in pieces:
        found.setdefault((first, last), []).append(weekday)
    return [(minutes, sorted(set(days))) for minutes, days in found.items()]


def _weekdays(days: list[int]) -> str:
    if len(days) == 7:
        return "*"
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return "&".join(DAYS[run[0]][:3] if len(run) == 1 else f"{DAYS[run[0]][:3]}-{DAYS[run[-1]][:3]}" for run in runs)


def _lead(steps: Steps, lead: Lead | Route) -> None:
    if lead.announce:
        steps.add(f"Playback({'&'.join(lead.announce)})")
    if lead.agent:
        steps.add(f"Set(PATCHCORD_ROUTE={lead.agent})")
        steps.add("Goto(patchcord-agent,s,1)")
    elif lead.queue:
        steps.add(f"Goto(patchcord-queue,{lead.queue},1)")
    elif lead.goto:
        _theirs(steps, lead.goto)
    else:
        steps.add("Hangup()")


def _theirs(steps: Steps, place: str) -> None:
    steps.add(f"GotoIf($[${{DIALPLAN_EXISTS({place})}}]?{place})")
    steps.add("Goto(patchcord-fallback,s,1)")


def _main(steps: Steps, route: Route) -> None:
    rules = route.callers
    if isinstance(rules.anonymous, Exit):
        steps.add('GotoIf($["${PATCHCORD_CLASS}" = "anonymous"]?anonymous)')
    for number, rule in enumerate(rules.vip, 1):
        if not rule.always:
            steps.add(f'GotoIf($["${{PATCHCORD_CLASS}}" = "vip{number}"]?vip{number})')
    if route.max_calls is not None:
        # counted after joining: two at once may both be one too many, but never is one too many let in
        steps.add("Set(GROUP(patchcord-route)=${EXTEN})")
        steps.add(f"GotoIf($[${{GROUP_COUNT(${{EXTEN}}@patchcord-route)}} > {route.max_calls}]?full)")
    if not route.split:
        _lead(steps, route)
        return
    if route.announce:
        steps.add(f"Playback({'&'.join(route.announce)})")
    arms = [(agent, percent) for agent, percent in route.split.items() if percent]
    steps.add("Set(PATCHCORD_THROWN=${RAND(1,100)})")
    total = 0
    for number, (_, percent) in enumerate(arms[:-1], 1):
        total += percent
        steps.add(f"GotoIf($[${{PATCHCORD_THROWN}} <= {total}]?split{number})")
    for number, (agent, _) in [(len(arms), arms[-1]), *enumerate(arms[:-1], 1)]:
        steps.label(f"split{number}")
        steps.add(f"Set(PATCHCORD_OPTIONS={route.options(agent)})")
        steps.add(f"Set(PATCHCORD_ROUTE={agent})")
        steps.add("Goto(patchcord-agent,s,1)")


def _ends(steps: Steps, route: Route) -> None:
    rules = route.callers
    if route.max_calls is not None:
        steps.label("full")
        steps.add("Set(GROUP(patchcord-route)=)")
        steps.add("Goto(patchcord-fallback,s,1)")
    for number, rule in enumerate(rules.vip, 1):
        steps.label(f"vip{number}")
        _lead(steps, rule)
    if isinstance(rules.anonymous, Exit):
        steps.label("anonymous")
        if rules.anonymous.queue:
            steps.add(f"Goto(patchcord-queue,{rules.anonymous.queue},1)")
        else:
            _theirs(steps, rules.anonymous.goto)
    if rules.anonymous == "refuse" or rules.blocked:
        steps.label("refused")
        steps.add("Hangup(21)")
