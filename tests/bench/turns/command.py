"""Turn taking on real calls: gaps, cut-ins, interruptions, backchannels, echo, noise, loss; hundreds of seeded events."""

import argparse
import asyncio
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agents.tts.speaker import SpeechError
from ari_app.service.layout import PROJECT
from ari_app.service.state import NotRunning
from handoff.records.store import RecordsUnavailable
from tests.bench.turns.events import Kind
from tests.bench.turns.figures import Figure
from tests.bench.turns.page import told
from tests.bench.turns.run import Made, Wanted, run

EPILOG: Final = """
what happens
  An instance of its own is started on free ports, with an agent made for this. Scripted callers dial it through Asterisk and play real
  and synthetic speech at exact moments; every figure comes from the RTP packets at the caller's socket. What is played when depends on
  --seed, --set and --size alone. The full run takes about 25 minutes, the quick one about three; the first run also makes the sounds.

kinds of events, for --only
  finished     sentences, one-word answers, digits: how soon the agent answers
  pause        a pause of 0.2 to 1.5 s inside a sentence, number or address: does the agent cut in
  hanging      half a sentence: how long the agent would wait (for the curve of latency against cut-ins)
  interrupt    the caller wants the floor, from the agent's first word on: does it stop, and when
  key          a key instead of words
  backchannel  "mm-hm" over the agent: does the same answer go on from the same sample
  noise        the same with coughs, doors, clicks
  listen       nobody speaks, but the line has echo or noise: does the agent interrupt itself
  legal        words over a text that must be heard to its end

what comes out, in --out
  report.html    one page: the table with its bounds, plots, what went wrong
  figures.jsonl  one line per figure with its conditions
  events.jsonl   one line per event: what was played, what came of it, all times in ms
  audio/         what the caller heard in each event that failed (of all events with --keep)
  logs/          of the instance
  captures/, instance/   with --keep: every packet received, one .npz per call; the instance with its call history

examples
  ./patchcord bench turns --size quick
  ./patchcord bench turns --set tune --only finished pause --setting turns.endpointing.min_delay_s=0.25
  ./patchcord bench turns --seed 7 --out seven --keep
"""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        "patchcord bench turns", description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--seed", type=int, default=1, help="of all events and their moments (default 1)")
    made.add_argument(
        "--set",
        dest="purpose",
        choices=("report", "tune"),
        default="report",
        help="voices and texts: those for reports (default), or those for tuning",
    )
    made.add_argument("--size", choices=("full", "quick"), default="full", help="hundreds of events (default), or a few of each")
    made.add_argument(
        "--only", nargs="+", choices=[kind.value for kind in Kind], default=[], metavar="KIND", help="only these kinds of events"
    )
    made.add_argument("--n", type=int, help="so many events in every row of the plan, instead of its own numbers")
    made.add_argument("--parallel", type=int, default=6, help="calls at once (default 6): more of them load the machine that is measured")
    made.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE", help="a setting of the instance; may be repeated")
    made.add_argument("--out", type=Path, help="folder for everything that comes out (default .patchcord/bench/turns-TIME)")
    made.add_argument("--keep", action="store_true", help="keep all packets and all audio, not only that of failures")
    made.add_argument(
        "--again", action="store_true", help="place no calls: measure those that a run with --keep and the same options left in --out"
    )
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 measured and every bound met, 1 measured and some not, 2 could not be measured."""
    made = parser()
    options = made.parse_args(argv)
    if options.parallel < 1 or (options.n is not None and options.n < 1):
        made.error("--parallel and --n must be at least 1")
    settings = dict(_setting(text, made) for text in options.setting)
    out = (options.out or PROJECT / ".patchcord" / "bench" / time.strftime("turns-%Y%m%d-%H%M%S")).resolve()
    only = tuple(Kind(name) for name in options.only)
    wanted = Wanted(
        out, options.seed, options.purpose, options.size, only, options.n, options.parallel, options.keep, options.again, settings
    )
    try:
        done = asyncio.run(run(wanted))
    except (RuntimeError, SpeechError, NotRunning, RecordsUnavailable, ValueError, OSError) as error:
        print(f"bench turns: {error}", file=sys.stderr)  # noqa: T201
        return 2
    print(text_of(done, out))  # noqa: T201
    return 1 if any(figure.met is False for figure in done.figures) else 0


def _setting(text: str, made: argparse.ArgumentParser) -> tuple[str, str]:
    found = re.fullmatch(r"([a-z_0-9.]+\.[a-z_0-9]+)=(.*)", text)
    if found is None:
        made.error(f"--setting {text}: give it as section.name=value, such as turns.endpointing.min_delay_s=0.25")
    return found[1], found[2]


def text_of(done: Made, out: Path) -> str:
    """The table for a terminal."""
    bounded = [figure for figure in done.figures if figure.bound]
    others = [figure for figure in done.figures if not figure.bound]
    problems = [f"  ! {problem}" for problem in done.circumstances.problems[:20]]
    head = " · ".join(f"{name} {value}" for name, value in done.circumstances.facts.items())
    return "\n".join([head, "", *_rows(bounded), "", *_rows(others), "", *problems, f"{out / 'report.html'}"])


def _rows(figures: Sequence[Figure]) -> list[str]:
    """A line of the figures, and one of the bound where there is one."""
    rows = []
    for figure in figures:
        verdict = {True: "met", False: "NOT MET", None: ""}[figure.met]
        rows.append(f"{verdict:<8}{figure.name}  (n {figure.n}; {figure.conditions})")
        rows.append(f"{'':<8}  {told(figure)}" + (f"   [{figure.bound}]" if figure.bound else ""))
    return rows


if __name__ == "__main__":
    raise SystemExit(main())
