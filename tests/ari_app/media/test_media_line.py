"""The telephone's line, through a real media process and real RTP."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.line import DigitPressed, LineClosed, PlaybackFinished, PlaybackPaused, PlaybackStarted, PlaybackStopped
from ari_app.media.g711 import SILENCE
from ari_app.media.link import MediaFull, MediaLine, MediaLink, MediaLost, MediaRefused
from tests.ari_app.media.hold_contract import HOLD_CHECKS
from tests.ari_app.media.line_contract import CHECKS, Check, Reader, clip
from tests.ari_app.media.media_rig import Media, RtpPeer, media_process, rtp_peer


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[Media]:
    async with media_process(tmp_path, 8) as running:
        yield running


@pytest.fixture
async def link(media: Media) -> AsyncIterator[MediaLink]:
    link = await MediaLink.connect(media.socket)
    yield link
    await link.close()


@pytest.fixture
async def line(link: MediaLink) -> MediaLine:
    return await link.open("call-1", law="ulaw")


@pytest.fixture
async def peer(line: MediaLine) -> AsyncIterator[RtpPeer]:
    async with rtp_peer(line.port) as peer:
        await line.attach("127.0.0.1", peer.port)
        yield peer


@pytest.mark.parametrize("check", [*CHECKS, *HOLD_CHECKS], ids=lambda check: check.__name__)
async def test_contract(check: Check, line: MediaLine, peer: RtpPeer) -> None:
    await check(line, line.close)


async def test_nothing_is_sent_before_attach_and_silence_after(line: MediaLine) -> None:
    async with rtp_peer(line.port) as peer:
        peer.send(SILENCE["ulaw"] * 160)
        await asyncio.sleep(0.1)
        assert peer.arrivals == []
        await line.attach("127.0.0.1", peer.port)
        await asyncio.sleep(0.5)
        assert 20 <= len(peer.arrivals) <= 27
        packets = [arrival.packet for arrival in peer.arrivals]
        assert {packet.payload for packet in packets} == {SILENCE["ulaw"] * 160}
        assert len({packet.ssrc for packet in packets}) == 1
        for before, after in itertools.pairwise(packets):
            assert (after.sequence - before.sequence) % 65536 == 1
            assert (after.timestamp - before.timestamp) % 2**32 == 160


async def test_what_leaves_is_what_was_played_to_the_last_sample(line: MediaLine, peer: RtpPeer) -> None:
    reader = Reader(line)
    await line.play("tone", clip(25))
    await reader.until(PlaybackFinished)
    await asyncio.sleep(0.05)
    sound = peer.heard().strip(SILENCE["ulaw"])
    assert 25 * 160 - 60 <= len(sound) <= 25 * 160


async def test_stop_is_silent_from_the_next_frame_on(line: MediaLine, peer: RtpPeer) -> None:
    reader = Reader(line)
    await line.play("long", clip(100))
    await reader.until(PlaybackStarted)
    await asyncio.sleep(0.2)
    await line.stop()
    [stopped] = await reader.until(PlaybackStopped)
    assert isinstance(stopped, PlaybackStopped)
    await asyncio.sleep(0.1)
    loud = [arrival for arrival in peer.arrivals if arrival.packet.payload != SILENCE["ulaw"] * 160]
    assert loud[-1].at - stopped.at <= 0.025
    assert loud[-1].packet.payload[40:] == SILENCE["ulaw"] * 120
    sound = b"".join(arrival.packet.payload for arrival in loud).rstrip(SILENCE["ulaw"])
    assert abs(len(sound) / 8000 - stopped.heard_s) <= 0.006


async def test_held_and_let_go_the_clip_leaves_whole(line: MediaLine, peer: RtpPeer) -> None:
    reader = Reader(line)
    await line.play("long", clip(50))
    await reader.until(PlaybackStarted)
    await asyncio.sleep(0.2)
    await line.hold()
    [paused] = await reader.until(PlaybackPaused)
    await asyncio.sleep(0.3)
    await line.resume()
    await reader.until(PlaybackFinished)
    await asyncio.sleep(0.05)
    assert isinstance(paused, PlaybackPaused)
    quiet = [arrival.packet.payload == SILENCE["ulaw"] * 160 for arrival in peer.arrivals]
    first = quiet.index(False)
    pause = quiet.index(True, first)
    assert peer.arrivals[pause - 1].at - paused.at <= 0.025
    assert 12 <= quiet.index(False, pause) - pause <= 25
    sound = [arrival.packet.payload for arrival, silent in zip(peer.arrivals, quiet, strict=True) if not silent]
    assert sound[pause - first - 1][40:] == SILENCE["ulaw"] * 120
    # The frame in which the sound died away and the last one are the only ones that are not full.
    assert abs(160 * (len(sound) - 1) + 40 - 160 * 50) <= 160
    assert (await line.close())["silenced"] == 1


async def test_packets_from_elsewhere_are_ignored(line: MediaLine, peer: RtpPeer) -> None:
    async with rtp_peer(line.port) as stranger:
        for _ in range(5):
            stranger.send(b"\x20" * 160)
        peer.send(SILENCE["ulaw"] * 160)
        peer.transport.sendto(b"not rtp", peer.to)
        await asyncio.sleep(0.1)
    statistics = await line.close()
    assert statistics["received"] == 1
    assert statistics["malformed"] == 1


async def test_ports_run_out_and_come_back(link: MediaLink, line: MediaLine) -> None:
    lines = [line] + [await link.open(f"call-{number}", law="alaw") for number in range(3)]
    assert len({line.port for line in lines}) == 4
    with pytest.raises(MediaFull, match="widen media"):
        await link.open("one-too-many", law="ulaw")
    assert (await link.status())["ports_used"] == 4
    first, again = await asyncio.gather(lines[2].close(), lines[2].close("hangup"))
    assert first == again
    await link.open("another", law="ulaw")
    for line in lines:
        await line.close()
    status = await link.status()
    assert (status["lines"], status["ports_used"], status["ports_total"]) == (1, 1, 4)


async def test_a_bad_address_is_refused_and_the_line_lives(link: MediaLink, line: MediaLine) -> None:
    with pytest.raises(MediaRefused):
        await line.attach("no-such-host", 4000)
    with pytest.raises(MediaRefused):
        await line.attach("127.0.0.1", 70000)
    assert (await link.status())["lines"] == 1


async def test_digits_and_unique_clips(line: MediaLine, peer: RtpPeer) -> None:
    reader = Reader(line)
    line.digit("5")
    with pytest.raises(ValueError, match="no digit"):
        line.digit("55")
    [pressed] = await reader.until(DigitPressed)
    assert isinstance(pressed, DigitPressed)
    assert pressed.digit == "5"
    await line.play("once", clip(1))
    with pytest.raises(ValueError, match="unique"):
        await line.play("once", clip(1))


async def test_the_watchdog_tells_when_packets_stop_and_come_again(line: MediaLine, peer: RtpPeer) -> None:
    changes: list[bool] = []
    line.on_stalled = changes.append
    peer.send(SILENCE["ulaw"] * 160)
    await asyncio.sleep(2.3)
    assert changes == [True]
    assert line.stalled
    peer.send(SILENCE["ulaw"] * 160)
    await asyncio.sleep(0.1)
    assert changes == [True, False]
    assert (await line.close())["stalls"] == 1


async def test_a_dead_media_process_ends_every_line(media: Media, link: MediaLink, line: MediaLine, peer: RtpPeer) -> None:
    reader = Reader(line)
    await line.play("cut", clip(100))
    await reader.until(PlaybackStarted)
    media.process.kill()
    async with asyncio.timeout(2):
        await link.lost.wait()
    await reader.rest()
    assert reader.ends() == [("cut", "stopped")]
    closed = reader.seen[-1]
    assert isinstance(closed, LineClosed)
    assert closed.reason == "media_lost"
    await line.close()
    with pytest.raises(MediaLost):
        await link.open("later", law="ulaw")
    with pytest.raises(MediaLost):
        await link.status()


async def test_a_lost_mind_gives_everything_back_and_the_next_one_is_served(media: Media, link: MediaLink, line: MediaLine) -> None:
    with pytest.raises(MediaRefused, match="another mind"):
        await MediaLink.connect(media.socket)
    link._writer.transport.abort()
    await asyncio.sleep(0.1)
    successor = await MediaLink.connect(media.socket)
    assert (await successor.status())["ports_used"] == 0
    await successor.close()


async def test_no_media_process_is_said_in_time(tmp_path: Path) -> None:
    with pytest.raises(MediaLost, match="start it with"):
        await MediaLink.connect(tmp_path / "nothing.sock", timeout_s=0.2)


async def test_a_second_process_at_the_same_socket_is_refused(media: Media, link: MediaLink) -> None:
    import sys

    second = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ari_app.media",
        "--socket",
        str(media.socket),
        "--first-port",
        "29500",
        "--last-port",
        "29510",
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await second.communicate()
    assert second.returncode == 1
    assert b"another media process listens" in errors
    assert (await link.status())["lines"] == 0
