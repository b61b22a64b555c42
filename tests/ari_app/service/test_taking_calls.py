import asyncio

from ari_app.ami.client import AmiClient
from ari_app.service.taking_calls import Standing, TakingCalls, listed
from tests.ari_app.calls.pbx_rig import SECRET, Pbx, pbx, until

__all__ = ["pbx"]


def test_new_calls_go_to_those_that_answer() -> None:
    workers = [Standing("p-1", True, False), Standing("p-2", False, False), Standing("p-3", True, False)]
    assert listed(workers) == "p-1&p-3"


def test_one_that_is_to_go_gets_none() -> None:
    assert listed([Standing("p-1", True, True), Standing("p-2", True, False)]) == "p-2"


def test_while_nobody_answers_those_are_asked_that_may_in_a_moment() -> None:
    assert listed([Standing("p-1", False, False), Standing("p-2", False, True), Standing("p-3", False, False)]) == "p-1&p-3"
    assert listed([Standing("p-1", True, True)]) == ""
    assert listed([]) == ""


async def test_the_dialplan_is_told_again_after_asterisk_began_anew(pbx: Pbx) -> None:
    value = "p-1&p-2"
    ami = AmiClient("127.0.0.1", pbx.ami, "patchcord", SECRET, events="off")
    taking = TakingCalls(ami, lambda: value)
    tasks = [asyncio.create_task(ami.run()), asyncio.create_task(taking.run())]
    try:
        async with pbx.client() as ari:

            async def asterisk_says() -> str:
                return str((await ari._call("GET", "/asterisk/variable", variable="PATCHCORD_WORKERS"))["value"])

            assert await taking.settled(5)
            assert await asterisk_says() == "p-1&p-2"
            value = "p-2"
            assert await taking.settled(5)
            assert await asterisk_says() == "p-2"
            await asyncio.to_thread(pbx.stop)
            await until(lambda: not ami.connected)
            assert not await taking.settled(0.2)
            await asyncio.to_thread(pbx.start)
            await until(lambda: ami.connected, 8)
            assert await taking.settled(5)
            assert await asterisk_says() == "p-2"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
