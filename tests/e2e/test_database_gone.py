"""PostgreSQL goes away in the middle of conversations: they go on, and afterwards every record is there, once and in order."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Coroutine
from typing import Any

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest
from psycopg.rows import dict_row

from ari_app.caller.report import CallReport
from ari_app.caller.script import Hangup, Key, Say, Step, Wait
from tests.e2e.crowd import until
from tests.e2e.figures import tell
from tests.e2e.instance import Instance
from tests.e2e.people import agent_words, settled, talk, trunk, was_heard

HOURS: list[Step] = [Say("What are your opening hours?"), Say("no thank you, goodbye"), Wait(5), Hangup()]
ORDER: list[Step] = [Say("What is the status of my order?"), Key("10482"), Key("1"), Wait(6), Hangup(wait=False)]


def postmaster(instance: Instance) -> psutil.Process:
    return psutil.Process(instance.pid("postgres"))


async def killed_again_and_again(instance: Instance, seconds: float) -> None:
    """SIGKILL to every server that the supervisor starts."""
    pid_file = instance.data / "postgres" / "cluster" / "postmaster.pid"
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        with contextlib.suppress(OSError, ValueError, IndexError, psutil.NoSuchProcess):
            process = psutil.Process(int(pid_file.read_text().splitlines()[0]))
            if process.name() == "postgres":
                process.kill()
        await asyncio.sleep(0.1)


async def stopped(instance: Instance, seconds: float) -> None:
    """The server and everything it has started hang; connections stay open and nobody answers."""
    server = postmaster(instance)
    server.suspend()  # first: it must start nothing new
    processes = [server, *server.children()]
    for process in processes[1:]:
        process.suspend()
    try:
        await asyncio.sleep(seconds)
    finally:
        for process in reversed(processes):
            os.kill(process.pid, signal.SIGCONT)


def rows(instance: Instance, query: str, *parameters: object) -> list[dict[str, Any]]:
    url = json.loads((instance.data / "run" / "mind.json").read_text())["database_url"]
    with psycopg.connect(url, row_factory=dict_row, connect_timeout=3) as connection:
        return connection.execute(query.encode(), parameters).fetchall()


def told_events(instance: Instance, call_id: str) -> list[str]:
    """Kinds of the events of call control in the order in which the mind's log tells of them."""
    lines = (json.loads(line) for line in (instance.data / "logs" / "mind.log").read_text().splitlines() if line.startswith("{"))
    return [
        line["event"].removeprefix("call_") for line in lines if line["logger"] == "ari_app.calls.record" and line.get("call_id") == call_id
    ]


def without_end(instance: Instance) -> list[dict[str, Any]]:
    return rows(instance, "SELECT id, caller, channel FROM calls WHERE ended_at IS NULL")


def check_records(instance: Instance, caller: str) -> dict[str, Any]:
    """The one call of ``caller``, complete, in order, nothing twice."""
    calls = rows(instance, "SELECT * FROM calls WHERE caller = %s", caller)
    assert len(calls) == 1
    call = calls[0]
    assert call["started_at"] is not None
    assert call["ended_at"] is not None
    turns = rows(instance, "SELECT * FROM turns WHERE call_id = %s ORDER BY seq", call["id"])
    numbers = [turn["number"] for turn in turns]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "a turn is missing, doubled, or out of order"
    assert turns[0]["who"] == "agent"
    events = rows(instance, "SELECT * FROM events WHERE call_id = %s ORDER BY seq", call["id"])
    told = told_events(instance, call["id"])
    assert told
    assert [event["kind"] for event in events if event["kind"] in set(told)] == told
    assert sorted(event["at_ms"] for event in events) == [event["at_ms"] for event in events]
    return call


@pytest.mark.parametrize(("outage", "seconds"), [(killed_again_and_again, 8.0), (stopped, 20.0)])
async def test_conversations_go_on_and_every_record_arrives(
    sturdy: Instance,
    outage: Callable[[Instance, float], Coroutine[Any, Any, None]],
    seconds: float,
    record_property: Callable[[str, object], None],
) -> None:
    first, second = ("5550410", "5550411") if outage is stopped else ("5550420", "5550421")

    async def call(caller: str, script: list[Step]) -> CallReport:
        return await talk(sturdy, "100", script, target=trunk(sturdy, caller))

    hours = asyncio.create_task(call(first, HOURS))
    order = asyncio.create_task(call(second, ORDER))
    await until(lambda: sturdy.status()["counts"]["conversations"] == 2, 10, "both are with the agent")
    await asyncio.sleep(1.0)
    began = time.monotonic()
    gone = asyncio.create_task(outage(sturdy, seconds))
    await until(lambda: sturdy.status()["records_pending"] > 0, 5, "records wait")
    about_hours, about_order = await asyncio.gather(hours, order)

    assert about_hours.answered
    assert about_hours.problem is None
    assert about_hours.end_reason == "remote_hangup", "the agent says goodbye as ever"
    assert was_heard(about_hours, "Our hours are Monday to Friday from nine to five thirty"), agent_words(about_hours)
    assert about_order.problem is None
    ways_on = ("Your order, a brass desk lamp, is on its way", "I'm sorry, I cannot look up orders right now")
    assert any(was_heard(about_order, way) for way in ways_on), f"neither the order nor a way on: {agent_words(about_order)}"
    assert max(report.longest_silence_ms or 0 for report in (about_hours, about_order)) <= 3000

    await gone
    back_s = await until(lambda: not sturdy.status()["records_pending"] and sturdy.status()["database"] == "up", 20, "all is written")
    tell(
        record_property,
        f"database_{outage.__name__}",
        down_s=round(time.monotonic() - began - back_s, 1),
        written_after_s=round(back_s, 2),
        longest_silence_ms=[about_hours.longest_silence_ms, about_order.longest_silence_ms],
        order_words=agent_words(about_order)[-120:],
    )
    await settled(sturdy)
    await until(lambda: not sturdy.status()["records_pending"], 5, "all is written")
    assert check_records(sturdy, first)["outcome"] == "goodbye"
    check_records(sturdy, second)
