"""How long after an angry turn the rules have decided, on real calls: from the last voiced frame, and from the end of the turn.

    ./patchcord bench decision_time [--calls 20] [--at-once 2] [--mode audio]

Starts an instance of its own with the front desk in this mode. Each caller says a calm line and then angry ones until a person is called.
The decision is made at the pause, while the end of the turn is still open; it is acted on when the turn is over.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ari_app.caller.script import Hangup, Say, Step, Wait
from tests.e2e.crowd import until
from tests.e2e.history import newest_calls, whole
from tests.e2e.instance import Instance
from tests.e2e.people import settled, talk, trunk

NUMBER: Final = "310"
_CALM: Final = "What is the status of my order?"
_ANGRY: Final = (
    "This is ridiculous, I have called you three times now and nobody helps me.",
    "I am sick and tired of this, it is absolutely unacceptable.",
    "You are completely useless, I have had enough of this company.",
)


def quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, round(share * (len(values) - 1)))]


def row(values: Sequence[float]) -> dict[str, float | int]:
    if not values:
        return {"n": 0}
    return {"n": len(values), "p50": statistics.median(values), "p95": quantile(values, 0.95), "worst": max(values)}


async def measure(instance: Instance, calls: int, at_once: int) -> dict[str, Any]:
    seat = asyncio.Semaphore(at_once)

    async def one(index: int) -> None:
        lines = [_CALM, *(_ANGRY[(index + place) % len(_ANGRY)] for place in range(3))]
        steps: list[Step] = [*(Say(line) for line in lines), Wait(1), Hangup(wait=False)]
        async with seat:
            await talk(instance, NUMBER, steps, target=trunk(instance, f"55503{index:02}"))
        sys.stderr.write(f"\rcall {index + 1} of {calls}")

    await asyncio.gather(*(one(index) for index in range(calls)))
    await settled(instance, 20)
    await until(lambda: not instance.status()["records_pending"], 10, "everything is written")
    decided: dict[str, list[float]] = {"escalate": [], "try_once": []}
    foreseen, escalated, third = 0, 0, 0
    for each in newest_calls(instance, calls):
        call = whole(instance, each["id"])
        events = [(event["kind"], event["data"]) for event in call["events"]]
        turns = [turn["number"] for turn in call["turns"] if turn["who"] == "caller"]
        for kind, data in events:
            if kind == "escalation_rule" and data["act"] in decided:
                decided[data["act"]].append(data["after_ms"])
                foreseen += data.get("foreseen", False)
        by = [
            ground["turn"] for kind, data in events if kind == "escalation_rule" and data["act"] == "escalate" for ground in data["grounds"]
        ]
        escalated += bool(by)
        # The first spoken turn is the calm one.
        third += bool(by) and max(turn or 0 for turn in by) <= (turns[2] if len(turns) > 2 else turns[-1])
    everything = [value for values in decided.values() for value in values]
    return {
        "calls": calls,
        "voice_end_to_decision_ms": row(everything),
        "escalate_ms": row(decided["escalate"]),
        "foreseen": foreseen,
        "escalated": escalated,
        "before_the_third_angry_turn": third,
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--mode", choices=("text", "audio"), default="audio")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        settings = {f"numbers.{NUMBER}.agent": "front-desk", f"numbers.{NUMBER}.emotion": options.mode, "transfer.mode": "blind"}
        instance = Instance(Path(folder) / "data", settings)
        try:
            instance.start()
            instance.settle_in()
            found = asyncio.run(measure(instance, options.calls, options.at_once))
        finally:
            instance.stop()
    sys.stdout.write(json.dumps({"mode": options.mode, **found}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
