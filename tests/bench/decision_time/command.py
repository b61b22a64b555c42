"""Angry callers on real calls: who reaches a person before the third angry sentence, and how soon after their voice that is decided."""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from agents.tts.speaker import SpeechError
from ari_app.caller.sip_message import SipError
from tests.bench.decision_time.callers import call_all
from tests.bench.decision_time.judging import Judged, figures, judged
from tests.bench.emotion_calls.call import NO_NOISE
from tests.bench.emotion_calls.planning import angry_calls
from tests.e2e.crowd import until
from tests.e2e.history import newest_calls, whole
from tests.e2e.instance import Instance
from tests.e2e.people import settled

NUMBER: Final = "310"
_AGENTS: Final = Path(__file__).with_name("agents")
EPILOG: Final = """
what happens
  An instance of its own is started, with an agent that understands everything and helps with nothing. Callers dial it through Asterisk:
  one to three calm sentences, then three angry ones, planned and voiced as for "bench emotion_calls" (synthetic voices and anger, lines
  without noise or with street or voices 20 dB below). The recogniser and the rules that ship do the rest. The caller goes on until the
  agent ends the call, as nobody takes it. A person who is called because the agent failed does not count.

what comes out
  in_time                    calls with a person called for after the first or second angry sentence, with a 95 % interval
  after_angry                calls by the number of angry sentences begun when the deciding turn was over
  voice_end_to_decision      from the last voiced frame to the decision; it is made at the pause, while the end of the turn is still open

examples
  ./patchcord bench decision_time --calls 10
  ./patchcord bench decision_time --calls 100 --seed 4 --out figures.json
  ./patchcord bench decision_time --calls 100 --quiet --at-once 1
"""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        "patchcord bench decision_time", description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--calls", type=int, default=20, help="how many (default 20)")
    made.add_argument("--at-once", type=int, default=2, help="how many at a time (default 2); their callers use the same machine")
    made.add_argument("--mode", choices=("text", "audio"), default="audio", help="of the analysis (default audio)")
    made.add_argument("--seed", type=int, default=1, help="of all plans and noises (default 1)")
    made.add_argument(
        "--purpose",
        choices=("tune", "report"),
        default="report",
        help="sentences and voices: for reports (default), or for choosing",
    )
    made.add_argument("--quiet", action="store_true", help="all lines without noise")
    made.add_argument("--out", type=Path, help="JSON file for the figures")
    return made


async def measured(instance: Instance, options: argparse.Namespace) -> list[Judged]:
    """Raises SpeechError, SipError."""
    calls = angry_calls(options.calls, options.seed, options.purpose)
    if options.quiet:
        calls = tuple(replace(call, line=NO_NOISE) for call in calls)
    said = await call_all(instance, NUMBER, calls, options.at_once)
    await settled(instance, 30)
    await until(lambda: not instance.status()["records_pending"], 10, "everything is written")
    ids = {call["caller"]: call["id"] for call in newest_calls(instance, 2 * options.calls)}
    return [judged(each, whole(instance, ids[each.telephone]) if each.telephone in ids else None) for each in said]


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 measured, 2 could not be measured."""
    options = parser().parse_args(argv)
    settings = {
        "agents.folder": str(_AGENTS),
        f"numbers.{NUMBER}.agent": "patient",
        f"numbers.{NUMBER}.emotion": options.mode,
        "transfer.mode": "blind",
        "calls.queue_timeout_s": "5",
    }
    with tempfile.TemporaryDirectory() as folder:
        instance = Instance(Path(folder) / "data", settings)
        try:
            instance.start()
            instance.settle_in()
            calls = asyncio.run(measured(instance, options))
        except (SpeechError, SipError) as error:
            sys.stderr.write(f"patchcord: {error}\n")
            return 2
        finally:
            instance.stop()
    told: dict[str, Any] = {
        "mode": options.mode,
        "seed": options.seed,
        "purpose": options.purpose,
        "at_once": options.at_once,
        "noise": not options.quiet,
    }
    text = json.dumps({**told, **figures(calls)}, indent=1)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
