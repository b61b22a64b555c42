"""A route in words: the comment above it in the dialplan."""

from .explaining import HangUp, Target, ToAgent, ToContext, ToQueue, name_target, place_of
from .model import Route, Routes
from .targets import Exit, Lead


def describe(routes: Routes, route: Route) -> tuple[str, ...]:
    """Return what a route does, one line per subject."""
    lines = [line for line in (route.about,) if line]
    lines.append("numbers: " + ", ".join(route.numbers[:8]) + (f" and {len(route.numbers) - 8} more" if len(route.numbers) > 8 else ""))
    rules = route.callers
    if rules.anonymous == "refuse":
        lines.append("callers without a number are refused")
    elif isinstance(rules.anonymous, Exit):
        lines.append(f"callers without a number go to {exit_words(rules.anonymous)} while it is open")
    if rules.blocked:
        lines.append(f"callers whose number begins with {_several(rules.blocked)} are refused")
    lines += [
        f"callers who begin with {_several(rule.prefixes)} go to {lead_words(rule)}, {'at any hour' if rule.always else 'while open'}"
        for rule in rules.vip
    ]
    if route.hours is not None:
        lines.append(f"open {route.hours.words()} ({routes.zone_name(route)})")
    if route.holidays:
        lines.append(f"closed on {_several(route.holidays)} ({routes.zone_name(route)})")
    if route.closed is not None:
        lines.append(f"closed: {lead_words(route.closed)}")
    lines.append(f"{'open: ' if route.closed is not None else ''}{_main(route)}")
    if route.max_calls is not None:
        lines.append(f"at most {route.max_calls} calls at once")
    if route.agents() or route.max_calls is not None:
        lines.append(f"overflow: {exit_words(route.overflow) if route.overflow else 'the fallback queue'}")
    if options := route.options():
        lines.append(f"options: {options}")
    return tuple(lines)


def _several(words: tuple[str, ...]) -> str:
    shown = ", ".join(words[:8])
    return f"{shown} and {len(words) - 8} more" if len(words) > 8 else shown


def _main(route: Route) -> str:
    if not route.split:
        return lead_words(route)
    said = f"announcement {', '.join(route.announce)}, then " if route.announce else ""
    return said + ", ".join(f"{percent} % agent {agent}" for agent, percent in route.split.items())


def exit_target(way: Exit) -> ToQueue | ToContext:
    """Return where a way out leads."""
    return ToQueue(way.queue) if way.queue else place_of(way.goto)


def exit_words(way: Exit) -> str:
    """Return a way out in words."""
    return name_target(exit_target(way))


def lead_words(lead: Lead | Route) -> str:
    """Return where a lead goes, in words, its announcements first."""
    said = f"announcement {', '.join(lead.announce)}, then " if lead.announce else ""
    return said + name_target(lead_target(lead))


def lead_target(lead: Lead | Route) -> Target:
    """Return where a lead goes; nowhere means that the call ends."""
    if lead.agent:
        return ToAgent(lead.agent)
    if lead.queue:
        return ToQueue(lead.queue)
    return place_of(lead.goto) if lead.goto else HangUp(16)
