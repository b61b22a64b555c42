"""A language model on real calls: from its first token at the local server to the agent's first speech frame at the caller's RTP.

Run with: ./patchcord bench model_wire. It starts an instance of its own with a script that serves an agent with a model. Calls whose first
token came before the caller's turn was over are counted apart: there the answer was ready in time, and what is left is the wait.
"""

import argparse
import asyncio
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from agents.llm.scripted_model import Wait
from ari_app.caller import measures
from ari_app.caller.calling import Manner, record_call, telephone
from ari_app.caller.measures import Side
from ari_app.caller.script import Hangup, Patience, Say, Step
from ari_app.caller.script import Wait as Silence
from tests.agents.llm.local_server import LocalServer, Reply
from tests.bench import _target
from tests.e2e.history import newest_whole
from tests.e2e.instance import Instance
from tests.e2e.people import settled, trunk, voice_of

THINKS_S: Final = 0.5
"""Below the time after which a second request is made."""
SCRIPT: Final = Path(__file__).parents[1] / "e2e" / "own_agents.py"
QUESTIONS: Final = ("How many brass lamps do you have?", "Do you sell glass lamps as well?", "Can you tell me what a lamp costs?")
ANSWERS: Final = (
    "There are five of them in the shop. Shall I keep one for you?",
    "Yes, we have several kinds of those. They are on the first floor.",
    "They begin at twenty dollars, with a shade.",
)


def answer(body: Mapping[str, Any]) -> Reply:
    """As a model would: piece by piece, 14 ms apart."""
    number = sum(message["role"] == "user" for message in body["messages"])
    return Reply((Wait(THINKS_S), ANSWERS[number % len(ANSWERS)]), gap_s=0.014)


async def measure(options: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="patchcord-model-"))
    server = LocalServer(answer)
    await server.start()
    os.environ["OWN_AGENTS_NOTES"], os.environ["OWN_AGENTS_MODEL"] = str(folder / "notes.txt"), f"{server.url}#lamps"
    running = Instance(folder / "data", program=[str(SCRIPT)])
    found: list[float] = []
    early: list[float] = []
    gaps: list[float] = []
    try:
        await asyncio.to_thread(running.start)
        async with voice_of(running) as voice, telephone(trunk(running)) as (agent, threads):
            for number in range(options.n):
                server.first_piece_at = 0.0
                script: list[Step] = [Say(QUESTIONS[number % len(QUESTIONS)]), Silence(0.5), Hangup()]
                manner = Manner(patience=Patience(seed=number))
                record = await record_call(agent, threads, "501", script, synthesize=voice.synthesize, manner=manner)
                caller, heard = Side.of(record.log.sent), Side.of(record.log.received)
                [gap] = measures.response_gaps(record.spoken[:1], caller, heard)
                if gap.gap_ms is None:
                    continue
                gaps.append(gap.gap_ms)
                ended_ns = max(caller.speech(gap.spoken))
                token_ms = (server.first_piece_at * 1e9 - ended_ns) / 1e6
                await settled(running)
                (answered,) = [turn["latency_ms"] for turn in newest_whole(running)["turns"] if "gap" in turn["latency_ms"]]
                (found if token_ms > answered["end_of_turn"] else early).append(gap.gap_ms - token_ms)
    finally:
        await asyncio.to_thread(running.stop)
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    conditions = {"calls": options.n, "server_thinks_ms": round(THINKS_S * 1e3), "pieces": "14 ms apart", "voice": "rhvoice:bdl"}
    figures = {f"overhead_{key}": value for key, value in _target.spread(found).items()}
    figures |= {"early_n": len(early), "gap_p50_ms": _target.spread(gaps)["p50_ms"], "unanswered": options.n - len(gaps)}
    _target.show("model_wire", conditions, figures)
    return 0 if found else 1


def main(argv: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    made.add_argument("--n", type=int, default=30, help="calls, one after the other")
    return _target.run(made, measure, argv)


if __name__ == "__main__":
    raise SystemExit(main())
