"""Session timers, calls that are given up at any moment, and calls out: 183 without an answer, and who may place them."""

import asyncio

import pytest

from ari_app.caller import sdp
from ari_app.caller.incoming import IncomingCall
from ari_app.caller.leg import MediaOffer
from ari_app.caller.outcome import CallFailed
from ari_app.caller.rtp_session import RtpSession
from ari_app.caller.user_agent import UserAgent

from .misbehaving import ask, tone
from .rig import NUMBER, OUT, PLAIN, TIMERS, Rig, echoed

pytestmark = pytest.mark.asyncio(loop_scope="session")
_CALLED = "+442079461234"


async def test_a_session_interval_too_small_is_422(lines: Rig) -> None:
    async with lines.caller(TIMERS) as agent, lines.line(agent, "100", Supported="timer", Session_Expires="30") as (leg, _):
        with pytest.raises(CallFailed) as refused:
            await leg.answered()
    assert refused.value.status == 422
    await lines.ours.nobody_left()


async def test_session_timers_that_a_carrier_asks_for(lines: Rig) -> None:
    async with lines.caller(PLAIN) as agent, lines.line(agent, "100", Supported="timer", Session_Expires="1800;refresher=uac") as (leg, _):
        await leg.answered()
        assert leg.answer is not None
        assert leg.answer.headers.require("Session-Expires").replace(" ", "").startswith("1800;refresher=uac")
        answer = await ask(leg, "UPDATE", Supported="timer", Session_Expires="1800;refresher=uac")
        assert answer.status == 200 and answer.headers.require("Session-Expires").startswith("1800")
    await lines.ours.nobody_left()


async def test_sessions_are_refreshed_by_us_and_end_when_the_carrier_forgets(lines: Rig) -> None:
    """The least interval of RFC 4028 is 90 s: half of it until a refresh, two thirds until a session is given up."""
    async with (
        lines.caller(TIMERS) as agent,
        lines.line(agent, "100", Supported="timer", Session_Expires="90;refresher=uas") as (kept, session),
        lines.line(agent, "100", Supported="timer", Session_Expires="90;refresher=uac") as (forgotten, _),
    ):
        await kept.answered()
        await forgotten.answered()
        await asyncio.wait_for(forgotten.ended.wait(), 100)
        assert forgotten.end_reason == "remote_hangup"
        refreshes = [request.method for request in kept.requests if request.headers.get("Session-Expires")]
        assert refreshes and set(refreshes) <= {"INVITE", "UPDATE"}
        assert not kept.ended.is_set()
        await echoed(session, after=len(session.log.audio_received()))
    await lines.ours.nobody_left()


_MOMENTS = (0.0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.28, 0.3, 0.31, 0.33, 0.4, 0.6)
"""Seconds after the INVITE; number 103 rings and is answered after 0.3 s."""


@pytest.mark.parametrize("after_s", _MOMENTS)
async def test_cancel_at_every_moment(lines: Rig, after_s: float) -> None:
    async with lines.caller(PLAIN) as agent, lines.line(agent, "103") as (leg, _):
        await asyncio.sleep(after_s)
        await asyncio.wait_for(leg.hangup(), 8)
        assert leg.statuses[-1] in (200, 487), leg.statuses
        if leg.statuses[-1] == 200:
            assert after_s > 0.1
    await lines.ours.nobody_left()


async def test_a_burst_of_cancelled_calls_leaves_nobody(lines: Rig) -> None:
    async with lines.caller(PLAIN) as agent:

        async def give_up(after_s: float) -> None:
            async with lines.line(agent, "103") as (leg, _):
                await asyncio.sleep(after_s)
                await leg.hangup()

        await asyncio.wait_for(asyncio.gather(*(give_up(0.04 * place) for place in range(10))), 20)
    await lines.ours.nobody_left()


async def _called(agent: UserAgent) -> IncomingCall:
    return await asyncio.wait_for(agent.incoming.get(), 10)


def _media(session: RtpSession) -> MediaOffer:
    return MediaOffer(session.host, session.port)


async def test_183_without_an_answer(lines: Rig) -> None:
    async with lines.caller(OUT, port=lines.out_port) as agent:
        await lines.ours.rx(f"channel originate Local/{_CALLED}@patchcord-outbound-out/n application Echo")
        call = await _called(agent)
        session = RtpSession(lines.threads, OUT)

        def start(remote: sdp.RemoteAudio) -> None:
            session.start((remote.host, remote.port), remote.select(("alaw", "ulaw")), remote.event_type)

        call.early_media(_media(session), start)
        session.play(tone(1.0))
        await asyncio.sleep(1.0)
        assert "Local" in await lines.ours.rx("core show channels concise")
        assert not call.cancelled.is_set()
        await lines.ours.rx("channel request hangup all")
        await asyncio.wait_for(call.cancelled.wait(), 5)
        await agent.release(call)
        session.close()
    await lines.ours.nobody_left()


async def test_a_call_out_shows_our_number_and_carries_audio(lines: Rig) -> None:
    async with lines.caller(OUT, port=lines.out_port) as agent:
        await lines.ours.rx(f"channel originate Local/{_CALLED}@patchcord-outbound-out/n application Echo")
        call = await _called(agent)
        session = RtpSession(lines.threads, OUT)

        def start(remote: sdp.RemoteAudio) -> None:
            session.start((remote.host, remote.port), remote.select(("alaw", "ulaw")), remote.event_type)

        assert call.request.uri.startswith(f"sip:{_CALLED}@{OUT}")
        assert NUMBER in call.headers.require("From") and NUMBER in call.headers.require("P-Asserted-Identity")
        call.ring()
        call.answer(_media(session), start)
        session.play(tone(2.0))
        await echoed(session)
        await agent.release(call)
        session.close()
    await lines.ours.nobody_left()


@pytest.mark.parametrize("number", ["+15550100", "00442079461234", "+4420794612345", "999"])
async def test_only_allowed_numbers_are_dialled_out(lines: Rig, number: str) -> None:
    async with lines.caller(OUT, port=lines.out_port) as agent:
        await lines.ours.rx(f"channel originate Local/{number}@patchcord-outbound-out/n application Echo")
        await asyncio.sleep(0.5)
        assert agent.incoming.empty()
    await lines.ours.nobody_left()


async def test_a_caller_cannot_reach_the_way_out(lines: Rig) -> None:
    async with lines.caller(OUT, port=lines.out_port) as agent, lines.line(agent, _CALLED) as (leg, _):
        with pytest.raises(CallFailed) as refused:
            await leg.answered()
        assert refused.value.status == 404
    await lines.ours.nobody_left()
