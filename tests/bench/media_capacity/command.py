"""How many calls the media process alone carries: lines on loopback that hold a conversation, more and more, until pacing breaks."""

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agents.audio import RATE, Pcm
from agents.line import PlaybackFinished, PlaybackStopped, VoicePaused, VoiceStarted
from ari_app.caller.script import Say, prepare, read_wav
from ari_app.commands.up import RUNTIME
from ari_app.media.link import MediaLine, MediaLink
from tests.ari_app.media.media_rig import media_process
from tests.bench import _target
from tests.bench.capacity.crowd_process import CrowdProcess, Heard
from tests.bench.capacity.mmsg import MmsgError
from tests.bench.capacity.own_instance import SENTENCES
from tests.bench.capacity.plot import Line, Panel, plot
from tests.bench.capacity.step import PACING_P99_MS, pacing_broken
from tests.bench.capacity.talk import Frames, sentences

STEPS = (1, 20, 50, 100, 150, 200, 250, 300, 350, 400, 450, 500)
ANSWER_S = 2.6
"""What the agent says each time."""
_THINKS_S = 0.3


class Answerer:
    """The mind of one line: says something when the caller has stopped. Costs little, and has no model."""

    def __init__(self, line: MediaLine, answer: Sequence[Pcm]) -> None:
        self._line = line
        self._answer = answer
        self._speaks = self._voice = False
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until the line is closed."""
        self._later(0.0)
        async for event in self._line.events():
            if isinstance(event, VoiceStarted):
                self._voice = True
            elif isinstance(event, VoicePaused):
                self._voice = False
                self._later(_THINKS_S)
            elif isinstance(event, PlaybackFinished | PlaybackStopped):
                self._speaks = False

    def _later(self, seconds: float) -> None:
        task = asyncio.create_task(self._say(seconds))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _say(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        if self._voice or self._speaks:
            return
        self._speaks = True
        self._count += 1
        await self._line.play(f"answer {self._count}", _pieces(self._answer), interruptible=False)


async def _pieces(answer: Sequence[Pcm]) -> AsyncIterator[Pcm]:
    for piece in answer:
        yield piece


def hum(seconds: float) -> list[Pcm]:
    """16 kHz, in pieces of 0.2 s."""
    wave = (4600 * np.sin(2 * np.pi * 220 / RATE * np.arange(round(seconds * RATE)))).astype(np.int16)
    return [wave[start : start + RATE // 5] for start in range(0, len(wave), RATE // 5)]


async def _sentences(options: argparse.Namespace) -> list[Frames]:
    if options.speech:
        return sentences([await asyncio.to_thread(read_wav, path) for path in options.speech])
    from ari_app.commands.call import Voice
    from ari_app.service.layout import Layout

    with tempfile.TemporaryDirectory(prefix="patchcord-voice-") as folder:
        layout = Layout(Path(folder))
        layout.make()
        voice = Voice(layout, RUNTIME / "root")
        try:
            return sentences(list((await prepare([Say(text) for text in SENTENCES], voice.synthesize)).values()))
        finally:
            await voice.close()


async def measure(options: argparse.Namespace) -> int:
    steps = sorted(set(options.lines))
    clips = await _sentences(options)
    rows: list[dict[str, Any]] = []
    async with contextlib.AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="patchcord-media-"))
        crowd = await stack.enter_async_context(CrowdProcess(steps[-1], clips))
        media = await stack.enter_async_context(media_process(Path(folder), 2 * steps[-1] + 2, *_media_options(options)))
        link = await MediaLink.connect(media.socket)
        stack.push_async_callback(link.close)
        readers: list[asyncio.Task[None]] = []
        for lines in steps:
            await _open(link, crowd, len(readers), lines, readers, not options.no_canceller)
            row = await _step(options, link, crowd, lines)
            if row["broken"]:
                row = await _step(options, link, crowd, lines)  # a bad moment of the machine is no limit
            rows.append(row)
            _write(options, row)
            if row["broken"] and not options.beyond:
                break
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
    _tell(options, rows)
    return 0


def _media_options(options: argparse.Namespace) -> list[str]:
    return [] if options.no_canceller else ["--libraries", str(RUNTIME / "root")]


async def _open(link: MediaLink, crowd: CrowdProcess, first: int, lines: int, readers: list[asyncio.Task[None]], cancel: bool) -> None:
    answer = hum(ANSWER_S)
    for slot in range(first, lines):
        line = await link.open(f"call-{slot}", law="ulaw", echo_cancel=cancel)
        await line.attach("127.0.0.1", crowd.ports[slot])
        await crowd.attach([(slot, line.port)])
        readers.append(asyncio.create_task(Answerer(line, answer).run()))
        await asyncio.sleep(0.03)


async def _step(options: argparse.Namespace, link: MediaLink, crowd: CrowdProcess, lines: int) -> dict[str, Any]:
    await asyncio.sleep(options.settle)
    await crowd.take()
    before: dict[str, Any] = await link.status()
    await asyncio.sleep(options.seconds)
    after: dict[str, Any] = await link.status()
    return row_of(lines, await crowd.take(), before, after)


def row_of(lines: int, heard: Heard, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """``before`` and ``after``: the media process's status."""
    took = after["uptime_s"] - before["uptime_s"]
    cores = (after["cpu_s"] - before["cpu_s"]) / took
    pace = heard.pacing
    broken = pacing_broken(pace.p99_ms, pace.late_share)
    expected = lines * 50 * took
    if pace.packets < 0.98 * expected:
        broken.append(f"{pace.packets} packets came of {expected:.0f}")
    return {
        "lines": lines,
        "cores": round(cores, 4),
        "percent_per_call": round(100 * cores / lines, 3),
        "calls_per_core": round(lines / cores, 1) if cores else None,
        "packets": pace.packets,
        "pacing_p99_ms": pace.p99_ms,
        "pacing_worst_ms": pace.worst_ms,
        "late_share": round(pace.late_share, 6),
        "stalled_share": round(pace.stalled_share, 4),
        "memory_mb": round(after["rss_bytes"] / 1e6, 1),
        "turns": len(heard.gaps_ms),
        "unanswered": heard.unanswered,
        "callers_cores": round(heard.cpu_s / took, 4),
        "callers_late_p99_ms": heard.own.late_p99_ms,
        "broken": broken,
    }


def _write(options: argparse.Namespace, row: dict[str, Any]) -> None:
    line = json.dumps({"bench": "media_capacity", "step": row}) + "\n"
    sys.stdout.write(line)
    sys.stdout.flush()
    if options.out is not None:
        with options.out.open("a", encoding="utf-8") as file:
            file.write(line)


def _tell(options: argparse.Namespace, rows: Sequence[dict[str, Any]]) -> None:
    good = [row for row in rows if not row["broken"]]
    best = good[-1] if good else None
    figures = {
        "most_lines": best["lines"] if best else 0,
        "calls_per_core": best["calls_per_core"] if best else None,
        "breaks_at": next((row["lines"] for row in rows if row["broken"]), None),
        "because": "; ".join(next((row["broken"] for row in rows if row["broken"]), ["not reached"])),
    }
    _target.show("media_capacity", {"seconds": options.seconds, "canceller": not options.no_canceller}, figures)
    if options.plot is not None and rows:
        options.plot.write_text(curve(rows), encoding="utf-8")
        sys.stdout.write(f"plot: {options.plot}\n")


def curve(rows: Sequence[dict[str, Any]]) -> str:
    """SVG: cores and pacing over the lines."""
    cores = [Line(name, [(row["lines"], row[key]) for row in rows]) for name, key in (("media", "cores"), ("the callers", "callers_cores"))]
    pace = [Line("p99", [(row["lines"], row["pacing_p99_ms"]) for row in rows])]
    return plot(
        "The media process alone",
        "calls at once",
        [Panel("Processor, cores", cores, 1.0), Panel("Packet pacing p99, ms", pace, PACING_P99_MS)],
    )


def main(argv: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    made.add_argument("--lines", type=int, nargs="+", default=list(STEPS), help="calls at once")
    made.add_argument("--seconds", type=float, default=20.0, help="length of a step")
    made.add_argument("--settle", type=float, default=4.0, help="seconds before a step is measured")
    made.add_argument("--speech", type=Path, nargs="*", default=[], help="WAV files that the callers say; without them a machine's voice")
    made.add_argument("--no-canceller", action="store_true", help="without the echo canceller")
    made.add_argument("--beyond", action="store_true", help="go on after a step that breaks")
    made.add_argument("--out", type=Path, help="append a JSON line for each step")
    made.add_argument("--plot", type=Path, help="write the curve as SVG")
    try:
        return asyncio.run(measure(made.parse_args(argv)))
    except MmsgError as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
