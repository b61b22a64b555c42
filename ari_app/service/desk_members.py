"""Members of Asterisk's queues, over the manager interface."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from ari_app.ami.port import AmiError
from handoff.desk.agent.members import Given, LineState, Member, MembersAway, Rung

_STATES: Final[Mapping[str, LineState]] = {
    "1": "idle",
    "2": "busy",
    "3": "busy",
    "5": "unavailable",
    "6": "ringing",
    "7": "ringing",
    "8": "busy",
}
"""Device states as AMI numbers them; what is not here (unknown, invalid) counts as unavailable."""


class MemberLink(Protocol):
    """What is needed of an AMI client; AmiClient has it."""

    async def queue_status(self, queue: str) -> Sequence[Mapping[str, str]]: ...

    async def queue_pause(self, interface: str, paused: bool, reason: str, queue: str = "") -> bool: ...

    def on_event(self, name: str, callback: Callable[[Mapping[str, str]], None]) -> None: ...


class AmiMembers:
    """MemberControl. ``interfaces``: a person's number to the member's interface, where it is not the usual one."""

    def __init__(self, ami: MemberLink, interfaces: Mapping[str, str] | None = None) -> None:
        self._ami = ami
        self._interfaces = dict(interfaces or {})

    def interface_of(self, phone: str) -> str:
        return self._interfaces.get(phone, f"Local/{phone}@patchcord-members")

    async def member(self, interface: str) -> Member | None:
        try:
            events = await self._ami.queue_status("")
        except AmiError as error:
            raise _away() from error
        rows = [event for event in events if event.get("Event") == "QueueMember" and event.get("Location") == interface]
        if not rows:
            return None
        paused = all(row.get("Paused") == "1" for row in rows)
        reason = next((row.get("PausedReason", "") for row in rows), "") if paused else ""
        return Member(tuple(sorted({row["Queue"] for row in rows})), _STATES.get(rows[0].get("Status", ""), "unavailable"), paused, reason)

    async def pause(self, interface: str, reason: str, queue: str = "") -> None:
        await self._set(interface, True, reason, queue)

    async def unpause(self, interface: str, queue: str = "") -> None:
        await self._set(interface, False, "", queue)

    def on_ring(self, told: Rung) -> None:
        self._ami.on_event("AgentCalled", lambda event: told(event.get("Interface", ""), event.get("Uniqueid", "")))

    def on_given(self, told: Given) -> None:
        def heard(event: Mapping[str, str]) -> None:
            if event.get("UserEvent") == "PatchcordGiven":
                told(event.get("Phone", ""), event.get("Card", ""))

        self._ami.on_event("UserEvent", heard)

    async def _set(self, interface: str, paused: bool, reason: str, queue: str) -> None:
        try:
            done = await self._ami.queue_pause(interface, paused, reason, queue)
        except AmiError as error:
            raise _away() from error
        if not done:
            raise MembersAway(f"{interface} is a member of no queue: an administrator can add it to one.")


def _away() -> MembersAway:
    return MembersAway("The telephone system does not answer; your state is as it was. Try again in a few seconds.")
