"""Ten scenarios on real calls: goal-driven callers with voices and words of their own; success by the shop's database."""

import argparse
import asyncio
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from agents.audio import Pcm
from agents.library import AgentError
from agents.stt.moonshine import MoonshineTranscriber
from agents.tts.speaker import SpeechError
from ari_app.caller.recording import write_wav
from ari_app.commands.progress import ProgressBar
from ari_app.service.layout import PROJECT
from ari_app.service.state import NotRunning
from handoff.records.store import RecordsUnavailable
from tests.bench.scenarios.case import TEN, Scenario
from tests.bench.scenarios.cases import Purpose, cases
from tests.bench.scenarios.placing import running
from tests.bench.scenarios.results import Figure, Result, figures, table
from tests.bench.scenarios.unseen import shipped_definitions, taught
from tests.bench.scenarios.wordings import Wordings

EPILOG: Final = """
what happens
  An instance of its own is started on free ports, with the demo shop in test mode. Callers dial number 100 through Asterisk. Each has
  a goal and facts of its own (customer, order, postcode, card …), hears the agent by recognising what arrives as RTP, and answers what
  it is asked: by voice or keys, corrects what is read back wrong, gives up when nothing helps. Wordings that an agent was taught are
  left out.

when a call is a success
  The caller's own rows in the shop's database are exactly those that the goal wants; the facts that were asked for are among the words
  that the caller heard; and the call ended as it should: in the right queue where a person is the goal, in no queue otherwise.

what comes out, in --out
  calls.jsonl    one line per call, with the transcripts of both sides, and what was wrong with a failed one
  figures.jsonl  one line per scenario and one over all ten, with 95 % intervals (Wilson)
  table.md       the same to read
  audio/         of failed calls (of all with --keep): the caller left, the agent right
  logs/          of the instance

examples
  ./patchcord bench scenarios --n 2 --only refund payment
  ./patchcord bench scenarios --set tune --only outage --alone
  ./patchcord bench scenarios --n 20 --parallel 3 --out twenty
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    out: Path
    scenarios: Sequence[Scenario] = TEN
    n: int = 20
    seed: int = 1
    purpose: Purpose = "report"
    parallel: int = 3
    alone: bool = False
    keep: bool = False
    settings: dict[str, str] = field(default_factory=dict)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        "patchcord bench scenarios", description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [scenario.value for scenario in Scenario]
    made.add_argument("--n", type=int, default=20, help="calls of each scenario (default 20)")
    made.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=f"only these: {', '.join(names)} (default: all)")
    made.add_argument("--seed", type=int, default=1, help="of all facts, wordings and manners (default 1)")
    made.add_argument(
        "--set", dest="purpose", choices=("report", "tune"), default="report", help="voices and openings: for reports (default) or tuning"
    )
    made.add_argument("--parallel", type=int, default=3, help="calls at once (default 3)")
    made.add_argument("--alone", action="store_true", help="dial each scenario's own agent instead of the front desk")
    made.add_argument("--keep", action="store_true", help="keep the audio of all calls, not only of failed ones, and the instance")
    made.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE", help="a setting of the instance; may be repeated")
    made.add_argument("--out", type=Path, help="folder for what comes out (default .patchcord/bench/scenarios-TIME)")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 measured and every bound met, 1 measured and some not, 2 could not be measured."""
    made = parser()
    options = made.parse_args(argv)
    if options.parallel < 1 or options.n < 1:
        made.error("--parallel and --n must be at least 1")
    if wrong := [text for text in options.setting if "=" not in text or "." not in text.partition("=")[0]]:
        made.error(f"--setting {wrong[0]}: give it as section.name=value")
    settings = dict(text.split("=", 1) for text in options.setting)
    out = (options.out or PROJECT / ".patchcord" / "bench" / time.strftime("scenarios-%Y%m%d-%H%M%S")).resolve()
    scenarios = tuple(Scenario(name) for name in options.only) if options.only else tuple(Scenario)
    wanted = Wanted(out, scenarios, options.n, options.seed, options.purpose, options.parallel, options.alone, options.keep, settings)
    try:
        found = asyncio.run(run(wanted))
    except (RuntimeError, SpeechError, NotRunning, RecordsUnavailable, AgentError, ValueError, OSError) as error:
        print(f"bench scenarios: {error}", file=sys.stderr)  # noqa: T201
        return 2
    print(table(found), f"\n{out}", sep="\n")  # noqa: T201
    return 1 if any(each.met is False for each in found) else 0


async def run(wanted: Wanted) -> list[Figure]:
    """Raises what starting an instance and its voices raises, AgentError, ValueError."""
    bar, began, today = ProgressBar(), time.monotonic(), datetime.now().astimezone().date()
    known = taught([text for texts in Wordings.load(wanted.purpose).openings.values() for text in texts], shipped_definitions())
    for opening, source in known.items():
        print(f"left out, because the agents were taught it: {opening!r} ({source!r})", file=sys.stderr)  # noqa: T201
    wordings = Wordings.load(wanted.purpose, leave_out=frozenset(known))
    placed = cases(wanted.scenarios, wanted.n, seed=wanted.seed, purpose=wanted.purpose, today=today)
    wanted.out.mkdir(parents=True, exist_ok=True)
    ear = MoonshineTranscriber(2)
    done: list[Result] = []

    async def recognise(pcm: Pcm) -> str:
        return (await ear.transcribe(pcm)).text

    def tell(result: Result) -> None:
        done.append(result)
        with (wanted.out / "calls.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(result.to_json()) + "\n")
        if result.talk.sound is not None and (wanted.keep or not result.verdict.success):
            write_wav(wanted.out / "audio" / f"{result.case.name}.wav", result.talk.sound.caller, result.talk.sound.agent)
        result.talk.sound = None
        left_s = (time.monotonic() - began) * (len(placed) - len(done)) / len(done)
        bar.show("calls", len(done), len(placed), f"{sum(not each.verdict.success for each in done)} failed, {left_s / 60:.0f} min")

    (wanted.out / "audio").mkdir(exist_ok=True)
    (wanted.out / "calls.jsonl").write_text("", encoding="utf-8")
    bar.show("starting an instance", 0, 1)
    try:
        async with running(wanted.out / "instance", alone=wanted.alone, settings=wanted.settings) as instance:
            await ear.warm_up()
            results, strays = await instance.perform(
                placed, wordings=wordings, today=today, parallel=wanted.parallel, recognise=recognise, tell=tell
            )
    finally:
        bar.close()
        await ear.close()
        logs = wanted.out / "instance" / "logs"
        if logs.exists():
            shutil.copytree(logs, wanted.out / "logs", dirs_exist_ok=True)
    _write(wanted, results, strays, left_out=len(known), minutes=(time.monotonic() - began) / 60)
    if not wanted.keep:
        shutil.rmtree(wanted.out / "instance")
    for stray in strays:
        print(f"changed for nobody who called: {stray}", file=sys.stderr)  # noqa: T201
    return figures(results)


def _write(wanted: Wanted, results: Sequence[Result], strays: Sequence[str], *, left_out: int, minutes: float) -> None:
    conditions = {
        "set": wanted.purpose,
        "seed": wanted.seed,
        "calls_at_once": wanted.parallel,
        "number": "each agent's own" if wanted.alone else "100",
        "wordings_left_out": left_out,
        "changed_for_nobody": len(strays),
        "minutes": round(minutes, 1),
        "cores": os.cpu_count(),
        "settings": wanted.settings,
    }
    found = figures(results)
    lines = [json.dumps(each.to_json() | {"conditions": conditions}) for each in found]
    (wanted.out / "figures.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = " · ".join(f"{name.replace('_', ' ')} {value}" for name, value in conditions.items() if value != {})
    (wanted.out / "table.md").write_text(f"{told}\n\n{table(found)}\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
