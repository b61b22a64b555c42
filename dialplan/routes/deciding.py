"""Decides what a call does, as the generated dialplan does it, and says why."""

from collections.abc import Sequence
from datetime import datetime

from dialplan.errors import DialplanError

from .calendar import DAYS, falls_on, local_time
from .callers import plain_number
from .describing import exit_target, exit_words, lead_target
from .explaining import Explanation, HangUp, Target, ToAgent, name_target
from .model import Route, Routes
from .targets import Exit, Lead

_UNKNOWN, _REFUSED = HangUp(1), HangUp(21)


def decide(routes: Routes, number: str, caller: str, at: datetime, chance: float = 0.0) -> Explanation:
    """Return what a call to ``number`` does.

    ``caller`` is the caller's number, empty or ``anonymous`` when withheld; ``at`` carries a time zone;
    ``chance`` (0 up to 1) picks the agent where calls are split.

    Raises:
        DialplanError: ``at`` has no time zone.
    """
    if at.tzinfo is None:
        raise DialplanError("The time has no time zone, so no opening hours can be compared with it. Add one.")
    found = routes.find(number)
    plain = plain_number(caller)
    if found is None:
        step = f"no route takes {number}: the call is refused, unless another context of yours takes the number"
        return Explanation(number, plain, at, "", (step,), (), _UNKNOWN, "", None)
    name, pattern = found
    walk = _Walk(routes, routes.routes[name], plain, at, chance)
    how = f"matches pattern {pattern.text}" if pattern.text.startswith("_") else "is a number"
    walk.steps.append(f"{number} {how} of route '{name}'")
    target = walk.to_the_end()
    route = walk.route
    options = route.options(walk.variant) if isinstance(target, ToAgent) else ""
    overflow = exit_target(route.overflow) if route.overflow else None
    return Explanation(number, plain, at, name, tuple(walk.steps), tuple(walk.played), target, options, overflow)


class _Walk:
    """One call on its way through a route."""

    def __init__(self, routes: Routes, route: Route, caller: str, at: datetime, chance: float) -> None:
        self.routes, self.route, self.caller, self.at, self.chance = routes, route, caller, at, chance
        self.steps: list[str] = []
        self.played: list[str] = []
        self.variant = ""

    def to_the_end(self) -> Target:
        rules = self.route.callers
        if not self.caller and rules.anonymous == "refuse":
            self.steps.append("the caller's number is withheld -> refused")
            return _REFUSED
        if not self.caller:
            becomes = "accepted" if rules.anonymous == "accept" else "led elsewhere while open"
            self.steps.append(f"the caller's number is withheld -> {becomes}")
        elif blocked := _first(rules.blocked, self.caller):
            self.steps.append(f"the caller begins with {blocked} -> refused")
            return _REFUSED
        elif rules.blocked:
            self.steps.append(f"the caller begins with none of {', '.join(rules.blocked)} -> not blocked")
        vip = next((rule for rule in rules.vip if self.caller and _first(rule.prefixes, self.caller)), None)
        if vip is not None:
            goes = name_target(lead_target(vip)) + ("" if vip.always else " while open")
            self.steps.append(f"the caller begins with {_first(vip.prefixes, self.caller)} -> {goes}")
            if vip.always:
                return self._follow(vip)
        closed = self.route.closed
        if closed is not None and not self._is_open():
            return self._follow(closed)
        if not self.caller and isinstance(rules.anonymous, Exit):
            target = exit_target(rules.anonymous)
            self.steps.append(f"withheld -> {name_target(target)}")
            return target
        return self._follow(vip) if vip is not None else self._main()

    def _is_open(self) -> bool:
        route = self.route
        zone = self.routes.zone_name(route)
        local = local_time(self.at, zone)
        when = f"{DAYS[local.weekday()].title()} {local:%Y-%m-%d %H:%M} {zone}"
        for holiday, source in self.routes.holidays_of(route):
            if falls_on(holiday, local.date()):
                of = f" of '{source}'" if source else ""
                self.steps.append(f"{when} is the holiday {holiday}{of} -> closed")
                return False
        if route.hours is None:
            self.steps.append(f"{when} is no holiday -> open")
            return True
        found = route.hours.open_at(local)
        if found is None:
            spans = " and ".join(route.hours.of(local.weekday()))
            self.steps.append(f"{when} is {'outside ' + spans if spans else 'a day without hours'} -> closed")
            return False
        weekday, span = found
        since = "" if weekday == local.weekday() else f" of {DAYS[weekday].title()}"
        self.steps.append(f"{when} is within {span}{since} -> open")
        return True

    def _main(self) -> Target:
        route = self.route
        if route.max_calls is not None:
            more = exit_words(route.overflow) if route.overflow else "the fallback queue"
            self.steps.append(f"up to {route.max_calls} calls at once; one more goes to {more}")
        self._play(route.announce)
        if route.split:
            self.variant = split_at(route, self.chance)
            shares = ", ".join(f"{agent} {percent} %" for agent, percent in route.split.items())
            self.steps.append(f"split {shares}: {self.variant}")
            target: Target = ToAgent(self.variant)
        else:
            target = lead_target(route)
        self.steps.append(f"-> {name_target(target)}")
        return target

    def _follow(self, lead: Lead) -> Target:
        self._play(lead.announce)
        target = lead_target(lead)
        self.steps.append(f"-> {name_target(target)}")
        return target

    def _play(self, prompts: Sequence[str]) -> None:
        if prompts:
            self.played += prompts
            self.steps.append(f"announcement {', '.join(prompts)}")


def split_at(route: Route, chance: float) -> str:
    """Return the agent of a split for a chance from 0 up to 1, by the whole percent that the dialplan throws."""
    thrown = min(99, max(0, int(chance * 100))) + 1
    total = 0
    for agent, percent in route.split.items():
        total += percent
        if thrown <= total:
            return agent
    raise AssertionError("the shares of a split are 100 in all")


def _first(prefixes: Sequence[str], caller: str) -> str:
    return next((prefix for prefix in prefixes if caller.startswith(prefix)), "")
