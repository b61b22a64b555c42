"""RTP between two sessions over loopback, well behaved and not."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from agents.audio import Pcm
from ari_app.caller.echo_delay import unique_noise
from ari_app.caller.listener import Listener, TurnTimeout
from ari_app.caller.measures import interval_stats
from ari_app.caller.recording import write_wav
from ari_app.caller.rtp_session import Misbehaviour, RtpSession
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.script import Interrupt, Say, ScriptError, prepare, read_wav
from ari_app.caller.sip_message import SipError
from ari_app.caller.speech_level import level


async def until(condition: Callable[[], bool], limit_s: float = 3.0) -> None:
    async with asyncio.timeout(limit_s):
        while True:
            if condition():
                return
            await asyncio.sleep(0.005)


async def talk(threads: RtpThreads, misbehaviour: Misbehaviour, seconds: float = 0.6) -> tuple[RtpSession, RtpSession]:
    """A session that misbehaves sends noise to one that listens."""
    sender, receiver = RtpSession(threads, misbehaviour=misbehaviour), RtpSession(threads)
    sender.start(("127.0.0.1", receiver.port), "ulaw", 101)
    playback = sender.play(unique_noise(seconds))
    await until(lambda: playback.done)
    await asyncio.sleep(0.05)
    sender.close()
    receiver.close()
    return sender, receiver


async def test_what_is_sent_arrives_on_time_and_in_order(threads: RtpThreads) -> None:
    sender, receiver = await talk(threads, Misbehaviour())
    sent, received = sender.log.sent, receiver.log.received
    assert [packet.payload for packet in received] == [packet.payload for packet in sent]
    assert [packet.sequence for packet in received] == [packet.sequence for packet in sent]
    assert {(later.timestamp - earlier.timestamp) % 2**32 for earlier, later in zip(received, received[1:], strict=False)} == {160}  # noqa: RUF007
    assert receiver.log.kernel_stamps
    assert all(0 <= arrival.at_ns - packet.at_ns < 50_000_000 for packet, arrival in zip(sent, received, strict=True))
    assert np.median([packet.at_ns - packet.due_ns for packet in sent]) < 2_000_000
    assert sender.port % 2 == 0


async def test_loss_is_a_gap_in_the_sequence(threads: RtpThreads) -> None:
    sender, receiver = await talk(threads, Misbehaviour(loss=0.2, seed=4), 1.0)
    lost = sum(packet.lost for packet in sender.log.sent)
    assert lost > 2
    assert len(receiver.log.received) == len(sender.log.sent) - lost


async def test_reordering_keeps_everything(threads: RtpThreads) -> None:
    sender, receiver = await talk(threads, Misbehaviour(reorder=0.2, seed=4), 1.0)
    numbers = [packet.sequence for packet in receiver.log.received]
    sent = [packet.sequence for packet in sender.log.sent]
    assert numbers != sent[: len(numbers)]
    assert len(set(sent) - set(numbers)) <= 1  # the last one may still be held back
    assert interval_stats(receiver.log.received).missing <= 1


async def test_the_ssrc_changes_once(threads: RtpThreads) -> None:
    _, receiver = await talk(threads, Misbehaviour(change_ssrc_after_s=0.2))
    streams = [packet.ssrc for packet in receiver.log.received]
    assert len(set(streams)) == 2
    assert sum(later != earlier for earlier, later in zip(streams, streams[1:], strict=False)) == 1  # noqa: RUF007


async def test_garbage_arrives_and_is_not_rtp(threads: RtpThreads) -> None:
    _, receiver = await talk(threads, Misbehaviour(garbage=0.5, seed=2))
    assert receiver.log.unreadable > 3


async def test_silence_suppression_sends_nothing_and_marks_the_next_word(threads: RtpThreads) -> None:
    sender, receiver = RtpSession(threads, misbehaviour=Misbehaviour(silence_suppression=True)), RtpSession(threads)
    sender.start(("127.0.0.1", receiver.port), "alaw", None)
    await asyncio.sleep(0.2)
    assert receiver.log.received == []
    for _ in range(2):
        playback = sender.play(unique_noise(0.1))
        await until(lambda playback=playback: playback.done)  # type: ignore[misc]
        await asyncio.sleep(0.1)
    sender.close()
    receiver.close()
    assert [packet.marker for packet in receiver.log.received].count(True) == 2
    assert {packet.payload_type for packet in receiver.log.received} == {8}
    first, second = receiver.log.received[0], receiver.log.received[5]
    assert (second.timestamp - first.timestamp) % 2**32 > 5 * 160  # the clock ran through the pause


async def test_keys_hold_the_time_stamp_and_need_consent(threads: RtpThreads) -> None:
    sender, receiver = RtpSession(threads), RtpSession(threads)
    sender.start(("127.0.0.1", receiver.port), "ulaw", 96)
    playback = sender.press("5#")
    await until(lambda: playback.done)
    sender.close()
    receiver.close()
    events = [packet for packet in receiver.log.received if packet.payload_type == 96]
    assert len({packet.timestamp for packet in events}) == 2
    assert [packet.payload[0] for packet in events if packet.marker] == [5, 11]
    deaf = RtpSession(threads)
    deaf.start(("127.0.0.1", 9), "ulaw", None)
    with pytest.raises(SipError, match="takes no RFC 4733 digits"):
        deaf.press("1")
    deaf.close()


async def test_flush_falls_silent_at_the_next_packet(threads: RtpThreads) -> None:
    sender, receiver = RtpSession(threads), RtpSession(threads)
    sender.start(("127.0.0.1", receiver.port), "ulaw", None)
    playback = sender.play(unique_noise(5))
    await until(lambda: playback.started_ns is not None)
    sender.flush()
    flushed = time.monotonic_ns()
    await asyncio.sleep(0.1)
    sender.close()
    receiver.close()
    assert playback.dropped
    assert all(level(packet.payload, "ulaw") < -60 for packet in sender.log.sent if packet.at_ns > flushed + 2_000_000)


async def test_muted_sends_nothing_but_the_clock_runs(threads: RtpThreads) -> None:
    sender, receiver = RtpSession(threads), RtpSession(threads)
    sender.muted = True
    sender.start(("127.0.0.1", receiver.port), "ulaw", None)
    playback = sender.play(unique_noise(0.1))
    await until(lambda: playback.done)
    sender.close()
    receiver.close()
    assert receiver.log.received == []


async def test_the_listener_times_out_with_what_was_missing(threads: RtpThreads) -> None:
    session = RtpSession(threads)
    listener = Listener(session, asyncio.Event())
    with pytest.raises(TurnTimeout, match=r"said nothing within 0\.1 s"):
        await listener.quiet_after_speech(0, 0.5, 0.1)
    with pytest.raises(TurnTimeout, match=r"did not speak within 0\.1 s"):
        await listener.speaking_since(0, 0.1)
    session.close()


def test_packet_length_must_be_one_that_telephones_use() -> None:
    with pytest.raises(ValueError, match="20 or 30 ms, not 10"):
        Misbehaviour(packet_ms=10)


async def test_speech_is_made_before_the_call_at_the_lines_rate(tmp_path: Path) -> None:
    asked: list[str] = []

    async def voice(text: str) -> Pcm:
        asked.append(text)
        return np.concatenate((np.zeros(8000, dtype=np.int16), unique_noise(1.0), np.zeros(8000, dtype=np.int16)))

    path = tmp_path / "a.wav"
    write_wav(path, unique_noise(0.5), unique_noise(0.5))
    speech = await prepare([Say("hello"), Interrupt(1, "hello"), Say(path)], voice)
    assert asked == ["hello"]
    assert len(speech["hello"]) == pytest.approx(4000 + 480, abs=200)
    assert len(speech[path]) == 4000


async def test_scripts_that_cannot_be_performed_say_why(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="no voice to say 'hello'; give WAV files"):
        await prepare([Say("hello")], None)
    missing = tmp_path / "no.wav"
    with pytest.raises(ScriptError, match=r"no\.wav: cannot be read as a WAV file"):
        read_wav(missing)
    missing.write_bytes(b"RIFFjunk")
    with pytest.raises(ScriptError, match=r"no\.wav: cannot be read as a WAV file"):
        read_wav(missing)
    empty = tmp_path / "empty.wav"
    write_wav(empty, np.zeros(0, dtype=np.int16))
    with pytest.raises(ScriptError, match="there is no audio in it"):
        await prepare([Say(empty)], None)
