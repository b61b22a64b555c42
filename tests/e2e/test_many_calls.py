"""Many short calls with hang-ups at random moments: while it rings, at the answer, in the greeting, in speech, in the queue."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable

import psutil  # type: ignore[import-untyped]

from ari_app.caller.calling import dialled, telephone
from ari_app.caller.echo_delay import unique_noise
from ari_app.caller.outcome import CallFailed
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.user_agent import UserAgent
from tests.e2e.figures import tell
from tests.e2e.instance import Instance
from tests.e2e.people import settled, trunk

CALLS = 60
PER_SECOND = 5
GROWTH_MB = 20.0
"""Of mind and media together, for the 300 calls of ``patchcord bench load``; these are fewer."""


def resident_mb(instance: Instance) -> float:
    return sum(float(psutil.Process(instance.pid(name)).memory_info().rss) for name in ("mind", "media")) / 1e6


async def one(agent: UserAgent, threads: RtpThreads, number: str, moment: str, chance: random.Random) -> str:
    async with dialled(agent, threads, number) as line:
        try:
            if moment == "ringing":
                await asyncio.sleep(chance.uniform(0.0, 0.03))
                return moment
            await asyncio.wait_for(line.leg.answered(), 10)
        except CallFailed as error:
            return f"{type(error).__name__} {error.status}"
        except TimeoutError:
            return "not answered"
        if moment == "speech":
            line.session.play(unique_noise(3.0, -25))
        seconds = {"answer": 0.0, "greeting": chance.uniform(0.2, 2.5), "speech": chance.uniform(0.2, 3.0), "full": 3.0}[moment]
        await asyncio.sleep(seconds)
        return moment if not line.leg.ended.is_set() else "ended by the other side"


async def load(instance: Instance, calls: int, chance: random.Random) -> Counter[str]:
    async with telephone(trunk(instance)) as (agent, threads):
        tasks = []
        began = time.monotonic()
        for index in range(calls):
            await asyncio.sleep(max(0.0, began + index / PER_SECOND - time.monotonic()))
            number = chance.choice(["100", "100", "101", "200"])
            moment = chance.choice(["ringing", "answer", "greeting", "speech", "full"])
            tasks.append(asyncio.create_task(one(agent, threads, number, moment, chance)))
        return Counter(await asyncio.gather(*tasks))


async def test_nothing_is_left_behind(sturdy: Instance, record_property: Callable[[str, object], None]) -> None:
    chance = random.Random(20)
    await asyncio.to_thread(sturdy.settle_in)  # another test may have had it start anew
    await load(sturdy, 10, chance)  # what is made once is there from here on
    await settled(sturdy)
    before = resident_mb(sturdy)
    outcomes = await load(sturdy, CALLS, chance)
    await settled(sturdy)
    growth = resident_mb(sturdy) - before
    tell(record_property, "many_calls", growth_mb=round(growth, 1), **{f"hung_up_at_{moment}": count for moment, count in outcomes.items()})
    assert set(outcomes) <= {"ringing", "answer", "greeting", "speech", "full"}, outcomes
    assert growth < GROWTH_MB
