"""Measures the end-of-turn judge on voices, sentences and people that its weights were not fitted on.

Run with: ./patchcord bench endpointing. Times are silences after the last voiced frame, in ms. A cut-in is an inner pause, uniform from
0.2 to 0.7 s, that outlasts the wait; "late": the same when the voice that ends the pause is noticed ONSET_S late. All audio has been
through G.711, and the words are what the recogniser made of it at the pause. A ``phrase`` is a beginning that was synthesised as if it were
the whole: its melody says the contrary of its words, as no person's would.
"""

import argparse
import asyncio
import math
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.endpointing import waits
from agents.endpointing.evidence import Grasp
from agents.endpointing.judge import EndOfTurnJudge
from agents.turns.knobs import EndpointingKnobs
from tests.bench.endpointing.collect import collect
from tests.bench.endpointing.evidence import evidence, grasp
from tests.bench.endpointing.material import Half, Sample
from tests.bench.speech import say

ONSET_S: Final = 0.08
SHORTEST_S: Final = 0.2
LONGEST_S: Final = 0.7
BUDGETS: Final = (0.01, 0.02, 0.05, 0.10)
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    sample: Sample
    grasp: Grasp
    p: float
    wait_s: float


def cut_share(waits_s: Numbers, onset_s: float = 0.0) -> Numbers:
    """For each wait, the share of inner pauses that outlast it."""
    share: Numbers = np.clip((LONGEST_S + onset_s - waits_s) / (LONGEST_S - SHORTEST_S), 0, 1)
    return share


def judge_all(half: Half, samples: Sequence[Sample], knobs: EndpointingKnobs, see: Callable[[Sample], Grasp]) -> list[Judged]:
    judge = EndOfTurnJudge()
    out = []
    for sample in samples:
        grasped = see(sample)
        verdict = judge.wait_s(evidence(half, sample, grasped), knobs)
        out.append(Judged(sample, grasped, verdict.p_finished, verdict.wait_s))
    return out


def line(label: str, judged: Sequence[Judged]) -> str:
    ends = np.array([each.wait_s for each in judged if each.sample.finished])
    inner = np.array([each.wait_s for each in judged if not each.sample.finished])
    told = f"{label:28} {len(ends):5}"
    told += f" {1e3 * np.median(ends):6.0f} {1e3 * np.percentile(ends, 95):6.0f} {1e3 * ends.mean():6.0f}" if len(ends) else " " * 21
    told += f" {len(inner):6}"
    return told + (f" {100 * cut_share(inner).mean():6.1f} {100 * cut_share(inner, ONSET_S).mean():6.1f}" if len(inner) else "")


def table(title: str, judged: Sequence[Judged]) -> None:
    say(f"\n{title}")
    say(f"{'':28} {'ends':>5} {'p50':>6} {'p95':>6} {'mean':>6} {'inner':>6} {'cut %':>6} {'late %':>6}")
    say(line("all", judged))
    say(line("all but phrases and numbers", plain(judged)))
    for source in dict.fromkeys(each.sample.source for each in judged):
        mine = [each for each in judged if each.sample.source == source]
        say(line(source, mine))
        kinds = dict.fromkeys(each.sample.kind for each in mine if not each.sample.finished)
        for kind in kinds if len(kinds) > 1 else ():
            say(line(f"  {kind}", [each for each in mine if each.sample.kind == kind]))


def plain(judged: Sequence[Judged]) -> list[Judged]:
    return [each for each in judged if each.sample.kind != "phrase" and each.sample.expected != "digits"]


def shifted(judged: Sequence[Judged], shift: float, knobs: EndpointingKnobs) -> Numbers:
    """Waits if every P had ``shift`` added to its log odds."""
    out = []
    for each in judged:
        odds = math.log(max(each.p, 1e-9) / max(1 - each.p, 1e-9)) + shift
        wait = waits.wait_s(1 / (1 + math.exp(-odds)), waits.delays(knobs, "", each.sample.heard))
        out.append(wait + (knobs.numbers_extra_s if each.grasp is Grasp.PARTIAL else 0.0))
    return np.array(out)


def curve(judged: Sequence[Judged], knobs: EndpointingKnobs) -> None:
    say("waits of finished turns at fixed budgets of cut-ins, phrases and numbers apart")
    finished = np.array([each.sample.finished for each in judged])
    tried = [(shift, shifted(judged, shift, knobs)) for shift in np.arange(-4, 4.01, 0.1)]
    for budget in BUDGETS:
        fitting = [(shift, found) for shift, found in tried if cut_share(found[~finished]).mean() <= budget]
        if not fitting:
            say(f"  {100 * budget:3.0f} %: not reached")
            continue
        shift, found = max(fitting, key=lambda pair: pair[0])
        ends = found[finished]
        say(
            f"  {100 * budget:3.0f} %: p50 {1e3 * np.median(ends):.0f}, p95 {1e3 * np.percentile(ends, 95):.0f}, "
            f"mean {1e3 * ends.mean():.0f} (log odds {shift:+.1f})"
        )


def worst(judged: Sequence[Judged], count: int) -> None:
    say("\ninner pauses that were judged most finished")
    inner = sorted((each for each in judged if not each.sample.finished), key=lambda each: -each.p)
    for each in inner[:count]:
        say(f"  {each.p:.2f} {each.sample.source}/{each.sample.kind} {each.sample.voice}: {each.sample.heard!r} of {each.sample.whole!r}")
    say("ends that were judged least finished")
    for each in sorted((each for each in judged if each.sample.finished), key=lambda each: each.p)[:count]:
        say(f"  {each.p:.2f} {each.sample.source} {each.sample.voice}: {each.sample.heard!r} of {each.sample.whole!r}")


def cost(half: Half, samples: Sequence[Sample]) -> None:
    judge, knobs = EndOfTurnJudge(), EndpointingKnobs()
    prepared = [evidence(half, sample, Grasp.UNKNOWN) for sample in samples[:200]]
    judge.wait_s(prepared[0], knobs)
    begun = time.thread_time()
    for each in prepared:
        judge.wait_s(each, knobs)
    say(f"\nprocessor time of one judgement: {1e3 * (time.thread_time() - begun) / len(prepared):.2f} ms")


async def measure(half: Half, examples: int) -> None:
    samples, knobs = await collect(half), EndpointingKnobs()
    unknown = judge_all(half, samples, knobs, lambda _: Grasp.UNKNOWN)
    table("without the dialogue's help (grasp unknown)", unknown)
    curve(plain(unknown), knobs)
    known = judge_all(half, samples, knobs, grasp)
    table("with what the front desk grasps", known)
    curve(plain(known), knobs)
    cost(half, samples)
    if examples:
        worst(known, examples)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measures the end-of-turn judge.")
    parser.add_argument("--half", choices=["fit", "report"], default="report", help="the half of the material; fit: what the weights know")
    parser.add_argument("--examples", type=int, default=0, help="how many misjudged ones to print")
    arguments = parser.parse_args(argv)
    asyncio.run(measure(arguments.half, arguments.examples))
    return 0


if __name__ == "__main__":
    sys.exit(main())
