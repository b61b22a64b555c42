"""Telephones and networks that send bad audio, and a good call beside them that must not notice."""

import asyncio
import random
import socket
import time
from collections.abc import Sequence

from ari_app.caller.calling import Line, Manner
from ari_app.caller.machine_stalls import StallWatch
from ari_app.caller.report import CallReport
from ari_app.caller.rtp_session import Misbehaviour
from ari_app.caller.script import Hangup, Key, Say, Step, Wait
from ari_app.media.rtp import Packet, build
from tests.e2e.evenness import undisturbed
from tests.e2e.instance import Instance
from tests.e2e.people import settled
from tests.e2e.side_by_side import callers, histories, said

ORDER: tuple[Step, ...] = (
    *(Wait(1.2), Say("Where is my order?", wait=False)),
    *(Wait(2.2), Key("23571", wait=False)),
    *(Wait(2.0), Key("1", wait=False)),
    *(Wait(6.0), Hangup(wait=False)),
)
BAD = {
    "5550401": Misbehaviour(packet_ms=30),
    "5550402": Misbehaviour(change_ssrc_after_s=4.0),
    "5550403": Misbehaviour(loss=0.05, reorder=0.05, seed=3),
    "5550404": Misbehaviour(garbage=0.3, seed=4),
    "5550405": Misbehaviour(silence_suppression=True),
}
GOOD = "5550400"


async def test_a_conversation_survives_bad_packets_and_its_neighbour_does_not_notice(instance: Instance) -> None:
    async with callers(instance) as people:
        with StallWatch() as watch:
            manners = {caller: Manner(misbehaviour=how) for caller, how in BAD.items()}
            others = asyncio.gather(*(people.call("100", ORDER, caller_id=caller, manner=manner) for caller, manner in manners.items()))
            good, bad = await asyncio.gather(people.record("100", ORDER, caller_id=GOOD), others)
    await heard_out(instance, bad)
    undisturbed(good, watch.stalls)


async def heard_out(instance: Instance, bad: Sequence[CallReport]) -> None:
    """All of them, the good one too, get what they asked for."""
    for how, report in zip(BAD.values(), bad, strict=True):
        assert report.answered, how
        assert report.problem is None, (how, report.problem)
        assert report.received is not None
        assert report.received.missing == 0, how
    await settled(instance)
    for caller, call in (await asyncio.to_thread(histories, instance, [GOOD, *BAD])).items():
        assert any("order" in text for text in said(call, "caller")), (caller, BAD.get(caller), call["turns"])
        assert [turn["text"] for turn in call["turns"] if turn["via"] == "keypad"] == ["23571", "1"], (caller, BAD.get(caller))
        assert any("your order" in text and "2, 3, 5, 7, 1" not in text for text in said(call, "agent")), (caller, call["turns"])


async def test_packets_of_a_stranger_neither_speak_for_the_caller_nor_stop_the_agent(instance: Instance) -> None:
    """Somebody who is not in the call sends noise and loud, well-formed RTP to its ports."""
    async with callers(instance) as people, people.line("100", caller_id="5550410") as line:
        await line.leg.answered()
        await asyncio.sleep(0.5)  # the ports have seen the true sender by now
        await asyncio.to_thread(pester, line)
        await asyncio.sleep(2.5)
    await settled(instance)
    call = histories(instance, ["5550410"])["5550410"]
    assert said(call, "caller") == []
    greeting = call["turns"][0]
    assert not greeting["interrupted"], greeting
    assert greeting["heard"] == greeting["text"]


def pester(line: Line) -> None:
    """One second of foreign packets, the way a scanner or another call's late packets come."""
    remote = line.leg.remote_audio
    assert remote is not None
    noise = random.Random(8)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        for number in range(50):
            loud = bytes(noise.choice((0x00, 0x80)) for _ in range(160))  # full scale of either sign in mu-law
            sock.sendto(build(Packet(0, number, number * 160, 0xBAD, loud, False)), (remote.host, remote.port))
            sock.sendto(noise.randbytes(noise.randrange(1, 300)), (remote.host, remote.port))
            sock.sendto(noise.randbytes(noise.randrange(1, 300)), (remote.host, remote.port + 1))
            time.sleep(0.02)
