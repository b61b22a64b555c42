"""Response gap: last speech frame of the caller to the first speech frame of the agent, over scripted dialogues."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from ari_app.caller.calling import Manner, place_call, telephone
from ari_app.caller.script import Hangup, Key, Patience, Say, Step
from tests.bench import _target

DIALOGUES: tuple[tuple[Step, ...], ...] = (
    (
        Say("When are you open?"),
        Say("What is the status of my order?"),
        Say("one zero four eight two"),
        Say("yes"),
        Say("no, thank you"),
        Hangup(),
    ),
    (Say("I would like to know where my order is."), Key("10482"), Say("yes, that is right"), Say("no thanks, goodbye"), Hangup()),
    (Say("hello"), Say("what are your opening hours please"), Say("and on Saturday, when are you open?"), Say("goodbye"), Hangup()),
    (Say("order status please"), Say("one zero four eight two"), Say("no"), Key("10482"), Say("yes"), Say("goodbye"), Hangup()),
)


async def measure(options: argparse.Namespace) -> int:
    gaps: list[float] = []
    by_key: list[float] = []
    missing = cut_ins = calls = 0
    silences: list[float] = []
    target = _target.target_of(options)
    async with _target.caller_voice(options) as synthesize, telephone(target) as shared:
        while len(gaps) < options.n and calls < options.n:
            script = DIALOGUES[calls % len(DIALOGUES)]
            manner = Manner(patience=Patience(seed=calls))
            report = await place_call(
                target, options.number, script, synthesize=synthesize, manner=manner, out_dir=options.out, shared=shared
            )
            calls += 1
            steps = [step for step in script if isinstance(step, Say | Key)]
            for step, gap in zip(steps, report.response_gaps_ms, strict=False):
                if gap is None:
                    missing += 1
                else:
                    (by_key if isinstance(step, Key) else gaps).append(gap)
            cut_ins += report.cut_ins
            silences += [report.longest_silence_ms] if report.longest_silence_ms is not None else []
            if options.verbose:
                print("\n".join(report.lines()), flush=True)  # noqa: T201
    figures = _target.spread(gaps) | {"unanswered": missing, "cut_ins": cut_ins, "longest_silence_ms": round(max(silences, default=0.0))}
    figures |= {"after_keys_n": len(by_key), "after_keys_p50_ms": _target.spread(by_key)["p50_ms"]}
    _target.show(
        "response_gap", {"number": options.number, "calls": calls, "dialogues": len(DIALOGUES), "voice": "synthesised caller"}, figures
    )
    return 0 if gaps else 1


def main(argv: Sequence[str] | None = None) -> int:
    made = _target.parser(__doc__)
    made.add_argument("--n", type=int, default=40, help="spoken turns to measure")
    made.add_argument("--out", type=Path, help="keep the recordings here")
    made.add_argument("--verbose", action="store_true", help="print every call")
    return _target.run(made, measure, argv)


if __name__ == "__main__":
    raise SystemExit(main())
