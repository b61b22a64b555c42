"""AMI events with the headers that Asterisk 22 sends, as far as they matter here."""

from collections.abc import Mapping

from handoff.queues import QueueBoard, QueueView

T0 = 1_795_271_600.0
"""2026-11-21 14:33:20 UTC, a Saturday."""
Event = Mapping[str, str]


def caller(kind: str, unique_id: str, *, queue: str = "support", number: str = "5550101", **more: str) -> dict[str, str]:
    channel = {"Channel": f"Local/call@qtest-{unique_id};2", "ChannelState": "6", "CallerIDNum": number, "CallerIDName": "<unknown>"}
    place = {"Context": "qtest", "Exten": "call", "Priority": "2", "Uniqueid": unique_id, "Linkedid": unique_id}
    return {"Event": kind, "Privilege": "agent,all", **channel, **place, "Queue": queue, **more}


def join(unique_id: str, position: int = 1, **more: str) -> dict[str, str]:
    return caller("QueueCallerJoin", unique_id, Position=str(position), Count=str(position), **more)


def leave(unique_id: str, **more: str) -> dict[str, str]:
    return caller("QueueCallerLeave", unique_id, Position="1", Count="0", **more)


def abandon(unique_id: str, hold: int = 4, **more: str) -> dict[str, str]:
    return caller("QueueCallerAbandon", unique_id, Position="1", OriginalPosition="1", HoldTime=str(hold), **more)


def agent(kind: str, unique_id: str, member: str, dest: str | None = None, **more: str) -> dict[str, str]:
    """``dest``: unique id of the member's channel."""
    names = {"Interface": f"PJSIP/{member}", "MemberName": f"Agent {member}"}
    return caller(kind, unique_id, **names, **({} if dest is None else {"DestUniqueid": dest}), **more)


def connect(unique_id: str, member: str, dest: str = "d", hold: int = 4, **more: str) -> dict[str, str]:
    return agent("AgentConnect", unique_id, member, dest, HoldTime=str(hold), RingTime="2", **more)


def complete(unique_id: str, member: str, talk: int = 60, **more: str) -> dict[str, str]:
    """As when the member hung up: without the member's channel."""
    return agent("AgentComplete", unique_id, member, HoldTime="4", TalkTime=str(talk), Reason="agent", **more)


def member(name: str, kind: str = "QueueMemberStatus", *, queue: str = "support", status: int = 1, **more: str) -> dict[str, str]:
    fixed = {"Event": kind, "Queue": queue, "MemberName": f"Agent {name}", "Interface": f"PJSIP/{name}", "Membership": "static"}
    counts = {"Penalty": "0", "CallsTaken": "0", "LastCall": "0", "LastPause": "0", "LoginTime": "1795270000", "InCall": "0"}
    return fixed | counts | {"Status": str(status), "Paused": "0", "PausedReason": "", "Wrapuptime": "0"} | more


def listed(name: str, *, queue: str = "support", status: int = 1, **more: str) -> dict[str, str]:
    """A member as QueueStatus lists them, who is named differently there."""
    event = member(name, "QueueMember", queue=queue, status=status, **more)
    return event | {"Name": event.pop("MemberName"), "Location": event.pop("Interface")}


def entry(unique_id: str, position: int = 1, wait: int = 0, *, queue: str = "support", priority: int = 0) -> dict[str, str]:
    line = {"Position": str(position), "Wait": str(wait), "Priority": str(priority)}
    return {"Event": "QueueEntry", "Queue": queue, "Channel": f"SIP-{unique_id}", "Uniqueid": unique_id, "CallerIDNum": "5550101"} | line


def params(queue: str = "support", level: int = 20, **more: str) -> dict[str, str]:
    counters = {"Completed": "0", "Abandoned": "0", "Holdtime": "0", "TalkTime": "0", "ServiceLevel": str(level)}
    return {"Event": "QueueParams", "Queue": queue, "Max": "0", "Strategy": "rrmemory", "Calls": "0"} | counters | more


def fed(board: QueueBoard, *events: Event, at: float = T0) -> QueueBoard:
    for event in events:
        assert board.feed(event, at)
    return board


def look(board: QueueBoard, at: float = T0, queue: str = "support") -> QueueView:
    view = board.queue(queue, at)
    assert view is not None
    return view


def states(view: QueueView) -> dict[str, str]:
    return {row.interface.removeprefix("PJSIP/"): row.state for row in view.members}


def line(view: QueueView) -> list[str]:
    return [one.unique_id for one in view.waiting]
