"""The bed of the telephone's line, through a real media process and real RTP."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from agents.line import PlaybackFinished
from ari_app.media.g711 import SILENCE, decode, level_dbov
from ari_app.media.link import MediaLine, MediaLink
from tests.ari_app.media.bed_contract import BED_CHECKS, LEVEL, BedCheck, hush, music
from tests.ari_app.media.line_contract import Reader
from tests.ari_app.media.media_rig import Media, RtpPeer, media_process, rtp_peer


class RtpEar:
    """Each packet is what leaves in the 20 ms from its arrival on."""

    def __init__(self, peer: RtpPeer) -> None:
        self._peer = peer

    def now(self) -> float:
        return time.monotonic()

    async def level(self, begin: float, end: float) -> float:
        await asyncio.sleep(max(0.0, end - time.monotonic()) + 0.02)
        heard = b"".join(arrival.packet.payload for arrival in self._peer.arrivals if begin <= arrival.at < end)
        return level_dbov(decode(heard, "ulaw"))


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
        # The first packet leaves within 20 ms.
        await asyncio.sleep(0.03)
        yield peer


@pytest.mark.parametrize("check", BED_CHECKS, ids=lambda check: check.__name__)
async def test_bed_contract(check: BedCheck, line: MediaLine, peer: RtpPeer) -> None:
    await check(line, line.close, RtpEar(peer))


async def test_two_lines_of_one_call_are_two_lines(link: MediaLink, line: MediaLine, peer: RtpPeer) -> None:
    member = await link.open("call-1-m1", law="alaw")
    async with rtp_peer(member.port) as phone:
        await member.attach("127.0.0.1", phone.port)
        await line.bed(music())
        reader = Reader(member)
        await member.play("brief", hush(0.5))
        await reader.until(PlaybackFinished)
        status = await link.status()
        assert (status["lines"], status["ports_used"]) == (2, 2)
        assert {arrival.packet.payload for arrival in phone.arrivals} == {SILENCE["alaw"] * 160}, "the caller's bed is the caller's"
        statistics = await member.close()
        assert statistics["silence_longest_ms"] is None
        before = len(phone.arrivals)
        begun = time.monotonic()
        assert await RtpEar(peer).level(begun, begun + 0.3) == pytest.approx(LEVEL, abs=1.0)
        assert len(phone.arrivals) <= before + 1
    status = await link.status()
    assert (status["lines"], status["ports_used"]) == (1, 1)


async def test_the_same_loop_is_sent_once_and_outlives_the_line_that_brought_it(
    link: MediaLink, line: MediaLine, peer: RtpPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    write = link.send

    def watched(message: bytes) -> None:
        sent.append(len(message))
        write(message)

    monkeypatch.setattr(link, "send", watched)
    other = await link.open("call-2", law="ulaw")
    third = await link.open("call-3", law="ulaw")
    loop = music(2.0)
    await asyncio.gather(line.bed(loop), other.bed(loop.copy()))
    assert len(loop) * 2 < sum(sent) < len(loop) * 2.1
    await asyncio.gather(line.close(), other.close())
    sent.clear()
    async with rtp_peer(third.port) as late:
        await third.attach("127.0.0.1", late.port)
        await third.bed(loop)
        begun = time.monotonic()
        assert await RtpEar(late).level(begun + 0.3, begun + 0.6) == pytest.approx(LEVEL, abs=1.0)
    assert sum(sent) < 400


async def test_many_loops_push_out_old_ones_which_can_come_again(link: MediaLink, line: MediaLine, peer: RtpPeer) -> None:
    loops = [music(0.2, 300.0 + 50 * number) for number in range(20)]
    for loop in [*loops, loops[0]]:
        await line.bed(loop)
    begun = time.monotonic()
    assert await RtpEar(peer).level(begun + 0.4, begun + 0.7) == pytest.approx(LEVEL, abs=1.0)


async def test_a_loop_whose_sending_was_cancelled_is_sent_again(media: Media, line: MediaLine, peer: RtpPeer) -> None:
    loop = np.tile(music(1.0), 60)
    media.process.send_signal(signal.SIGSTOP)  # it takes nothing more: the socket is soon full
    try:
        giving = asyncio.create_task(line.bed(loop))
        await asyncio.sleep(0.05)
        assert not giving.done()
        giving.cancel()
        await asyncio.gather(giving, return_exceptions=True)
    finally:
        media.process.send_signal(signal.SIGCONT)
    await line.bed(loop)
    begun = time.monotonic()
    assert await RtpEar(peer).level(begun + 0.5, begun + 0.8) == pytest.approx(LEVEL, abs=1.0)


async def test_an_echo_line_has_no_bed(link: MediaLink) -> None:
    echo = await link.open("echo", law="ulaw", mode="echo")
    async with rtp_peer(echo.port) as peer:
        await echo.attach("127.0.0.1", peer.port)
        await echo.bed(music())
        begun = time.monotonic()
        assert await RtpEar(peer).level(begun, begun + 0.4) == -100.0
    await echo.close()


async def test_the_longest_silence_under_a_bed_is_told_at_the_end(line: MediaLine, peer: RtpPeer) -> None:
    reader = Reader(line)
    await asyncio.sleep(0.6)
    await line.bed(music())
    await asyncio.sleep(0.5)
    await line.play("quiet", hush(0.4))
    await reader.until(PlaybackFinished)
    await asyncio.sleep(0.4)
    await line.bed(None)
    await asyncio.sleep(0.7)
    silent = (await line.close())["silence_longest_ms"]
    assert isinstance(silent, int)
    assert 300 <= silent <= 500, "not the silence before and after the bed"
