"""Queue members over AMI, with the answers of an Asterisk in its place (tests/handoff/desk/agent has a real one)."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from ari_app.ami.port import AmiUnavailable
from ari_app.service.desk_members import AmiMembers
from handoff.desk.agent.members import Member, MembersAway

ME = "Local/2001@patchcord-members"


def row(queue: str, location: str = ME, status: str = "1", paused: str = "0", reason: str = "") -> Mapping[str, str]:
    return {"Event": "QueueMember", "Queue": queue, "Location": location, "Status": status, "Paused": paused, "PausedReason": reason}


class Link:
    """What AmiClient does, with given answers."""

    def __init__(self, *rows: Mapping[str, str], accepts: bool = True, away: bool = False) -> None:
        self.rows, self.accepts, self.away = rows, accepts, away
        self.sent: list[tuple[str, bool, str, str]] = []
        self.callbacks: dict[str, Callable[[Mapping[str, str]], None]] = {}

    async def queue_status(self, queue: str) -> Sequence[Mapping[str, str]]:
        if self.away:
            raise AmiUnavailable("not connected")
        assert queue == ""
        return [{"Event": "QueueParams", "Queue": "support"}, *self.rows]

    async def queue_pause(self, interface: str, paused: bool, reason: str, queue: str = "") -> bool:
        if self.away:
            raise AmiUnavailable("not connected")
        self.sent.append((interface, paused, reason, queue))
        return self.accepts

    def on_event(self, name: str, callback: Callable[[Mapping[str, str]], None]) -> None:
        self.callbacks[name] = callback


async def test_whom_a_queue_rings_is_passed_on() -> None:
    link, rung = Link(), list[tuple[str, str]]()
    AmiMembers(link).on_ring(lambda interface, unique_id: rung.append((interface, unique_id)))
    link.callbacks["AgentCalled"]({"Event": "AgentCalled", "Interface": ME, "Uniqueid": "patchcord-wait-t1-1-q"})
    assert rung == [(ME, "patchcord-wait-t1-1-q")]


async def test_whom_a_colleague_gives_a_caller_on_to_is_passed_on() -> None:
    link, given = Link(), list[tuple[str, str]]()
    AmiMembers(link).on_given(lambda phone, card: given.append((phone, card)))
    link.callbacks["UserEvent"]({"Event": "UserEvent", "UserEvent": "PatchcordQueueLeft", "Queue": "support"})
    link.callbacks["UserEvent"]({"Event": "UserEvent", "UserEvent": "PatchcordGiven", "Phone": "2002", "Card": "c1"})
    assert given == [("2002", "c1")]


async def test_a_person_is_one_member_of_all_their_queues() -> None:
    link = Link(row("support"), row("sales"), row("support", "Local/2002@patchcord-members", "5"))
    assert await AmiMembers(link).member(ME) == Member(("sales", "support"), "idle", False, "")
    assert await AmiMembers(link).member("Local/2009@patchcord-members") is None


@pytest.mark.parametrize(
    ("status", "line"),
    [
        ("1", "idle"),
        ("2", "busy"),
        ("3", "busy"),
        ("5", "unavailable"),
        ("6", "ringing"),
        ("7", "ringing"),
        ("8", "busy"),
        ("0", "unavailable"),
    ],
)
async def test_the_state_of_the_line_is_that_of_the_device(status: str, line: str) -> None:
    member = await AmiMembers(Link(row("support", status=status))).member(ME)
    assert member is not None and member.line == line


async def test_paused_is_who_is_paused_everywhere() -> None:
    both = Link(row("support", paused="1", reason="Lunch"), row("sales", paused="1", reason="Lunch"))
    assert await AmiMembers(both).member(ME) == Member(("sales", "support"), "idle", True, "Lunch")
    one = Link(row("support", paused="1", reason="Lunch"), row("sales"))
    assert await AmiMembers(one).member(ME) == Member(("sales", "support"), "idle", False, "")


async def test_pauses_go_to_the_member_in_all_queues_or_one() -> None:
    link = Link()
    members = AmiMembers(link, {"7": "SIP/7"})
    await members.pause(members.interface_of("2001"), "Lunch")
    await members.unpause(members.interface_of("7"), "support")
    assert link.sent == [(ME, True, "Lunch", ""), ("SIP/7", False, "", "support")]


async def test_what_cannot_be_done_is_said() -> None:
    with pytest.raises(MembersAway, match="member of no queue"):
        await AmiMembers(Link(accepts=False)).pause(ME, "Lunch")
    away = AmiMembers(Link(away=True))
    for asked in (away.member(ME), away.pause(ME, "Lunch"), away.unpause(ME)):
        with pytest.raises(MembersAway, match="does not answer"):
            await asked
