import pytest

from handoff.desk.floor.alerts import Alert, AlertLimits, find_alerts
from handoff.desk.floor.live_calls import LiveCalls
from handoff.queues import QueueBoard
from tests.handoff.desk.floor.queue_facts import NOW, entry, fill, member, params

LIMITS = AlertLimits(longest_wait_s=60, offered=2)


def keys(alerts: list[Alert]) -> list[str]:
    return [alert.key for alert in alerts]


def of_queue(*events: dict[str, str], after_s: float = 0.0) -> list[str]:
    board = QueueBoard()
    fill(board, params("support"), *events)
    return keys(find_alerts([], board.view(NOW + after_s), NOW + after_s, LIMITS))


@pytest.mark.parametrize(("wait_s", "found"), [(59, []), (60, []), (61, ["wait:support"])])
def test_a_long_wait(wait_s: int, found: list[str]) -> None:
    assert of_queue(member("support", "kim"), entry("support", 1, wait_s)) == found


def test_callers_and_nobody_there() -> None:
    assert of_queue(member("support", "kim", status="5"), entry("support", 1, 3)) == ["nobody:support"]
    assert of_queue(member("support", "kim", paused="1"), entry("support", 1, 3)) == ["nobody:support"]
    assert of_queue(member("support", "kim", status="5")) == []


def test_a_long_pause_once_for_each_person() -> None:
    board = QueueBoard()
    pause = {"paused": "1"}
    fill(board, params("support"), params("billing"), member("support", "kim", **pause), member("billing", "kim", **pause))
    assert keys(find_alerts([], board.view(NOW), NOW + 1799, LIMITS)) == []
    assert keys(find_alerts([], board.view(NOW), NOW + 1801, LIMITS)) == ["paused:PJSIP/kim"]


def test_the_service_level_of_late() -> None:
    board = QueueBoard()
    fill(board, params("support"), member("support", "kim"))
    for number, wait_s in enumerate((5, 45)):
        channel = {"Queue": "support", "Channel": f"PJSIP/trunk-{number}", "Uniqueid": f"17.{number}"}
        at = NOW + 100 * number
        board.feed({**channel, "Event": "QueueCallerJoin", "Position": "1", "Count": "1", "CallerIDNum": "1"}, at)
        agent = {"Interface": "PJSIP/kim", "MemberName": "kim"}
        board.feed({**channel, **agent, "Event": "AgentConnect", "HoldTime": str(wait_s), "RingTime": "1"}, at + wait_s)
        board.feed({**channel, "Event": "QueueCallerLeave", "Position": "1", "Count": "0"}, at + wait_s)
    view = board.view(NOW + 200)
    assert view["support"].last_30_min.service_levels[0].value == 0.5
    assert keys(find_alerts([], view, NOW + 200, LIMITS)) == ["level:support"]
    assert keys(find_alerts([], view, NOW + 200, AlertLimits(offered=3))) == []
    assert keys(find_alerts([], view, NOW + 200, AlertLimits(offered=2, service_level=0.5))) == []


def test_calls() -> None:
    live = LiveCalls()
    live.apply("state", "late", NOW, {"state": "talking"})
    live.apply("state", "unsure", NOW, {"state": "talking", "confidence": 0.39})
    live.apply("state", "waits", NOW, {"state": "waiting"})
    for number in range(1, 4):
        live.apply("turn", "late", NOW, {"number": number, "who": "agent", "text": "", "latency_ms": {"gap": 2001.0}})
        found = keys(find_alerts(live.calls.values(), {}, NOW, LIMITS))
        assert ("gap:late" in found) is (number == 3)
    found = keys(find_alerts(live.calls.values(), {}, NOW + 121, LIMITS))
    assert found == ["person:waits", "confidence:unsure", "gap:late"]


def test_an_alert_stays_the_same_while_it_lasts() -> None:
    board = QueueBoard()
    fill(board, params("support"), member("support", "kim"), entry("support", 1, 61))
    first, later = (find_alerts([], board.view(NOW + at), NOW + at, LIMITS) for at in (0.0, 30.0))
    assert first == later
    assert first[0].since == NOW - 61


def test_blind_floor() -> None:
    assert keys(find_alerts([], {}, NOW, LIMITS, connected=False)) == ["feed"]
    board = QueueBoard()
    fill(board, params("support"))
    board.disconnected(NOW)
    assert keys(find_alerts([], board.view(NOW), NOW, LIMITS)) == ["stale:support"]
