"""What the analysis of feelings costs in each mode, and how long it takes from a pause to what is made of it.

    python -m tests.bench.emotion_cost [--calls 5] [--utterances 40] [--seconds 3] [--every 8] [--at-once 8] [--threads 2]

Calls follow one another, nothing else runs in the process. Each utterance has one pause in its middle and one at its end; at both the
monitor glances and foresees, as in a call, then the turn is answered. The voice is made here: syllables of a buzz. Processor time is the
process's; ``loop_ms`` is the part on the event loop. ``at once``: so many callers pause in the same moment, on ``--threads`` threads.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, get_args

import numpy as np

from agents.conversation.attention import Heard
from agents.emotion.monitor import EmotionMonitor
from agents.emotion.signs import Mode
from agents.emotion.voice.default import DefaultJudge
from agents.emotion.words.reading import WordReader
from agents.line import CallerAudio
from tests.agents.emotion.calling import heard, tagged, turn_of, voice

LINES = (
    "hello, I'd like to know where my parcel is",
    "the number is four seven one one",
    "no, that is not what I said",
    "this is taking far too long, and nobody tells me anything",
    "could you just put it next to the door",
    "yes, that's right",
    "I don't understand what you mean by that",
    "thank you, that was very kind of you",
)
reader = lru_cache(WordReader)


@dataclass
class Spent:
    """Milliseconds of processor time and of waiting, one for each utterance."""

    process: list[float] = field(default_factory=list)
    loop: list[float] = field(default_factory=list)
    wait: list[float] = field(default_factory=list)
    """From the glance at the last pause to what is foreseen."""
    audio: int = 0


def of(values: Sequence[float]) -> dict[str, float]:
    return {"median": round(statistics.median(values), 2), "p95": round(float(np.percentile(values, 95)), 2)}


def utterance(number: int, options: argparse.Namespace) -> tuple[Heard, Heard]:
    """At the pause in its middle, and at its end."""
    audio: tuple[CallerAudio, ...] = tagged(
        voice(options.seconds, pitch_hz=110 + 7 * (number % 9), level=0.05 * (1 + number % 3), seed=number)
    )
    text, at = LINES[number % len(LINES)], number * options.every
    half = heard(" ".join(text.split()[:3]), number=number, revision=0, at=at, audio=audio[: len(audio) // 2])
    return half, heard(text, number=number, revision=1, at=at, audio=audio)


def monitor(mode: Mode, executor: ThreadPoolExecutor) -> EmotionMonitor:
    made = EmotionMonitor(mode, readers=reader, judge=DefaultJudge(), executor=executor)
    made.voice_allowed = True
    return made


async def call(mode: Mode, executor: ThreadPoolExecutor, options: argparse.Namespace, spent: Spent) -> None:
    watching = monitor(mode, executor)
    for number in range(options.utterances):
        half, whole = utterance(number, options)
        process, loop = time.process_time(), time.thread_time()
        watching.glance(half)
        await watching.foresee(half, "en")
        paused = time.perf_counter()
        watching.glance(whole)
        await watching.foresee(whole, "en")
        spent.wait.append((time.perf_counter() - paused) * 1000)
        feeling, _ = await watching.answer(whole, turn_of(whole), "en")
        spent.process.append((time.process_time() - process) * 1000)
        spent.loop.append((time.thread_time() - loop) * 1000)
        spent.audio += feeling.method == "audio"
    watching.close()


async def at_once(executor: ThreadPoolExecutor, options: argparse.Namespace) -> list[float]:
    """Milliseconds from the pause that all callers make at once to what is foreseen of each."""
    waits: list[float] = []

    async def one(watching: EmotionMonitor, whole: Heard, paused: float) -> None:
        await watching.foresee(whole, "en")
        waits.append((time.perf_counter() - paused) * 1000)

    watchers = [monitor("audio", executor) for _ in range(options.at_once)]
    for number in range(10):
        said = [utterance(number + index, options)[1] for index in range(len(watchers))]
        paused = time.perf_counter()
        for watching, whole in zip(watchers, said, strict=True):
            watching.glance(whole)
        await asyncio.gather(*(one(watching, whole, paused) for watching, whole in zip(watchers, said, strict=True)))
    return waits


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    reader("en").read(LINES[0])
    modes: dict[str, Any] = {}
    with ThreadPoolExecutor(options.threads, "emotion") as executor:
        await call("audio", executor, options, Spent())
        for mode in get_args(Mode):
            spent = Spent()
            for _ in range(options.calls):
                await call(mode, executor, options, spent)
            modes[mode] = {
                "process_ms": of(spent.process),
                "loop_ms": of(spent.loop),
                "pause_to_foreseen_ms": of(spent.wait),
                "core_percent_per_call": round(statistics.mean(spent.process) / options.every / 10, 3),
                "with_voice": spent.audio,
                "utterances": len(spent.process),
            }
        together = await at_once(executor, options)
    return {
        "cores": os.cpu_count(),
        "load": [round(load, 1) for load in os.getloadavg()],
        "modes": modes,
        f"{options.at_once}_at_once_pause_to_foreseen_ms": of(together),
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Cost of the analysis of feelings.")
    parser.add_argument("--calls", type=int, default=5)
    parser.add_argument("--utterances", type=int, default=40, help="of each call")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of an utterance")
    parser.add_argument("--every", type=float, default=8.0, help="seconds from one utterance to the next")
    parser.add_argument("--at-once", type=int, default=8, help="callers who pause in the same moment")
    parser.add_argument("--threads", type=int, default=2)
    sys.stdout.write(json.dumps(asyncio.run(measure(parser.parse_args(argv))), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
