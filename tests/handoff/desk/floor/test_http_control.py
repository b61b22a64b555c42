"""HttpCallControl against the mind's real control page."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web

from handoff.desk.control import CallControl, Change, FloorState, HttpCallControl
from handoff.desk.floor.actions import ControlAway, NoSuchCall, NotPossible, NotUnderstood
from handoff.desk.floor.live_calls import BadLine
from tests.handoff.desk.floor.control_rig import TOKEN, ControlRig


@pytest.fixture
async def mind() -> AsyncIterator[ControlRig]:
    async with ControlRig() as rig:
        yield rig


@contextlib.asynccontextmanager
async def desk_of(mind: ControlRig, token: str = TOKEN) -> AsyncIterator[tuple[HttpCallControl, list[Change]]]:
    desk = HttpCallControl(mind.url, token)
    changes: list[Change] = []
    desk.watch(changes.append)
    reading = asyncio.create_task(desk.run())
    try:
        yield desk, changes
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await desk.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def test_the_mirror_follows_the_mind(mind: ControlRig) -> None:
    mind.feed.publish("state", "c1", {"state": "talking"})
    async with desk_of(mind) as (desk, changes):
        await until(lambda: desk.state.connected)
        mind.feed.publish("turn", "c1", {"number": 1, "who": "agent", "text": "Hello", "latency_ms": {"gap": 512.0}})
        mind.feed.publish("state", "c2", {"state": "arriving"})
        mind.feed.publish("ended", "c1", {"outcome": "goodbye"})
        await until(lambda: len(changes) == 4)
        assert desk.state.live.whole() == mind.feed.live.whole()
        assert [(change.kind, change.call_id) for change in changes] == [("snapshot", ""), ("turn", "c1"), ("state", "c2"), ("ended", "c1")]


async def test_it_comes_back_to_a_mind_that_died_and_knows_only_what_that_knows(mind: ControlRig) -> None:
    mind.feed.publish("state", "c1", {"state": "talking"})
    async with desk_of(mind) as (desk, changes):
        await until(lambda: desk.state.connected)
        await mind.stop()
        await until(lambda: not desk.state.connected)
        assert list(desk.state.live.calls) == ["c1"]
        assert changes[-1].kind == "lost"
        await mind.start()
        mind.feed.publish("state", "c2", {"state": "talking"})
        await until(lambda: desk.state.connected and list(desk.state.live.calls) == ["c2"])


async def test_calls_beyond_a_chunk_and_words_of_any_script(mind: ControlRig) -> None:
    for number in range(300):
        mind.feed.publish("state", f"c{number}", {"caller": "+441134960000", "question": "Größe? 何時ですか " * 20})
    async with desk_of(mind) as (desk, _):
        await until(lambda: desk.state.connected)
        assert desk.state.live.whole() == mind.feed.live.whole()


async def test_a_watcher_may_leave(mind: ControlRig) -> None:
    async with desk_of(mind) as (desk, changes):
        await until(lambda: desk.state.connected)
        heard: list[Change] = []
        leave = desk.watch(heard.append)
        mind.feed.publish("state", "c1", {})
        await until(lambda: len(heard) == 1)
        leave()
        mind.feed.publish("state", "c1", {"node": "x"})
        await until(lambda: len(changes) == 3)
        assert len(heard) == 1


async def test_every_action_arrives(mind: ControlRig) -> None:
    async with desk_of(mind) as (desk, _):
        assert await desk.say("c1", "One moment.", by="Sup") == "say done"
        assert await desk.instruct("c1", "Offer a refund.", by="Sup") == "instruct done"
        assert await desk.transfer("c1", queue="billing", by="Sup") == "transfer done"
        assert await desk.transfer("c1", phone="2001", by="Sup") == "transfer done"
        for action in (desk.pause_recording, desk.resume_recording, desk.end):
            await action("c1", by="Sup")
        for enter in (desk.listen, desk.whisper, desk.barge, desk.take_over):
            await enter("c1", "2001", by="Sup")
    assert [(action, values) for action, _, values, _ in mind.control.done] == [
        ("say", {"text": "One moment."}),
        ("instruct", {"text": "Offer a refund."}),
        ("transfer", {"queue": "billing"}),
        ("transfer", {"phone": "2001"}),
        ("pause_recording", {}),
        ("resume_recording", {}),
        ("end", {}),
        *((mode, {"phone": "2001"}) for mode in ("listen", "whisper", "barge", "take_over")),
    ]
    assert {(call, by) for _, call, _, by in mind.control.done} == {("c1", "Sup")}


async def test_refusals_keep_their_meaning(mind: ControlRig) -> None:
    mind.control.refusals["whisper"] = "There is no member yet: use steer."
    async with desk_of(mind) as (desk, _):
        with pytest.raises(NoSuchCall):
            await desk.end("gone", by="Sup")
        with pytest.raises(NotPossible, match="no member yet"):
            await desk.whisper("c1", "2001", by="Sup")
        with pytest.raises(NotUnderstood, match="queue"):
            await desk.transfer("c1", queue="a,b", by="Sup")
        mind.control.away = "The worker is still starting."
        with pytest.raises(ControlAway, match="still starting"):
            await desk.end("c1", by="Sup")


@pytest.mark.parametrize("call_id", ["", "../feed", "c1/end?x=", "c1#", "c 1", "a" * 65])
async def test_what_is_no_id_goes_nowhere(mind: ControlRig, call_id: str) -> None:
    async with desk_of(mind) as (desk, _):
        with pytest.raises(NoSuchCall):
            await desk.end(call_id, by="Sup")


async def test_a_mind_that_is_away(mind: ControlRig) -> None:
    await mind.stop()
    async with desk_of(mind) as (desk, _):
        with pytest.raises(ControlAway, match="Calls go on"):
            await desk.end("c1", by="Sup")


async def test_a_wrong_token(mind: ControlRig) -> None:
    async with desk_of(mind, "x" * 43) as (desk, changes):
        with pytest.raises(ControlAway, match="restart"):
            await desk.end("c1", by="Sup")
        await until(lambda: len(changes) > 1)
        assert not desk.state.connected
        assert mind.control.done == []


async def test_something_else_at_that_port(mind: ControlRig) -> None:
    async def other(_: web.Request) -> web.Response:
        return web.Response(text="<h1>It works!</h1>\n")

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", other)
    port = mind.port
    await mind.stop()
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        async with desk_of(mind) as (desk, changes):
            await until(lambda: len(changes) > 1)
            assert {change.kind for change in changes} == {"lost"}
            assert not desk.state.connected
    finally:
        await runner.cleanup()


def accepts(control: CallControl) -> CallControl:
    return control


def test_it_is_what_the_desk_asks_for() -> None:
    assert accepts(HttpCallControl("http://127.0.0.1:1", TOKEN)).state.connected is False


SNAPSHOT = {"seq": 4, "kind": "snapshot", "at": 1.0, "calls": [{"id": "c1"}]}
PARTIAL = {"seq": 5, "kind": "partial", "at": 2.0, "call_id": "c1", "data": {"text": "hi"}}


def fed(*lines: object) -> FloorState:
    state = FloorState()
    for line in lines:
        state.apply(json.dumps(line).encode())
    return state


def test_a_line_missed_is_noticed() -> None:
    state = fed(SNAPSHOT, PARTIAL)
    with pytest.raises(BadLine, match="line 7 after line 5"):
        state.apply(json.dumps(PARTIAL | {"seq": 7}).encode())


def test_nothing_before_the_snapshot() -> None:
    with pytest.raises(BadLine):
        fed(PARTIAL | {"seq": 0})


def test_a_beat_shows_that_no_line_is_missing() -> None:
    assert fed(SNAPSHOT, PARTIAL, {"seq": 5, "kind": "beat", "at": 3.0}).connected
    with pytest.raises(BadLine):
        fed(SNAPSHOT, PARTIAL, {"seq": 6, "kind": "beat", "at": 3.0})


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[]", b"7", b'{"kind":"snapshot","seq":1,"at":1}', b"\xff", b'{"kind":"turn","seq":null,"at":1}']
)
def test_lines_that_are_none(line: bytes) -> None:
    with pytest.raises(BadLine):
        FloorState().apply(line)
