"""``@agent.on``: every moment reaches its handlers, and nothing that a handler does reaches the call."""

import asyncio
import threading
import time
from collections.abc import Mapping

import pytest

from agents.sdk.agent_events import AgentEvents, Emotion, Escalation, ToolFailure
from agents.sdk.call import Call, LateControl
from agents.sdk.handlers import HandlerPool
from agents.sdk.observing import ObservedSink
from agents.transcript import JsonValue, Outcome, Turn

TURN = Turn(1, "caller", "hello", "hello", 1.0, 2.0)


class Records:
    def __init__(self) -> None:
        self.kept: list[str] = []

    def turn(self, turn: Turn) -> None:
        self.kept.append(turn.text)

    def event(self, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        self.kept.append(kind)

    def partial(self, text: str, at: float) -> None:
        self.kept.append(f"{text}…")

    def listens(self, node: str, question: str) -> None:
        self.kept.append(f"{node}?")


def observed(events: AgentEvents, records: Records | None = None) -> ObservedSink:
    return ObservedSink(records, events, Call("c1", "", "500", LateControl()))


async def test_every_moment_reaches_its_handlers_with_its_own_data() -> None:
    events, seen, records = AgentEvents("orders"), list[tuple[str, object]](), Records()
    events.on("call_started")(lambda call: seen.append(("call_started", call.id)))
    for name in ("turn", "emotion_detected", "escalation_requested", "tool_failed", "call_ended"):

        def handler(call: Call, data: object, name: str = name) -> None:
            seen.append((name, data))

        events.on(name)(lambda call, data, handler=handler: handler(call, data))
    sink = observed(events, records)
    outcome = Outcome("handover", "caller_request", "support")
    sink.started()
    sink.turn(TURN)
    sink.partial("hel", 1.0)
    sink.event("tool", 3.0, {"name": "orders.find", "ok": True, "ms": 20})
    sink.event("tool", 4.0, {"name": "orders.find", "ok": False, "ms": 1500, "error": "down"})
    sink.event("emotion", 5.0, {"label": "anger", "level": 0.8})
    sink.event("no_input", 6.0, {})
    sink.ended(outcome)
    assert await events.pool.settled(2.0)
    wanted = [
        ("call_started", "c1"),
        ("turn", TURN),
        ("tool_failed", ToolFailure("orders.find", 1.5, "down")),
        ("emotion_detected", Emotion("anger", 0.8, 5.0)),
        ("escalation_requested", Escalation("caller_request", "support")),
        ("call_ended", outcome),
    ]
    assert sorted(map(repr, seen)) == sorted(map(repr, wanted))
    assert records.kept == ["hello", "hel…", "tool", "tool", "emotion", "no_input"]


async def test_an_escalation_is_told_once_and_a_goodbye_is_none() -> None:
    events, seen = AgentEvents("orders"), list[Escalation]()
    events.on("escalation_requested")(lambda call, escalation: seen.append(escalation))
    sink = observed(events)
    sink.event("escalation", 1.0, {"reason": "anger", "queue": "care"})
    sink.ended(Outcome("handover", "anger", "care"))
    observed(events).ended(Outcome("goodbye", "done"))
    assert await events.pool.settled(2.0)
    assert seen == [Escalation("anger", "care")]


async def test_handlers_may_be_async_and_may_leave_the_data_out() -> None:
    events, seen = AgentEvents("orders"), list[str]()

    @events.on("turn")
    async def asynchronous(call: Call, turn: Turn) -> None:
        await asyncio.sleep(0)
        seen.append(turn.text)

    @events.on("turn")
    def short(call: Call) -> None:
        seen.append(call.id)

    observed(events).turn(TURN)
    assert await events.pool.settled(2.0)
    assert sorted(seen) == ["c1", "hello"]


def test_an_unknown_event_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="no event 'turns'; did you mean 'turn'"):
        AgentEvents("orders").on("turns")


def test_a_handler_with_other_parameters_is_refused_by_name() -> None:
    def log(call: Call, turn: Turn, file: str) -> None: ...

    with pytest.raises(TypeError, match="log is called with"):
        AgentEvents("orders").on("turn")(log)
    with pytest.raises(TypeError, match=r"write it as def <lambda>\(call\)"):
        AgentEvents("orders").on("call_started")(lambda: None)


@pytest.mark.parametrize("broken", [ZeroDivisionError("secret words"), SystemExit(3), KeyboardInterrupt()])
@pytest.mark.parametrize("asynchronous", [True, False])
async def test_a_handler_that_raises_is_named_in_the_log_without_its_words(
    caplog: pytest.LogCaptureFixture, broken: BaseException, asynchronous: bool
) -> None:
    events, seen = AgentEvents("orders"), list[str]()

    def fails(call: Call) -> None:
        raise broken

    async def fails_async(call: Call) -> None:
        raise broken

    events.on("turn")(fails_async if asynchronous else fails)
    events.on("call_ended")(lambda call: seen.append("ended"))
    caplog.set_level("WARNING")
    sink = observed(events)
    sink.turn(TURN)
    sink.ended(Outcome("goodbye"))
    assert await events.pool.settled(2.0)
    assert seen == ["ended"]
    (record,) = [record for record in caplog.records if record.message == "handler_failed"]
    assert record.__dict__["handler"].startswith("orders.fails")
    assert record.__dict__["call_id"] == "c1"
    assert "secret words" not in caplog.text


@pytest.mark.parametrize("asynchronous", [True, False])
async def test_a_handler_without_end_is_given_up_and_others_go_on(caplog: pytest.LogCaptureFixture, asynchronous: bool) -> None:
    events, seen, free = AgentEvents("orders", HandlerPool(limit_s=0.05)), list[str](), threading.Event()

    async def hangs_async(call: Call) -> None:
        await asyncio.Event().wait()

    events.on("turn")(hangs_async if asynchronous else lambda call: free.wait(30))
    events.on("turn")(lambda call: seen.append("other"))
    observed(events).turn(TURN)
    assert await events.pool.settled(5.0)
    free.set()
    assert seen == ["other"]
    assert "handler_too_slow" in caplog.text


async def test_a_handler_that_blocks_its_loop_leaves_the_call_alone_and_the_rest_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    events, free, entered = AgentEvents("orders", HandlerPool(waiting=3, limit_s=0.05)), threading.Event(), threading.Event()

    @events.on("turn")
    async def blocks(call: Call) -> None:
        entered.set()
        free.wait(30)  # the mistake of a developer: no await

    sink = observed(events)
    sink.turn(TURN)
    assert await asyncio.to_thread(entered.wait, 5)
    for _ in range(5):
        sink.turn(TURN)
    free.set()
    assert await events.pool.settled(5.0)
    dropped = [record for record in caplog.records if record.message == "handler_dropped"]
    assert len(dropped) == 3


async def test_handlers_start_in_order() -> None:
    events, seen = AgentEvents("orders"), list[int]()

    @events.on("turn")
    async def note(call: Call, turn: Turn) -> None:
        seen.append(turn.number)

    sink = observed(events)
    for number in range(100):
        sink.turn(Turn(number, "agent", "x", "x", time.monotonic(), time.monotonic()))
    assert await events.pool.settled(5.0)
    assert seen == list(range(100))
