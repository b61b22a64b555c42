"""A process of the worker is killed with five callers on the line: nobody is lost, and the service is back at once."""

import asyncio
import contextlib
import time
from collections.abc import Callable

import psutil  # type: ignore[import-untyped]
import pytest

from tests.e2e.crowd import NotTheAgent, answered_calls, audible_share, audible_since, greeted, queue_watch, until
from tests.e2e.figures import spread, tell
from tests.e2e.instance import Instance
from tests.e2e.people import settled, voice_of
from tests.e2e.test_database_gone import without_end

RESCUE_S = 8.0
BACK_S = 5.0


@pytest.mark.parametrize("process", ["mind", "media"])
async def test_every_caller_is_taken_to_the_queue_and_new_calls_are_answered(
    sturdy: Instance, process: str, record_property: Callable[[str, object], None]
) -> None:
    if process == "mind":
        await until(sturdy.spare_stands_by, 60, "a spare of the mind process is loaded")
    async with queue_watch(sturdy) as queue, voice_of(sturdy) as voice:
        question = (await voice.synthesize("What are your opening hours?"))[::2]
        async with answered_calls(sturdy, ["100", "100", "101", "101", "101"]) as lines:
            talking = lines["5550200"]
            await until(lambda: audible_since(talking.session.log.received, talking.invite_ns), 3, "the agent greets")
            await talking.say(question)
            await asyncio.sleep(0.3)

            helpers = psutil.Process(sturdy.pid(process)).children(recursive=True)
            sturdy.kill(process)
            killed = time.monotonic()
            back = asyncio.create_task(_back(sturdy))
            await queue.all_entered(set(lines), RESCUE_S)
            await asyncio.sleep(1.5)  # to hear the music
            rescued = [queue.entered[caller] - killed for caller in lines]
            for caller, line in lines.items():
                assert not line.leg.ended.is_set(), f"caller {caller} was lost"
                entered_ns = round(queue.entered[caller] * 1e9)
                assert audible_share(line.session.log.received, entered_ns + 300_000_000) > 0.5, f"caller {caller} waits in silence"
            heard = [audible_since(line.session.log.received, round(killed * 1e9)) for line in lines.values()]
            back_s, tries = await back
            tell(
                record_property,
                f"{process}_killed",
                queue=spread(rescued),
                sound=spread([at / 1e9 - killed for at in heard if at is not None]),
                back_s=round(back_s, 2),
                tries=tries,
            )
            assert back_s < BACK_S
    await settled(sturdy)
    await until(lambda: not without_end(sturdy), 15, "every call has an end in the records")
    assert sturdy.status()["records_pending"] == 0
    assert not [helper for helper in helpers if helper.is_running()], "what the killed process had started still runs"


async def _back(instance: Instance) -> tuple[float, int]:
    """Seconds until a new call is greeted by the agent, and how many were placed for that; those before are rightly sent to the queue."""
    began = time.monotonic()
    tries = 1
    while True:
        with contextlib.suppress(NotTheAgent):
            await greeted(instance)
            return time.monotonic() - began, tries
        assert time.monotonic() - began < BACK_S, f"no call with the agent within {BACK_S} s: {tries} tries"
        tries += 1
