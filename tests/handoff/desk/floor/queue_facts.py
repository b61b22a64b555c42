"""A queue board with something in it."""

from handoff.queues import QueueBoard

NOW = 1_800_000_000.0


def params(queue: str) -> dict[str, str]:
    return {"Event": "QueueParams", "Queue": queue, "Calls": "0", "Completed": "0", "Abandoned": "0", "ServiceLevel": "20"}


def member(queue: str, name: str, status: str = "1", paused: str = "0", reason: str = "") -> dict[str, str]:
    return {
        "Event": "QueueMember",
        "Queue": queue,
        "Name": name,
        "Location": f"PJSIP/{name}",
        "StateInterface": f"PJSIP/{name}",
        "Membership": "static",
        "Penalty": "0",
        "CallsTaken": "0",
        "LastCall": "0",
        "LastPause": "0",
        "InCall": "0",
        "Status": status,
        "Paused": paused,
        "PausedReason": reason,
        "Wrapuptime": "0",
    }


def entry(queue: str, position: int, wait_s: int, number: str = "+441134960000") -> dict[str, str]:
    return {
        "Event": "QueueEntry",
        "Queue": queue,
        "Position": str(position),
        "Channel": f"PJSIP/trunk-{position}",
        "Uniqueid": f"17.{position}",
        "CallerIDNum": number,
        "Wait": str(wait_s),
        "Priority": "0",
    }


def fill(board: QueueBoard, *events: dict[str, str], now: float = NOW) -> None:
    """As if Asterisk had answered QueueStatus with these."""
    board.begin_snapshot()
    assert board.snapshot(events, now)
