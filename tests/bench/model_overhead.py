"""Our part of a language model's answer: its first token at the server to the first sentence, and to the first audio of the voice.

Run with: python -m tests.bench.model_overhead [--turns 200] [--voice rhvoice:bdl]. The server is real and runs in a process of its own; the
clocks are the machine's one. "at once": the whole answer comes as fast as the socket takes it, so that everything measured is ours;
"paced": a piece of 7 characters every 14 ms, as from a model of about 125 tokens a second, so that waiting for the sentence is in it.
"""

import argparse
import asyncio
import multiprocessing
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from agents.llm.config import LlmSettings, open_models
from agents.llm.task import ModelTurns, Sentence
from agents.tts.speaker import Speaker
from tests.agents.llm.llm_doubles import Shelf, talk, task
from tests.agents.llm.local_server import LocalServer, Reply
from tests.agents.tts.conftest import UnpackedTree
from tests.bench._target import show, spread
from tests.bench.speech import RUNTIME, open_voice

ANSWER = "Your lamp has left our store this morning. It should be with you on Friday, before noon. Is there anything else?"
GAP_S = 0.014


def _serve(pipe: Connection) -> None:
    """Answers until told to stop; every message is a question for the time of the latest answer's first piece."""

    async def main() -> None:
        server = LocalServer(lambda body: Reply([ANSWER], gap_s=GAP_S if body["model"] == "paced" else 0.0))
        await server.start()
        pipe.send(server.url)
        while await asyncio.to_thread(pipe.recv):
            pipe.send(server.first_piece_at)
            server.first_piece_at = 0.0
        await server.stop()

    asyncio.run(main())


async def turn(models: ModelTurns, pipe: Connection, voice: Speaker | None) -> tuple[float, float]:
    """Milliseconds from the first piece to the first sentence, and to the first audio (0 without a voice)."""
    sentence_at = audio_at = 0.0
    history = talk(*["How can I help you?", "I have a question about my order"] * 6, "Yes?")
    async for event in models.run(task(turns=history, exits={"done": "all is said"}, remembers={"order": "number"}), Shelf()):
        if isinstance(event, Sentence) and not sentence_at:
            sentence_at = time.perf_counter()
            if voice is not None:
                async for _ in voice.speak(event.text):
                    audio_at = audio_at or time.perf_counter()
    pipe.send(True)
    begun_at = await asyncio.to_thread(pipe.recv)
    return (sentence_at - begun_at) * 1e3, max(0.0, audio_at - begun_at) * 1e3


async def measure(options: argparse.Namespace, url: str, pipe: Connection) -> None:
    voice = open_voice(options.voice, UnpackedTree(RUNTIME / "root")) if (RUNTIME / "root").is_dir() else None
    if voice is not None:
        async for _ in voice.speak("Ready."):
            pass
    for pace in ("at once", "paced"):
        provider: dict[str, Any] = {"name": "local", "base_url": url, "model": pace, "hedge_after_s": None}
        begun = time.perf_counter()
        models = open_models(LlmSettings.model_validate({"models": [provider]}))
        opened_ms = (time.perf_counter() - begun) * 1e3
        assert models is not None
        first = await turn(models, pipe, voice)
        rest = [await turn(models, pipe, voice) for _ in range(options.turns)]
        await models.close()
        figures: dict[str, Any] = {"opening_ms": round(opened_ms), "first_turn_ms": round(first[0], 1)}
        figures |= {f"sentence_{key}": value for key, value in spread([sentence for sentence, _ in rest]).items()}
        if voice is not None:
            figures |= {f"audio_{key}": value for key, value in spread([audio for _, audio in rest]).items()}
        show("model_overhead", {"pace": pace, "voice": options.voice if voice else "none", "turns": options.turns}, figures)
    if voice is not None:
        await voice.close()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--voice", default="rhvoice:bdl", help="used when the voices are unpacked")
    options = parser.parse_args(argv)
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("fork").Process(target=_serve, args=(theirs,))
    server.start()
    try:
        asyncio.run(measure(options, ours.recv(), ours))
        ours.send(False)
    finally:
        server.join(5)
        server.terminate()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
