"""Signalling that is wrong, forbidden or merely unusual, at the port of a whole instance."""

import asyncio
import random
import socket
import time

import pytest

from ari_app.caller import sdp
from ari_app.caller.calling import Manner
from ari_app.caller.machine_stalls import StallWatch
from ari_app.caller.outcome import Unauthorized
from ari_app.caller.rtp_session import RtpSession
from ari_app.caller.script import Hangup, Say, Step, Wait
from ari_app.caller.user_agent import SipTarget, UserAgent
from tests.e2e.evenness import undisturbed
from tests.e2e.instance import Instance
from tests.e2e.people import person, phone, settled, trunk
from tests.e2e.side_by_side import Callers, callers, histories, said
from tests.e2e.signalling import LateOffer, reinvite
from tests.e2e.sip_fuzz import datagrams, stream_garbage


async def test_malformed_sip_harms_nobody(instance: Instance) -> None:
    asterisk = instance.pid("asterisk")
    async with callers(instance) as people:
        with StallWatch() as watch:
            steps: list[Step] = [Wait(1.5), Say("What are your opening hours?", wait=False), Wait(6), Hangup(wait=False)]
            beside = asyncio.create_task(people.record("100", steps, caller_id="5550420"))
            await asyncio.sleep(1.0)
            for source in ("127.0.0.1", "127.0.0.2"):
                await asyncio.to_thread(throw, instance, source, datagrams(random.Random(source), 250))
            await stream_garbage(instance.sip_port, random.Random(5))
            call = await beside
        assert call.report.problem is None
        after = await people.call("101", [Wait(0.3), Hangup(wait=False)], caller_id="5550421")
        assert after.answered
    assert instance.pid("asterisk") == asterisk
    assert instance.ari("/asterisk/ping")["ping"] == "pong"
    await settled(instance)
    assert any("hours" in text for text in said(histories(instance, ["5550420"])["5550420"], "agent"))
    undisturbed(call, watch.stalls)


def throw(instance: Instance, source: str, messages: list[bytes]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((source, 0))
        for message in messages:
            sock.sendto(message, ("127.0.0.1", instance.sip_port))
            time.sleep(0.004)


async def test_what_cannot_be_served_is_refused_with_the_right_status(instance: Instance) -> None:
    account = phone(instance, "1001")
    async with callers(instance) as people:

        async def status(number: str, target: SipTarget | None = None, *, bind: str = "127.0.0.1", manner: Manner | None = None) -> int:
            report = await people.call(number, [], target=target, bind=bind, manner=manner)
            assert not report.answered
            return report.status or 0

        def user(name: str, password: str) -> SipTarget:
            return SipTarget("127.0.0.1", instance.sip_port, name, password)

        g729 = Manner(laws=(), extra_formats=((18, "G729/8000"),))
        no_codec = await asyncio.gather(status("100", manner=g729), status("200", manner=g729), status("100", account, manner=g729))
        assert set(no_codec) == {488}, no_codec
        unknown = await asyncio.gather(status("999"), status("999", account), status("1001"), status("2001"), status("s"))
        assert set(unknown) == {404}, unknown
        forbidden = await asyncio.gather(
            status("100", user("1001", "wrong")),
            status("2001", user("1001", "")),
            status("100", user("nobody", "secret"), bind="127.0.0.2"),
            status("100", trunk(instance), bind="127.0.0.2"),
            status("200", trunk(instance, "anonymous"), bind="127.0.0.2"),
        )
        assert set(forbidden) <= {401, 403}, forbidden
    for wrong in (user("1001", "wrong"), user("nobody", "secret")):
        async with await UserAgent.open(wrong, bind="127.0.0.2") as agent:
            with pytest.raises(Unauthorized):
                await agent.register()
    assert not any(instance.holdings().values())


async def test_callers_who_change_their_mind_leave_nothing_behind(instance: Instance) -> None:
    """CANCEL while a phone rings, CANCEL right behind the INVITE, BYE right behind the ACK."""
    async with callers(instance) as people, person(instance, "2001") as called:
        called.behaviour = type(called.behaviour)(reaction="ignore")
        await asyncio.gather(
            cancelled_while_ringing(people, phone(instance, "1001")),
            *(given_up_after(people, delay, f"55504{30 + index}") for index, delay in enumerate((0.0, 0.0, 0.003, 0.006, 0.01, 0.02))),
            *(hung_up_at_once(people, f"55504{40 + index}") for index in range(4)),
        )
        taken = await called.call(0)
        await asyncio.wait_for(taken.finished.wait(), 3)
        assert not taken.answered
    await settled(instance)


async def cancelled_while_ringing(people: Callers, target: SipTarget) -> None:
    async with await UserAgent.open(target) as agent:
        report = await people.call("2001", [], target=target, manner=Manner(answer_timeout_s=1.0))
        assert not report.answered
        assert report.ringing_ms is not None
        assert not agent.malformed


async def given_up_after(people: Callers, delay_s: float, caller_id: str) -> None:
    async with people.line("100", caller_id=caller_id) as line:
        await asyncio.sleep(delay_s)
        await asyncio.wait_for(line.leg.hangup(), 5)


async def hung_up_at_once(people: Callers, caller_id: str) -> None:
    async with people.line("100", caller_id=caller_id) as line:
        await line.leg.answered()
        await line.leg.hangup()


async def test_an_offer_that_comes_late_is_a_call_like_any_other(instance: Instance) -> None:
    async with callers(instance) as people:
        call, session = LateOffer(instance, "5550450"), RtpSession(people.threads)
        response = await call.dial("100")
        assert response.status == 200
        offer = sdp.parse(response.body)
        assert set(offer.codecs) == {"ulaw", "alaw"}
        call.answer(session)
        session.start((offer.host, offer.port), "ulaw", offer.event_type)
        await asyncio.sleep(1.5)
        session.press("1")
        await asyncio.sleep(2.0)
        await call.close()
        session.close()
    await settled(instance)
    recorded = histories(instance, ["5550450"])["5550450"]
    assert [turn["text"] for turn in recorded["turns"] if turn["via"] == "keypad"] == ["1"]
    assert all(turn["heard"] for turn in recorded["turns"] if turn["who"] == "agent")


async def test_a_call_put_on_hold_while_the_agent_speaks_goes_on_afterwards(instance: Instance) -> None:
    async with callers(instance) as people:
        await asyncio.gather(hold_and_go_on(people, "5550451", "sendonly"), hold_and_go_on(people, "5550452", "inactive"))
    await settled(instance)
    for call in histories(instance, ["5550451", "5550452"]).values():
        assert said(call, "caller") == ["1", "23571"], "music on hold is not the caller's voice"
        assert call["outcome"] == "caller_left"


async def hold_and_go_on(people: Callers, caller_id: str, direction: sdp.Direction) -> None:
    async with people.line("100", caller_id=caller_id) as line:
        await line.leg.answered()
        await asyncio.sleep(1.0)
        answer = await reinvite(line, direction, 2)
        assert answer.direction in ("recvonly", "inactive")
        await asyncio.sleep(2.0)
        assert (await reinvite(line, "sendrecv", 3)).direction == "sendrecv"
        await asyncio.sleep(0.3)
        before = len(line.session.log.received)
        await asyncio.sleep(0.5)
        assert 20 <= len(line.session.log.received) - before <= 30
        line.session.press("1")
        await asyncio.sleep(2.0)
        line.session.press("23571")
        await asyncio.sleep(2.0)
