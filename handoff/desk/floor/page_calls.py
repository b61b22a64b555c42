"""What the floor page is told of calls: at first everything, then only what changed. Pure."""

from collections.abc import Iterable
from typing import Final, TypeAlias

from agents.transcript import JsonValue
from handoff.desk.floor.live_calls import LiveCall, LiveCalls

PageCall: TypeAlias = dict[str, JsonValue]

_READABLE: Final = 4
"""Last digits of a number that a row shows. The whole number is behind a request that is audited."""


def masked(number: str) -> str:
    """The end of a number; one that is not longer than that end, such as an extension, as it is."""
    return number if len(number) <= _READABLE else f"…{number[-_READABLE:]}"


def page_call(call: LiveCall) -> PageCall:
    shown = call.shown()
    if isinstance(caller := shown.get("caller"), str):
        shown["caller"] = masked(caller)
    return shown


class PageCalls:
    """Remembers what pages know, so that a patch holds no more than the difference."""

    def __init__(self) -> None:
        self._told: dict[str, PageCall] = {}

    def patch(self, live: LiveCalls, changed: Iterable[str] | None = None) -> dict[str, JsonValue]:
        """``changed``: ids of the calls to look at; None: all. Empty when pages know it all.

        ``calls`` holds by id the fields that are new, null for one that is gone; ``gone`` the ids of calls that ended.
        """
        ids = {*live.calls, *self._told} if changed is None else set(changed)
        calls: dict[str, JsonValue] = {}
        gone: list[JsonValue] = []
        for call_id in sorted(ids):
            call = live.calls.get(call_id)
            if call is None:
                if self._told.pop(call_id, None) is not None:
                    gone.append(call_id)
            elif fields := self._difference(call):
                calls[call_id] = fields
        found: dict[str, JsonValue] = {"calls": calls, "gone": gone}
        return found if calls or gone else {}

    def _difference(self, call: LiveCall) -> PageCall:
        now, before = page_call(call), self._told.get(call.id, {})
        self._told[call.id] = now
        fields = {name: value for name, value in now.items() if name not in before or before[name] != value}
        return fields | dict.fromkeys(before.keys() - now.keys())
