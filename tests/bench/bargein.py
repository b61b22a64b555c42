"""Barge-in: the caller speaks over the agent; its onset to the last speech frame of the interrupted turn."""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from ari_app.caller.calling import Manner, place_call, telephone
from ari_app.caller.script import Hangup, Interrupt, Patience, Wait
from tests.bench import _target

WORDS = (
    "What is the status of my order?",
    "I want to speak to a person.",
    "When are you open?",
    "wait, stop please",
    "no, I have another question",
)


async def measure(options: argparse.Namespace) -> int:
    stops: list[float] = []
    in_pause = failed = 0
    chance = random.Random(options.seed)
    target = _target.target_of(options)
    async with _target.caller_voice(options) as synthesize, telephone(target) as shared:
        for index in range(options.n):
            script = (Interrupt(chance.uniform(options.earliest, options.latest), WORDS[index % len(WORDS)]), Wait(1.5), Hangup(wait=False))
            manner = Manner(patience=Patience(seed=index))
            report = await place_call(
                target, options.number, script, synthesize=synthesize, manner=manner, out_dir=options.out, shared=shared
            )
            if not report.barge_in_stops_ms:
                failed += 1
            for stop in report.barge_in_stops_ms:
                if stop is None:
                    in_pause += 1
                else:
                    stops.append(stop)
    when = f"{options.earliest:g} to {options.latest:g} s into its turn"
    _target.show("bargein", {"number": options.number, "onset": when}, _target.spread(stops) | {"in_a_pause": in_pause, "failed": failed})
    return 0 if stops else 1


def main(argv: Sequence[str] | None = None) -> int:
    made = _target.parser(__doc__)
    made.add_argument("--n", type=int, default=20, help="interruptions")
    made.add_argument("--earliest", type=float, default=0.4, help="seconds after the agent's onset")
    made.add_argument("--latest", type=float, default=2.0, help="seconds after the agent's onset")
    made.add_argument("--seed", type=int, default=1, help="of the random moments")
    made.add_argument("--out", type=Path, help="keep the recordings here")
    return _target.run(made, measure, argv)


if __name__ == "__main__":
    raise SystemExit(main())
