"""A turn of a flow: from the caller's transcript to the first audio of the answer, kept sentences and new ones apart.

Run with: ./patchcord bench flow_turn. Offline: the dialogue as a call runs it, the agent's voice, no telephone and no tool.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from agents.flows.acts import Act, Say
from agents.flows.dialogue import Dialogue
from agents.flows.sentences import spoken
from agents.library import load_agent
from agents.tts.factory import open_speaker
from agents.tts.speaker import Speaker
from tests.agents.tts.conftest import UnpackedTree
from tests.bench import _target
from tests.bench.speech import RUNTIME

KEPT: Final = ("where is my order", "what are your opening hours", "um, I was wondering about a parcel", "sorry, what did you say")
"""Answered by sentences that are always the same."""
NEW: Final = "it is {}"
"""A number, which is read back: a sentence that nobody has said before."""


async def first_audio(acts: list[Act], speaker: Speaker) -> float:
    """When the first sentence sounds."""
    first = next(sentence for act in acts if isinstance(act, Say) for sentence in spoken(act.text, act.language))
    audio = speaker.speak(first)
    async for _ in audio:
        break
    at = time.perf_counter()
    await audio.aclose()  # type: ignore[attr-defined]
    return at


async def measure(options: argparse.Namespace) -> int:
    begun = time.perf_counter()
    agent = load_agent(options.agent)
    loaded_s = time.perf_counter() - begun
    now = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    steps: dict[str, list[float]] = {"kept": [], "new": []}
    turns: dict[str, list[float]] = {"kept": [], "new": []}
    with tempfile.TemporaryDirectory() as cache:
        speaker = await open_speaker("rhvoice:bdl", UnpackedTree(RUNTIME / "root"), Path(cache))
        await speaker.prepare(agent.fixed_sentences())
        for number in range(options.n):
            for kind, text in (("kept", KEPT[number % len(KEPT)]), ("new", NEW.format(" ".join(f"{10482 + 37 * number:05}")))):
                dialogue = Dialogue(agent)
                dialogue.start(now)
                if kind == "new":
                    dialogue.heard("where is my order", now)
                began = time.perf_counter()
                acts = dialogue.heard(text, now)
                steps[kind].append((time.perf_counter() - began) * 1e3)
                turns[kind].append((await first_audio(acts, speaker) - began) * 1e3)
        await speaker.close()
    conditions = {"agent": options.agent, "nodes": len(agent.nodes), "load_s": round(loaded_s, 2), "voice": "rhvoice:bdl"}
    for kind in turns:
        figures = {f"step_{key}": value for key, value in _target.spread(steps[kind]).items() if key in ("p50_ms", "p95_ms")}
        _target.show("flow_turn", conditions | {"sentence": kind}, figures | _target.spread(turns[kind]))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    made.add_argument("--agent", default="front-desk")
    made.add_argument("--n", type=int, default=100)
    return _target.run(made, measure, argv)


if __name__ == "__main__":
    raise SystemExit(main())
