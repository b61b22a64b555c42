"""Codecs, keys, hold, early media, comfort noise, and audio from where nobody said."""

import asyncio

import pytest

from ari_app.caller import sdp
from ari_app.caller.leg import MediaOffer
from ari_app.caller.outcome import CallFailed
from ari_app.caller.rtp_session import RtpSession

from .misbehaving import CN, NoisySilence, ask, keys_as_tones, reinvite, tone
from .rig import ALAW, ASSERTED, AUDIO, FEW, INBAND, INFO, NUMBER, PLAIN, Rig, echoed

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def heard(session: RtpSession, kind: int) -> None:
    assert {packet.payload_type for packet in session.log.audio_received()} == {kind}


@pytest.mark.parametrize(("address", "law", "kind"), [(PLAIN, "alaw", 8), (PLAIN, "ulaw", 0), (ALAW, "alaw", 8)])
async def test_one_law_only(lines: Rig, address: str, law: str, kind: int) -> None:
    async with lines.caller(address) as agent:
        session = RtpSession(lines.threads, address)
        offer = MediaOffer(session.host, session.port, (law,))  # type: ignore[arg-type]
        async with lines.line(agent, "100", session, offer) as (leg, _):
            await leg.answered()
            session.play(tone(2.0))
            await echoed(session)
            await heard(session, kind)
    await lines.ours.nobody_left()


async def test_no_common_codec_is_488(lines: Rig) -> None:
    async with lines.caller(ALAW) as agent:
        session = RtpSession(lines.threads, ALAW)
        async with lines.line(agent, "100", session, MediaOffer(session.host, session.port, ("ulaw",))) as (leg, _):
            with pytest.raises(CallFailed) as refused:
                await leg.answered()
    assert refused.value.status == 488
    await lines.ours.nobody_left()


async def test_keys_by_rfc4733(lines: Rig) -> None:
    await lines.ours.forget("KEYS")
    async with lines.caller(PLAIN) as agent, lines.line(agent, "101") as (leg, session):
        await leg.answered()
        await asyncio.sleep(0.3)
        session.press("12*9")
        assert await lines.ours.value("KEYS") == "12*9."
    await lines.ours.nobody_left()


@pytest.mark.parametrize("address", [INBAND, PLAIN], ids=["inband", "auto"])
async def test_keys_as_tones(lines: Rig, address: str) -> None:
    await lines.ours.forget("KEYS")
    async with lines.caller(address) as agent:
        session = RtpSession(lines.threads, address)
        async with lines.line(agent, "101", session, MediaOffer(session.host, session.port, events=False)) as (leg, _):
            await leg.answered()
            await asyncio.sleep(0.3)
            session.play(keys_as_tones("12*9"))
            assert await lines.ours.value("KEYS") == "12*9."
    await lines.ours.nobody_left()


async def test_keys_by_info(lines: Rig) -> None:
    await lines.ours.forget("KEYS")
    async with lines.caller(INFO) as agent, lines.line(agent, "101") as (leg, _):
        await leg.answered()
        await asyncio.sleep(0.3)
        for key in "12*9":
            answer = await ask(leg, "INFO", f"Signal={key}\r\nDuration=160\r\n".encode(), "application/dtmf-relay")
            assert answer.status == 200
        assert await lines.ours.value("KEYS") == "12*9."
    await lines.ours.nobody_left()


@pytest.mark.parametrize(("asked", "answered"), [("sendonly", "recvonly"), ("inactive", "inactive")])
async def test_hold_and_resume(lines: Rig, asked: sdp.Direction, answered: sdp.Direction) -> None:
    async with lines.caller(PLAIN) as agent, lines.line(agent, "100") as (leg, session):
        await leg.answered()
        session.play(tone(1.5))
        await echoed(session)
        assert (await reinvite(leg, session, asked)).direction == answered
        session.muted = True
        await asyncio.sleep(1.5)
        assert not leg.ended.is_set(), "silence on hold is no reason to hang up"
        assert (await reinvite(leg, session, version=3)).direction == "sendrecv"
        session.muted, on_hold = False, len(session.log.audio_received())
        session.play(tone(1.5))
        await echoed(session, after=on_hold)
    await lines.ours.nobody_left()


async def test_audio_moves_by_reinvite(lines: Rig) -> None:
    async with lines.caller(PLAIN) as agent, lines.line(agent, "100") as (leg, session):
        await leg.answered()
        await echoed(session)
        other = RtpSession(lines.threads, PLAIN)
        other.law = session.law
        answer = await reinvite(leg, other)
        session.muted = True
        other.start((answer.host, answer.port), session.law, answer.event_type)
        await echoed(other)
        other.close()
    await lines.ours.nobody_left()


async def test_reinvite_without_an_offer(lines: Rig) -> None:
    async with lines.caller(PLAIN) as agent, lines.line(agent, "100") as (leg, session):
        await leg.answered()
        offered = await reinvite(leg, session, offer=False)
        assert session.law in offered.codecs
        before = len(session.log.audio_received())
        await echoed(session, after=before)
    await lines.ours.nobody_left()


async def test_early_media_of_ours_is_audible(lines: Rig) -> None:
    async with lines.caller(AUDIO) as agent, lines.line(agent, "104") as (leg, session):
        for _ in range(100):
            if len(session.log.audio_received()) > 20:
                break
            await asyncio.sleep(0.05)
        assert 183 in leg.statuses and leg.times.answered is None
        assert len({packet.payload for packet in session.log.audio_received()}) > 5, "a tone, not silence"
    await lines.ours.nobody_left()


async def test_without_early_media_it_rings(lines: Rig) -> None:
    async with lines.caller(PLAIN) as agent, lines.line(agent, "103") as (leg, session):
        await leg.answered()
        assert 180 in leg.statuses and 183 not in leg.statuses
        await echoed(session)
    await lines.ours.nobody_left()


async def test_comfort_noise(lines: Rig) -> None:
    async with lines.caller(PLAIN) as agent:
        session = NoisySilence(lines.threads, PLAIN)
        offer = MediaOffer(session.host, session.port, extra_formats=((CN, "CN/8000"),))
        async with lines.line(agent, "100", session, offer) as (leg, _):
            await leg.answered()
            for _ in range(3):
                before = len(session.log.audio_received())
                session.play(tone(1.5))
                await echoed(session, after=before)
                await asyncio.sleep(0.8)
            assert CN in {packet.payload_type for packet in session.log.sent}
            assert not leg.ended.is_set(), "noise instead of silence is no reason to hang up"
    await lines.ours.nobody_left()


async def test_audio_from_another_port_than_was_said(lines: Rig) -> None:
    async with lines.caller(PLAIN) as agent:
        session, said = RtpSession(lines.threads, PLAIN), RtpSession(lines.threads, PLAIN)
        async with lines.line(agent, "100", session, MediaOffer(said.host, said.port)) as (leg, _):
            await leg.answered()
            session.play(tone(2.0))
            await echoed(session)
        said.close()
    await lines.ours.nobody_left()


@pytest.mark.parametrize(
    ("address", "caller_id", "display", "headers", "seen"),
    [
        (PLAIN, "02079460111", "Ada Lovelace", {}, "<+442079460111|Ada Lovelace|allowed"),
        (PLAIN, "00492215550100", "", {}, "<+492215550100||allowed"),
        (ALAW, "492215550100", "", {}, "<+492215550100||allowed"),
        (PLAIN, "112", "", {}, "<112||allowed"),
        (PLAIN, "+15550100", "x${SHELL(id)};,'`", {}, "<+15550100|xSHELLid|allowed"),
        (PLAIN, "anonymous", "Anonymous", {}, "<||prohib"),
        (PLAIN, "02079460111", "Ada", {"Privacy": "id"}, "<||prohib"),
        (PLAIN, "02079460111", "", {"P_Asserted_Identity": "<sip:+15550123@carrier.example.com>"}, "<+442079460111||allowed"),
        (ASSERTED, "5", "", {"P_Asserted_Identity": "<sip:2079460123@carrier.example.com>"}, "<+442079460123||allowed"),
        (ASSERTED, "2079460123", "", {"Privacy": "id", "P_Asserted_Identity": "<sip:2079460123@example.com>"}, "<||prohib"),
    ],
)
async def test_the_callers_number(lines: Rig, address: str, caller_id: str, display: str, headers: dict[str, str], seen: str) -> None:
    await lines.ours.forget("CALLER")
    async with lines.caller(address, caller_id, display) as agent, lines.line(agent, "102", **headers) as (leg, _):
        await leg.answered()
        assert (await lines.ours.value("CALLER")).startswith(seen)
    await lines.ours.nobody_left()


@pytest.mark.parametrize("dialled", ["02079460000", "00442079460000", NUMBER])
async def test_dialled_numbers_become_e164(lines: Rig, dialled: str) -> None:
    await lines.ours.forget("REACHED")
    async with lines.caller(PLAIN) as agent, lines.line(agent, dialled) as (leg, _):
        await leg.answered()
        assert (await lines.ours.value("REACHED")).split()[:2] == ["patchcord-plain", NUMBER]
    await lines.ours.nobody_left()


@pytest.mark.parametrize("dialled", ["999", "666", "s", "h", "i", "100x", "1;2", "patchcord-secret"])
async def test_all_but_the_numbers_is_404(lines: Rig, dialled: str) -> None:
    async with lines.caller(PLAIN) as agent, lines.line(agent, dialled) as (leg, _):
        with pytest.raises(CallFailed) as refused:
            await leg.answered()
    assert refused.value.status == 404
    await lines.ours.nobody_left()


async def test_the_call_beyond_the_limit_is_503_and_the_others_go_on(lines: Rig) -> None:
    async with lines.caller(FEW) as agent, lines.line(agent, "100") as (one, _), lines.line(agent, "100") as (two, _):
        await one.answered()
        await two.answered()
        async with lines.line(agent, "100") as (three, _):
            with pytest.raises(CallFailed) as refused:
                await three.answered()
        assert refused.value.status == 503
        assert not one.ended.is_set() and not two.ended.is_set()
        await one.hangup()
        await lines.ours.until("core show channels count", "1 active channel\n")  # a BYE is confirmed before its call has gone
        async with lines.line(agent, "100") as (four, _):
            await four.answered()
    await lines.ours.nobody_left()


async def test_a_stranger_is_not_let_in(lines: Rig) -> None:
    async with lines.caller("127.0.0.99") as agent, lines.line(agent, "100") as (leg, _):
        with pytest.raises(CallFailed) as refused:
            await leg.answered()
    assert refused.value.status == 401
    await lines.ours.nobody_left()
