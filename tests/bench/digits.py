"""Measures spoken numbers of 5 to 16 digits after G.711: understood, with at most one turn to confirm or correct them.

Every number is heard by the recogniser with its hint for digits, read by the reader of a slot of that length, and read back. The caller
says yes, or corrects it once: by the place of the digit, or by saying it all again, digit by digit as the agent asks. Success is the
right value after that.
``--purpose tune`` has other voices, people and numbers than ``report``, whose figures are told.
"""

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from agents.nlu.slots import Reading, SlotContext, SlotReader, slot_reader
from agents.nlu.slots.part import DigitsSlot
from agents.nlu.slots.yes_no import yes_or_no
from agents.stt.moonshine import MoonshineTranscriber
from agents.stt.transcriber import Hint
from tests.bench import _target
from tests.bench._digit_callers import MACHINES, Caller, Machine, people
from tests.bench.turns.voices import Voices

TARGETS = {5: 95, 8: 92, 10: 90, 16: 85}
"""Per cent of numbers that have to be right in the end, by length."""
_CONTEXT = SlotContext(datetime(2026, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Outcome:
    caller: str
    style: str
    length: int
    first: bool
    """Right at once."""
    right: bool
    """Right after at most one more turn."""
    unheard_yes: bool
    """The caller agreed, and was not understood: the value stays right, and is read back again."""
    told: str


class Desk:
    """The agent's side: what it hears, and what its reader makes of it."""

    def __init__(self, ear: MoonshineTranscriber) -> None:
        self._ear = ear

    async def serve(self, caller: Caller, digits: str, style: str, slack: int, chance: random.Random) -> Outcome:
        reader = slot_reader(DigitsSlot(kind="digits", shortest=max(1, len(digits) - slack), longest=len(digits) + slack))
        heard = (await self._ear.transcribe(await caller.number(digits, style, chance), Hint.DIGITS)).text
        reading = reader.hear(heard, _CONTEXT)
        value = reading.value if reading else ""
        complete = reading is not None and reading.verdict == "complete"
        first = complete and value == digits
        told = f"{digits}: {heard!r} -> {value or None}"
        if first:
            right, said, agreed = await self._confirmed(reader, digits, caller, chance)
            return Outcome(caller.name, style, len(digits), True, right, not agreed, f"{told}, yes: {said!r}")
        pcm = await caller.again(value if complete else "", digits, "singles", chance)
        said = (await self._ear.transcribe(pcm, Hint.SPEECH if complete else Hint.DIGITS)).text
        final = self._second(reader, reading, said)
        right = final is not None and final.verdict == "complete" and final.value == digits
        return Outcome(caller.name, style, len(digits), False, right, False, f"{told}, again: {said!r} -> {final.value if final else None}")

    async def _confirmed(self, reader: SlotReader, value: str, caller: Caller, chance: random.Random) -> tuple[bool, str, bool]:
        """Whether the value stays right, what was heard, and whether it was understood as a yes."""
        pcm = await caller.yes(chance)
        if pcm is None:
            return True, "(not said)", True
        said = (await self._ear.transcribe(pcm, Hint.SPEECH)).text
        answer = yes_or_no(said, "en")
        mended = reader.mend(value, said, _CONTEXT, refused=answer == "no")
        return answer == "yes" or (answer is None and (mended is None or mended.value == value)), said, answer == "yes"

    def _second(self, reader: SlotReader, before: Reading | None, said: str) -> Reading | None:
        if before is not None and before.verdict == "complete":
            return reader.mend(before.value, said, _CONTEXT, refused=yes_or_no(said, "en") == "no")
        return reader.hear(said, _CONTEXT, before.value if before is not None and before.verdict == "partial" else "")


def numbers(purpose: str, seed: int, length: int, count: int) -> list[str]:
    """Every second one with a digit twice in a row, so that there is a "double" to say."""
    chance = random.Random(f"{purpose} {seed} {length}")
    made = []
    for index in range(count):
        digits = [chance.choice("0123456789") for _ in range(length)]
        if index % 2:
            at = chance.randrange(1, length)
            digits[at] = digits[at - 1]
        made.append("".join(digits))
    return made


def rates(outcomes: Sequence[Outcome]) -> dict[str, object]:
    total = len(outcomes)
    first, right = sum(o.first for o in outcomes), sum(o.right for o in outcomes)
    low, high = wilson(right, total)
    return {
        "n": total,
        "at_once_pct": round(100 * first / total, 1),
        "success_pct": round(100 * right / total, 1),
        "interval": f"{low:.1f}-{high:.1f}",
        "yes_unheard_pct": round(100 * sum(o.unheard_yes for o in outcomes) / total, 1),
    }


def wilson(right: int, total: int) -> tuple[float, float]:
    """95 % interval of a share, in per cent (Wilson score)."""
    z, p = 1.96, right / total
    middle, width = p + z * z / (2 * total), z * ((p * (1 - p) + z * z / (4 * total)) / total) ** 0.5
    return 100 * (middle - width) / (1 + z * z / total), 100 * (middle + width) / (1 + z * z / total)


async def measure(options: argparse.Namespace) -> int:
    outcomes: list[Outcome] = []
    ear = MoonshineTranscriber(1)
    async with Voices() as voices:
        callers: list[Caller] = [Machine(name, voices) for name in MACHINES[options.purpose]]
        recorded = [] if options.no_people else people(options.purpose)
        if not recorded:
            print("digits: without the recordings of people, which are not here", file=sys.stderr)  # noqa: T201
        for caller in [*callers, *recorded]:
            for length in options.lengths:
                for style in caller.styles:
                    for index, digits in enumerate(numbers(f"{options.purpose} {caller.name} {style}", options.seed, length, options.n)):
                        chance = random.Random(f"{options.seed} {caller.name} {style} {length} {index}")
                        outcomes.append(await Desk(ear).serve(caller, digits, style, options.slack, chance))
                        if options.show and not outcomes[-1].right:
                            print(f"  {caller.name} {style}: {outcomes[-1].told}", file=sys.stderr, flush=True)  # noqa: T201
    await ear.close()
    conditions = {"purpose": options.purpose, "seed": options.seed, "slack": options.slack, "line": "G.711 mu-law"}
    for title, key in (("voice", "caller"), ("style", "style"), ("length", "length")):
        groups: defaultdict[object, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            groups[getattr(outcome, key)].append(outcome)
        for name, group in groups.items():
            target = {"target_pct": TARGETS[group[0].length]} if key == "length" and group[0].length in TARGETS else {}
            _target.show("digits", {**conditions, title: name}, {**rates(group), **target})
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--purpose", choices=("tune", "report"), default="report", help="which voices, people and numbers")
    parser.add_argument("--n", type=int, default=4, help="numbers per voice, style and length")
    parser.add_argument("--lengths", type=int, nargs="+", default=list(TARGETS), help="digits")
    parser.add_argument("--slack", type=int, default=0, help="digits by which the slot allows for more or fewer")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-people", action="store_true", help="voices of machines only")
    parser.add_argument("--show", action="store_true", help="what went wrong")
    return _target.run(parser, measure, argv)


if __name__ == "__main__":
    sys.exit(main())
