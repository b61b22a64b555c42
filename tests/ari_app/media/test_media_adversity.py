"""A media process under bad peers and a bad mind."""

import asyncio
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from agents.line import PlaybackFinished
from agents.transcript import JsonValue
from ari_app.caller.machine_stalls import StallWatch
from ari_app.media import wire
from ari_app.media.g711 import SILENCE
from ari_app.media.link import MediaLink
from ari_app.media.voice import VoiceSettings
from tests.ari_app.media.line_contract import Reader, clip
from tests.ari_app.media.media_rig import Media, media_process, rtp_peer


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[Media]:
    async with media_process(tmp_path, 8) as running:
        yield running


async def test_a_mind_that_spins_for_two_seconds_costs_no_packet(media: Media) -> None:
    for _ in range(_ROUNDS):
        with StallWatch() as machine:
            packets, missing, statistics = await spin(media)
        assert packets >= 120
        assert missing == 0
        assert statistics["underruns"] == 0
        if not any(stall.end_ns - stall.start_ns > _STALL_NS for stall in machine.stalls):
            assert float(str(statistics["lateness_p99_ms"])) <= 5
            return
    pytest.skip(f"this machine stood still in each of {_ROUNDS} rounds: nothing can be said of how late a packet is")


_ROUNDS = 5
_STALL_NS = 2_000_000
"""A standstill of the machine itself that two packets of a hundred could be late by: the round tells nothing about us."""


async def spin(media: Media) -> tuple[int, int, Mapping[str, JsonValue]]:
    """Packets that came while this process spun, how many were missing between them, and what the media process says of them."""
    link = await MediaLink.connect(media.socket)
    line = await link.open("spin", law="ulaw")
    listener = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _COUNT_PACKETS, stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.PIPE
    )
    assert listener.stdout and listener.stdin
    await line.attach("127.0.0.1", int(await listener.stdout.readline()))
    await line.play("over the spin", clip(200))
    end = time.monotonic() + 2
    while time.monotonic() < end:
        pass
    output, _ = await listener.communicate()
    packets, missing = map(int, output.split())
    statistics = await line.close()
    await link.close()
    return packets, missing, statistics


_COUNT_PACKETS = """
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
s.settimeout(1)
numbers = []
end = time.monotonic() + 2.6
while time.monotonic() < end:
    try:
        numbers.append(int.from_bytes(s.recv(2048)[2:4], "big"))
    except TimeoutError:
        pass
print(len(numbers), (numbers[-1] - numbers[0]) % 65536 + 1 - len(numbers))
"""


async def test_echo_returns_every_frame_with_little_delay(media: Media) -> None:
    link = await MediaLink.connect(media.socket)
    line = await link.open("echo", law="alaw", mode="echo")
    async with rtp_peer(line.port) as peer:
        await line.attach("127.0.0.1", peer.port)
        sent: dict[bytes, float] = {}
        start = time.monotonic()
        for number in range(150):
            await asyncio.sleep(max(0.0, start + number * 0.02 - time.monotonic()))
            payload = number.to_bytes(2, "big") * 80
            sent[payload] = time.monotonic()
            peer.send(payload, 8)
        await asyncio.sleep(0.1)
    back = {arrival.packet.payload: arrival.at for arrival in peer.arrivals}
    assert {arrival.packet.payload_type for arrival in peer.arrivals} == {8}
    assert set(sent) <= set(back)
    delays = sorted(back[payload] - at for payload, at in sent.items())
    assert delays[len(delays) // 2] <= 0.010
    assert delays[int(len(delays) * 0.99)] <= 0.025
    await link.close()


async def test_rubbish_on_a_line_does_not_disturb_another(media: Media) -> None:
    link = await MediaLink.connect(media.socket)
    rng = random.Random(5)
    bad, good = await link.open("bad", law="ulaw"), await link.open("good", law="ulaw")
    async with rtp_peer(bad.port) as noisy, rtp_peer(good.port) as calm:
        await bad.attach("127.0.0.1", noisy.port)
        await good.attach("127.0.0.1", calm.port)
        for _ in range(40):
            for _ in range(50):
                noisy.transport.sendto(rng.randbytes(rng.randrange(1, 300)), noisy.to)
            calm.send(SILENCE["ulaw"] * 160)
            await asyncio.sleep(0.02)
    statistics = await good.close()
    assert (statistics["received"], statistics["lost"]) == (40, 0)
    assert int(str((await bad.close())["malformed"])) > 1000
    await link.close()


@pytest.mark.parametrize(
    "message",
    [b"\xff" * 64, wire.control(1, {"do": "open"})[:5] + b"\0\0\0\1" + b"[1]" + bytes(40), b"\0\0\0\3\1\0\0\0\1[1]"],
    ids=["no frame", "no json", "no object"],
)
async def test_a_mind_that_talks_rubbish_is_dropped_and_the_next_one_served(media: Media, message: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(str(media.socket))
    writer.write(wire.control(1, {"do": "open", "call_id": "x", "law": "ulaw", "mode": "agent"}) + message)
    async with asyncio.timeout(2):
        while await reader.read(4096):
            pass
    writer.close()
    await writer.wait_closed()
    link = await MediaLink.connect(media.socket)
    assert (await link.status())["ports_used"] == 0
    await link.close()


async def test_a_wrong_request_is_answered_and_nothing_else_happens(media: Media) -> None:
    reader, writer = await asyncio.open_unix_connection(str(media.socket))
    wrong: list[dict[str, object]] = [
        {"do": "open"},
        {"do": "open", "call_id": "x", "law": "g729", "mode": "agent"},
        {},
        {"do": "open", "call_id": "x", "law": [], "mode": 1},
    ]
    for fields in wrong:
        writer.write(wire.control(1, fields))
    decoder = wire.Decoder()
    answers: list[dict[str, object]] = []
    async with asyncio.timeout(2):
        while len(answers) < 5:
            answers += [wire.read_control(message) for message in decoder.feed(await reader.read(4096))]
    assert [answer["event"] for answer in answers] == ["hello"] + ["refused"] * 4
    writer.close()
    await writer.wait_closed()


async def test_a_wrong_voice_setting_is_refused_with_its_name(media: Media) -> None:
    reader, writer = await asyncio.open_unix_connection(str(media.socket))
    writer.write(wire.control(1, {"do": "open", "call_id": "x", "law": "ulaw", "mode": "agent", "voice": {"pause": 1}}))
    writer.write(wire.control(2, {"do": "open", "call_id": "x", "law": "ulaw", "mode": "agent", "voice": {"pauses": 3}}))
    decoder = wire.Decoder()
    answers: list[dict[str, object]] = []
    async with asyncio.timeout(2):
        while len(answers) < 3:
            answers += [wire.read_control(message) for message in decoder.feed(await reader.read(4096))]
    assert [answer["event"] for answer in answers] == ["hello", "refused", "refused"]
    assert "pause" in str(answers[1]["message"])
    assert "pauses" in str(answers[2]["message"])
    writer.close()
    await writer.wait_closed()


async def test_any_order_of_commands_ends_every_clip_and_never_loses_the_link(media: Media) -> None:
    """What a mind may send in any order and with any value: answered, refused or without effect."""
    link = await MediaLink.connect(media.socket)
    rng = random.Random(11)
    line = await link.open("fuzzed", law="ulaw", voice=VoiceSettings(pause=4))
    values: list[object] = [0, 1, 2, 3, -1, 1.5, "x", None, [], {}, True, 2**40]
    async with rtp_peer(line.port) as peer:
        await line.attach("127.0.0.1", peer.port)
        for number in range(400):
            do = rng.choice(["hold", "resume", "stop", "begin", "end", "reflex", "pause", ""])
            fields = {name: rng.choice(values) for name in ("clip", "voices", "interruptible", "on") if rng.random() < 0.8}
            link.send(wire.control(line._handle, {"do": do, **fields}))
            if number % 20 == 0:
                await asyncio.sleep(0.02)
        await line.stop()
        reader = Reader(line)
        await line.play("still there", clip(3))
        await reader.until(PlaybackFinished)
        assert ("still there", "finished") in reader.ends()
    await link.close()


async def test_opening_and_closing_leaves_nothing(media: Media) -> None:
    link = await MediaLink.connect(media.socket)
    before = await link.status()
    async with rtp_peer(9) as peer:
        for number in range(150):
            line = await link.open(f"call-{number}", law="ulaw")
            await line.attach("127.0.0.1", peer.port)
            await line.play("hello", clip(5))
            await line.close("hangup")
    after = await link.status()
    assert (after["lines"], after["ports_used"]) == (0, 0)
    assert _open_files(media.process.pid) <= 20
    assert int(str(after["rss_bytes"])) - int(str(before["rss_bytes"])) < 10_000_000
    await link.close()


def _open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


async def test_sigterm_ends_it_cleanly_with_live_lines(media: Media) -> None:
    link = await MediaLink.connect(media.socket)
    line = await link.open("live", law="ulaw")
    async with rtp_peer(line.port) as peer:
        await line.attach("127.0.0.1", peer.port)
        await line.play("long", clip(100))
        media.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(2):
            assert await media.process.wait() == 0
            await link.lost.wait()
    assert not media.socket.exists()
    await link.close()
