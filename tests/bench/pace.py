"""What a slower or faster voice costs: processor time a second of speech, how much of it is held back, and what it does to the words.

    python -m tests.bench.pace [--voices rhvoice:bdl,rhvoice:slt,flite:rms] [--sentences 20] [--rounds 3]

Sentences of the front desk in offline voices, pushed through agents.tts.pace in chunks of 100 ms as a voice gives
them, and read by the default recogniser (wideband, no telephone between). Processor time is that of this process, best of the rounds; one
line of JSON per voice and pace.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from agents.audio import RATE, Pcm, seconds
from agents.library import load_agent
from agents.sdk.offline_speech import offline_speech
from agents.tts.iterating import drain
from agents.tts.pace import Stretch
from tests.agents.tts.test_pace_speech import pitch_ratio, words_of, wrong

PACES = (1.0, 0.7, 0.8, 0.9, 1.1)
CHUNK = RATE // 10


def paced(pcm: Pcm, pace: float) -> tuple[Pcm, float]:
    """And the most that was held back, in ms of what came in."""
    stretch, made, parts, held = Stretch(pace), 0, list[Pcm](), 0.0
    for start in range(0, len(pcm), CHUNK):
        parts.append(stretch.push(pcm[start : start + CHUNK]))
        made += len(parts[-1])
        held = max(held, (min(len(pcm), start + CHUNK) - made * pace) / RATE)
    return np.concatenate([*parts, stretch.finish()]), held * 1000


def cost(clips: list[Pcm], pace: float, rounds: int) -> float:
    """ms of processor time a second of speech that goes in."""
    best = float("inf")
    for _ in range(rounds):
        begun = time.process_time()
        for pcm in clips:
            paced(pcm, pace)
        best = min(best, time.process_time() - begun)
    return best * 1000 / sum(map(seconds, clips))


def sentences(count: int) -> list[str]:
    """Of the shipped front desk, of 7 to 20 words, spread over all of it."""
    fit = [sentence for sentence in load_agent("front-desk").fixed_sentences() if 7 <= len(sentence.split()) <= 20]
    return fit[:: max(1, len(fit) // count)][:count]


async def measure(voice: str, said: list[str], rounds: int) -> list[dict[str, Any]]:
    rows = []
    async with offline_speech(voice) as speech:
        clips = [await drain(speech.speaker.speak(sentence)) for sentence in said]
        whole, count = np.concatenate(clips), sum(len(words_of(sentence)) for sentence in said)
        for pace in PACES:
            made = [paced(pcm, pace) for pcm in clips]
            heard = [(await speech.transcriber.transcribe(pcm)).text for pcm, _ in made]
            rows.append(
                {
                    "voice": voice,
                    "pace": pace,
                    "ms_per_s": round(cost(clips, pace, rounds), 2),
                    "held_back_ms": round(max(held for _, held in made), 1),
                    "length_off_percent": round(100 * (sum(len(pcm) for pcm, _ in made) * pace / len(whole) - 1), 3),
                    "pitch_off_percent": round(100 * (pitch_ratio(whole, paced(whole, pace)[0], pace) - 1), 2),
                    "words_wrong": f"{sum(wrong(said, text) for said, text in zip(said, heard, strict=True))} of {count}",
                }
            )
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Cost and quality of a slower or faster voice.")
    parser.add_argument("--voices", default="rhvoice:bdl,rhvoice:slt,flite:rms")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sentences", type=int, default=20)
    options = parser.parse_args(argv)
    for voice in options.voices.split(","):
        for row in asyncio.run(measure(voice, sentences(options.sentences), options.rounds)):
            sys.stdout.write(json.dumps(row) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
