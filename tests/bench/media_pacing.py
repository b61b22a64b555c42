"""What the media process costs and how well it keeps time: lines on loopback, both ways, the agent playing, the caller speaking.

    python -m tests.bench.media_pacing --lines 1 20 100 [--seconds 10] [--speech FILE.wav] [--spin] [--echo] [--no-canceller]

One JSON object a row. Processor time is the media process's alone; the peers run in a process of their own.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import multiprocessing
import socket
import sys
import tempfile
import time
import wave
from collections.abc import AsyncIterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

import numpy as np

from agents.audio import Pcm
from ari_app.media.g711 import encode
from ari_app.media.link import MediaLine, MediaLink
from ari_app.media.rtp import Packet, build
from tests.ari_app.media.media_rig import media_process


def speech_of(path: str | None) -> bytes:
    """The caller's audio as mu-law: a 16 kHz WAV, or a tone in bursts that the voice detector has to judge."""
    if path:
        with wave.open(path) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)[:: file.getframerate() // 8000]
    else:
        time_s = np.arange(8000 * 4) / 8000
        samples = (5000 * np.sin(2 * np.pi * 180 * time_s) * (time_s % 2 < 1)).astype(np.int16)
    return encode(samples.astype(np.int16).tobytes(), "ulaw")


def peers(pipe: Connection, lines: int, speech: bytes) -> None:
    """All callers: sends on a 20 ms clock, collects arrival times; runs until told."""
    import selectors

    sockets = []
    for _ in range(lines):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind(("127.0.0.1", 0))
        made.setblocking(False)
        sockets.append(made)
    pipe.send([made.getsockname()[1] for made in sockets])
    targets = pipe.recv()
    watch = selectors.DefaultSelector()
    for index, made in enumerate(sockets):
        watch.register(made, selectors.EVENT_READ, index)
    frames = [speech[start : start + 160] for start in range(0, len(speech) - 159, 160)]
    arrivals: list[list[tuple[float, int]]] = [[] for _ in sockets]
    sent: list[list[float]] = [[] for _ in sockets]
    payloads: list[list[bytes]] = [[] for _ in sockets]
    start = time.monotonic() + 0.05
    count = 0
    while True:
        due = start + count * 0.02 / lines
        wait = due - time.monotonic()
        for key, _ in watch.select(max(0.0, wait)) if wait > 0 else ():
            data = sockets[key.data].recv(2048)
            arrivals[key.data].append((time.monotonic(), int.from_bytes(data[2:4], "big")))
            payloads[key.data].append(data[12:])
        if time.monotonic() < due:
            continue
        number, index = divmod(count, lines)
        frame = frames[(number + 37 * index) % len(frames)]
        with contextlib.suppress(OSError):
            sockets[index].sendto(build(Packet(0, number % 65536, number * 160, index + 1, frame)), ("127.0.0.1", targets[index]))
        sent[index].append(time.monotonic())
        count += 1
        if index == 0 and pipe.poll():
            break
    pipe.send((arrivals, sent, [frames[37 * index % len(frames) :] + 20 * frames for index in range(lines)], payloads))


def intervals(arrivals: "Arrivals") -> dict[str, float]:
    """How regularly packets came, over all lines, the first second left out."""
    gaps = []
    missing = 0
    for line in arrivals:
        kept = line[50:]
        gaps += [(after[0] - before[0]) * 1000 for before, after in itertools.pairwise(kept)]
        missing += sum((after[1] - before[1] - 1) % 65536 for before, after in itertools.pairwise(kept))
    array = np.abs(np.array(gaps) - 20)
    return {
        "packets": len(gaps),
        "missing": missing,
        "within_2ms": round(float((array <= 2).mean()), 5),
        "deviation_p99_ms": round(float(np.percentile(array, 99)), 2),
        "deviation_max_ms": round(float(array.max()), 2),
    }


Arrivals = list[list[tuple[float, int]]]
Frames = list[list[bytes]]


def echo_delay(arrivals: Arrivals, sent: list[list[float]], payloads: Frames, frames: Frames) -> dict[str, Any]:
    """Send of a frame to arrival of its echo, in ms, without the two packetisations; frames are found again by their content."""
    delays: list[float] = []
    lost = 0
    for index, line in enumerate(arrivals):
        position = 0
        for frame, at in zip(frames[index], sent[index], strict=False):
            if at > line[-1][0] - 0.1:
                break
            near = range(position, min(position + 12, len(line)))
            found = next((step for step in near if payloads[index][step] == frame and line[step][0] > at), None)
            if found is None:
                lost += 1
                continue
            delays.append((line[found][0] - at) * 1000)
            position = found + 1
    array = np.array(delays)
    return {
        "compared": len(delays),
        "lost": lost,
        "delay_p50_ms": round(float(np.percentile(array, 50)), 2),
        "delay_p99_ms": round(float(np.percentile(array, 99)), 2),
        "delay_max_ms": round(float(array.max()), 2),
    }


async def tone(seconds: float) -> AsyncIterator[Pcm]:
    """A clip handed over in pieces of a fifth of a second, twice as fast as it plays."""
    piece = (6000 * np.sin(np.arange(3200) * 0.1)).astype(np.int16)
    for _ in range(round(seconds * 5)):
        yield piece
        await asyncio.sleep(0.1)


async def keep_playing(line: MediaLine, seconds: float) -> None:
    end = time.monotonic() + seconds
    number = 0
    while (left := end - time.monotonic()) > 0.2:
        await line.play(f"clip {number}", tone(min(left, 4.0)), interruptible=False)
        number += 1


async def drain(line: MediaLine) -> int:
    return sum([1 async for _ in line.events()])


def spin(seconds: float) -> None:
    """What a badly written tool does to the mind."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


async def measure(lines: int, seconds: float, speech: bytes, *, spinning: bool, echo: bool, cancel: bool) -> dict[str, Any]:
    pipe, theirs = multiprocessing.Pipe()
    caller = multiprocessing.get_context("fork").Process(target=peers, args=(theirs, lines, speech))
    caller.start()
    ports = pipe.recv()
    with tempfile.TemporaryDirectory() as folder:
        async with media_process(Path(folder), 2 * lines + 2) as media:
            link = await MediaLink.connect(media.socket)
            mode: Literal["agent", "echo"] = "echo" if echo else "agent"
            opened = [await link.open(f"call-{n}", law="ulaw", mode=mode, echo_cancel=cancel) for n in range(lines)]
            for line, port in zip(opened, ports, strict=True):
                await line.attach("127.0.0.1", port)
            pipe.send([line.port for line in opened])
            readers = [asyncio.create_task(drain(line)) for line in opened]
            before: dict[str, Any] = await link.status()
            started = time.monotonic()
            talkers = [] if echo else [asyncio.create_task(keep_playing(line, seconds)) for line in opened]
            await asyncio.sleep(seconds / 2)
            if spinning:
                spin(2.0)
            await asyncio.sleep(seconds / 2)
            after: dict[str, Any] = await link.status()
            took = time.monotonic() - started
            pipe.send("stop")
            arrivals, sent, frames, payloads = await asyncio.to_thread(pipe.recv)
            await asyncio.gather(*talkers)
            statistics = [await line.close() for line in opened]
            await asyncio.gather(*readers)
            await link.close()
    caller.join()
    row: dict[str, Any] = {
        "lines": lines,
        "cpu_percent_per_call": round(100 * (after["cpu_s"] - before["cpu_s"]) / took / lines, 3),
        "lateness": after["lateness"],
        "rss_mb": round(after["rss_bytes"] / 1e6, 1),
        "lost": sum(int(str(one["lost"])) for one in statistics),
        "underruns": sum(int(str(one["underruns"])) for one in statistics),
        **intervals(arrivals),
    }
    if echo:
        row["echo"] = echo_delay(arrivals, sent, payloads, frames)
    return row


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Cost and punctuality of the media process.")
    parser.add_argument("--lines", type=int, nargs="+", default=[1, 20, 100])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--speech")
    parser.add_argument("--spin", action="store_true", help="spin pure Python in the mind's process for 2 s")
    parser.add_argument("--echo", action="store_true", help="echo lines instead of agents")
    parser.add_argument("--no-canceller", action="store_true", help="without the echo canceller")
    options = parser.parse_args(argv)
    for lines in options.lines:
        row = asyncio.run(
            measure(
                lines, options.seconds, speech_of(options.speech), spinning=options.spin, echo=options.echo, cancel=not options.no_canceller
            )
        )
        sys.stdout.write(json.dumps(row) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
