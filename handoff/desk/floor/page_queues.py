"""What the floor page is told of queues and their members. Pure. Nothing in it changes with time alone: the page counts seconds itself."""

import re
from collections.abc import Mapping
from typing import Final

from agents.transcript import JsonValue
from handoff.desk.floor.page_calls import masked
from handoff.queues.view import Figures, MemberView, QueueView, Ratio

_BUSIEST_FIRST: Final = ("ringing", "on_call", "wrap_up", "paused", "available", "unavailable")
_DEFINITION: Final = re.compile(r"(?P<name>[a-z0-9.-]+)(?:/(?P<within>\d+))?(?:/short-(?P<short>\d+))?(?P<sent_on>/flow-outs)?")


def page_queues(views: Mapping[str, QueueView]) -> dict[str, JsonValue]:
    return {
        "queues": [_queue(view) for view in views.values()],
        "members": _members(views),
        "stale_since": min((view.stale_since for view in views.values() if view.stale_since is not None), default=None),
    }


def in_words(definition: str) -> str:
    """A definition id of ``handoff.queues.figures`` for people; an id that is not known as it is."""
    match = _DEFINITION.fullmatch(definition)
    if match is None:
        return definition
    within, short = match["within"], match["short"]
    but = f" (hang-ups within {short} s left out)" if short and short != "0" else ""
    match match["name"]:
        case "sl.answered-of-offered":
            sent_on = " + sent on" if match["sent_on"] else ""
            return f"answered within {within} s ÷ (answered + abandoned{sent_on}){but}"
        case "sl.asterisk":
            return f"completed and answered within {within} s ÷ completed; abandons do not count"
        case "sl2.asterisk":
            return f"(completed + abandoned) within {within} s ÷ (completed + abandoned)"
        case "abandonment":
            return f"abandoned ÷ (answered + abandoned + sent on){but}"
        case "asa":
            return "seconds waited by answered callers ÷ answered"
        case "aht":
            return "seconds of talk and wrap-up ÷ completed"
    return definition


def _queue(view: QueueView) -> dict[str, JsonValue]:
    waiting: list[JsonValue] = [
        {
            "position": caller.position,
            "number": masked(caller.number) if caller.number else None,
            "since": caller.since,
            "with_ai": caller.transfer_id is not None,
        }
        for caller in view.waiting
    ]
    return {
        "name": view.name,
        "waiting": waiting,
        "longest_since": view.longest_wait_since,
        "available": view.available,
        "serving": view.serving,
        "logged_in": view.logged_in,
        "today": _figures(view.today),
        "last_30_min": _figures(view.last_30_min),
        "changed_at": view.today.definition_changed_at,
    }


def _figures(figures: Figures) -> dict[str, JsonValue]:
    return {
        "offered": figures.offered,
        "answered": figures.answered,
        "abandoned": figures.abandoned,
        "service_level": _ratio(figures.service_levels[0]) if figures.service_levels else None,
        "asa": _ratio(figures.asa),
        "abandonment": _ratio(figures.abandonment),
    }


def _ratio(ratio: Ratio) -> dict[str, JsonValue]:
    return {
        "value": None if ratio.value is None else round(ratio.value, 4),
        "numerator": round(ratio.numerator, 1),
        "denominator": ratio.denominator,
        "definition": ratio.definition,
        "words": in_words(ratio.definition),
    }


def _members(views: Mapping[str, QueueView]) -> list[JsonValue]:
    """One row a person, whatever queues they serve: with the state of the queue in which they are busiest."""
    by_interface: dict[str, list[tuple[str, MemberView]]] = {}
    for view in views.values():
        for member in view.members:
            by_interface.setdefault(member.interface, []).append((view.name, member))
    rows = [_member(interface, found) for interface, found in by_interface.items()]
    return [*sorted(rows, key=lambda row: (str(row["name"]).casefold(), str(row["id"])))]


def _member(interface: str, found: list[tuple[str, MemberView]]) -> dict[str, JsonValue]:
    _, member = min(found, key=lambda entry: _BUSIEST_FIRST.index(entry[1].state))
    return {
        "id": interface,
        "name": member.name,
        "state": member.state,
        "since": member.since,
        "reason": member.reason if member.paused else "",
        "queues": [queue for queue, _ in found],
        "paused_in": [queue for queue, each in found if each.paused],
    }
