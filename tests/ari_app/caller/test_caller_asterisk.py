"""The caller against a real Asterisk."""

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest

from agents.audio import Pcm
from ari_app.caller import outcome
from ari_app.caller.answering import Behaviour, on_duty
from ari_app.caller.calling import Manner, dialled, place_call, telephone
from ari_app.caller.echo_delay import bursts, correlation_delays, frame_echo, unique_noise
from ari_app.caller.line_conditions import LineConditions
from ari_app.caller.measures import Side, interval_stats
from ari_app.caller.rtp_session import Misbehaviour
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.script import Hangup, Interrupt, Key, Patience, Say, Step, Wait
from ari_app.caller.speech_level import level
from ari_app.caller.user_agent import UserAgent
from tests.ari_app.caller.sip_rig import Rig

pytestmark = pytest.mark.e2e


async def buzz(text: str) -> Pcm:
    """A voice of sorts: noise at 16 kHz, 60 ms for each letter."""
    return unique_noise(2 * 0.06 * len(text), level_dbov=-22)


async def test_registers_and_unregisters_with_md5_and_sha256(rig: Rig) -> None:
    for user in ("1001", "2001"):
        async with await UserAgent.open(rig.phone(user)) as agent:
            await agent.register()
            await agent.unregister()


async def test_a_wrong_password_is_refused(rig: Rig) -> None:
    async with await UserAgent.open(rig.phone(password="wrong")) as agent:
        with pytest.raises(outcome.Unauthorized):
            await agent.register()


async def test_echo_comes_back_whole_and_at_once(rig: Rig) -> None:
    async with telephone(rig.trunk()) as (agent, threads), dialled(agent, threads, "600") as line:
        await line.leg.answered()
        await line.say(unique_noise(3.0))
        await asyncio.sleep(0.2)
    log = line.session.log
    echo = frame_echo(log.sent, log.received)
    assert echo.lost == 0
    assert echo.sent == 150
    assert np.median(echo.delays_ms) < 5
    assert log.kernel_stamps
    assert interval_stats(log.received).missing == 0


async def test_correlation_finds_the_same_delay_as_identical_packets(rig: Rig) -> None:
    async with telephone(rig.trunk()) as (agent, threads), dialled(agent, threads, "600") as line:
        await line.leg.answered()
        await line.say(bursts(3.0))
        await asyncio.sleep(0.3)
    log = line.session.log
    by_burst = correlation_delays(log.sent, log.received)
    assert len(by_burst) >= 5
    by_packet = np.array(frame_echo(log.sent, log.received).delays_ms)
    assert all(np.abs(by_packet - delay).min() < 0.2 for delay in by_burst), "each is the delay of the packet it begins in"


async def test_the_phone_account_calls_with_digest_and_alaw(rig: Rig) -> None:
    report = await place_call(rig.phone(), "600", [Wait(0.3), Hangup(wait=False)], manner=Manner(laws=("alaw",)))
    assert report.answered
    assert report.law == "alaw"
    assert report.end_reason == "local_hangup"


@pytest.mark.parametrize(
    ("number", "failure"), [("602", "Busy"), ("604", "Unavailable"), ("999", "NumberNotFound")]
)  # fmt: skip
async def test_refusals_are_named(rig: Rig, number: str, failure: str) -> None:
    report = await place_call(rig.trunk(), number, [])
    assert (report.answered, report.failure) == (False, failure)


async def test_a_call_with_a_wrong_password_is_unauthorized(rig: Rig) -> None:
    report = await place_call(rig.phone(password="wrong"), "600", [])
    assert report.failure == "Unauthorized"


async def test_an_offer_without_a_common_codec_is_refused_with_488(rig: Rig) -> None:
    report = await place_call(rig.trunk(), "600", [], manner=Manner(laws=(), extra_formats=((18, "G729/8000"),)))
    assert (report.failure, report.status) == ("NotAcceptable", 488)


async def test_ringing_call_is_cancelled(rig: Rig) -> None:
    began = time.monotonic()
    report = await place_call(rig.trunk(), "605", [], manner=Manner(answer_timeout_s=0.4))
    assert (report.failure, report.status) == ("NoResponse", 408)
    assert report.ringing_ms is not None
    assert time.monotonic() - began < 3


async def test_early_media_is_heard_before_the_answer(rig: Rig) -> None:
    report = await place_call(rig.trunk(), "601", [Wait(0.8), Hangup(wait=False)])
    assert report.answered_ms is not None and report.first_audio_ms is not None
    assert report.answered_ms > 550
    assert report.first_audio_ms < 400


async def test_keys_arrive(rig: Rig) -> None:
    report = await place_call(rig.trunk(), "606", [Wait(0.3), Key("12*9", wait=False), Wait(1.0), Hangup(wait=False)])
    assert report.first_audio_ms is not None
    assert report.end_reason == "local_hangup"  # wrong digits would have been hung up on
    assert len(report.response_gaps_ms) == 1


async def test_the_agent_hanging_up_ends_the_script(rig: Rig) -> None:
    report = await place_call(rig.trunk(), "607", [Wait(20)])
    assert report.end_reason == "remote_hangup"
    assert report.problem is None


async def test_the_caller_waits_for_its_turn_and_both_sides_are_saved(rig: Rig, tmp_path: Path) -> None:
    async def transcribe(pcm: Pcm) -> str:
        return f"{len(pcm) / 16000:.1f} s"

    report = await place_call(rig.trunk(), "608", [Say("hello there"), Hangup()], synthesize=buzz, transcribe=transcribe, out_dir=tmp_path)
    agent_first, caller, agent_second = report.transcript
    assert [turn.who for turn in report.transcript] == ["agent", "caller", "agent"]
    assert 600 <= caller.start_ms - agent_first.end_ms <= 1000
    assert agent_second.end_ms - agent_second.start_ms == pytest.approx(600, abs=60)
    assert agent_first.text != ""
    assert set(report.files) == {"caller", "agent", "both"}
    assert report.cut_ins == 0
    gap = report.response_gaps_ms[0]
    assert gap == pytest.approx(agent_second.start_ms - caller.end_ms, abs=60)


async def test_silence_of_the_agent_ends_the_script_with_a_reason(rig: Rig) -> None:
    report = await place_call(rig.trunk(), "609", [Say("one"), Say("two")], synthesize=buzz, manner=Manner(patience=Patience(limit=2.5)))
    assert report.problem == "the agent said nothing within 2.5 s"
    assert report.response_gaps_ms == [None]


async def test_an_interruption_begins_inside_the_agents_turn(rig: Rig) -> None:
    report = await place_call(rig.trunk(), "608", [Interrupt(0.3, "stop"), Wait(1.5), Hangup(wait=False)], synthesize=buzz)
    (stop,) = report.barge_in_stops_ms
    assert stop == pytest.approx(900 - 300, abs=80)  # this agent does not listen: it stops when its 900 ms are over


async def test_direct_media_moves_the_audio_by_reinvite_and_headers_arrive(rig: Rig) -> None:
    async with on_duty(rig.phone("2001"), Behaviour(ring_s=0.2, speech=unique_noise(2.0), hangup_after_s=2.0)) as person:
        report = await place_call(rig.phone("1001"), "2001", [Wait(10)])
        taken = await person.call()
    assert report.answered and report.end_reason == "remote_hangup"
    assert taken.headers.get("X-Patchcord-Card") == "card-77"
    assert taken.caller == ('Ada "quoted"', "1001")
    assert [request.method for request in taken.call.requests].count("INVITE") >= 1, "direct media sends a re-INVITE"
    assert report.first_audio_ms is not None
    assert Side.of(taken.session.log.sent).talk(300)


@pytest.mark.parametrize(("reaction", "failure"), [("busy", "Busy"), ("decline", "Unavailable"), ("ignore", "NoResponse")])
async def test_a_person_refuses_or_ignores(rig: Rig, reaction: str, failure: str) -> None:
    async with on_duty(rig.phone("2001"), Behaviour(reaction=reaction, ring_s=0.1)) as person:  # type: ignore[arg-type]
        report = await place_call(rig.phone("1002"), "2001", [], manner=Manner(answer_timeout_s=1.0))
        taken = await person.call()
        await asyncio.wait_for(taken.finished.wait(), 3)
    assert not report.answered
    assert report.failure == failure
    if reaction == "ignore":
        assert taken.call.cancelled.is_set()


async def test_thirty_ms_packets_loss_reordering_and_noise_leave_the_call_alive(rig: Rig) -> None:
    bad = Misbehaviour(packet_ms=30, loss=0.05, reorder=0.05, garbage=0.05, change_ssrc_after_s=0.5)
    manner = Manner(misbehaviour=bad, conditions=LineConditions(noise_dbov=-38))
    async with telephone(rig.trunk()) as (agent, threads), dialled(agent, threads, "600", manner) as line:
        await line.leg.answered()
        await asyncio.sleep(1.5)
    log = line.session.log
    assert len({len(packet.payload) for packet in log.sent}) == 1
    assert len(log.sent[0].payload) == 240
    levels = [level(packet.payload, "ulaw") for packet in log.sent]
    assert np.median(levels) == pytest.approx(-38, abs=0.5)
    assert len(log.received) > 25
    assert any(packet.lost for packet in log.sent)


async def test_twenty_calls_in_one_process_send_every_packet(rig: Rig) -> None:
    """How evenly is a matter of the machine: ``patchcord bench pacing`` shows it as ``own_sending``."""
    script: list[Step] = [Say("a while", wait=False), Wait(2.5), Hangup(wait=False)]
    async with telephone(rig.trunk()) as shared:
        reports = await asyncio.gather(*(place_call(rig.trunk(), "600", script, synthesize=buzz, shared=shared) for _ in range(20)))
    assert all(report.answered for report in reports)
    for report in reports:
        assert report.sent is not None
        assert report.received is not None
        assert report.sent.packets >= 120
        assert report.sent.missing == report.received.missing == 0


async def test_threads_end_with_the_telephone() -> None:
    import threading

    with RtpThreads():
        assert any(thread.name == "caller-rtp-send" for thread in threading.enumerate())
    assert not any(thread.name.startswith("caller-rtp") for thread in threading.enumerate())
