"""Language models that fail in mid-turn: how soon the conversation has a sentence, an exit or an end, and whether the call goes on.

Run with: python -m tests.bench.model_faults [--faults 336] [--deadline 1.4]. Two providers on real local servers; the fault is that of the
first one, or of both. Each fault is a turn of a call of its own, so that no circuit breaker spares the next one; a turn without a fault
follows. Waits run from the beginning of the turn, and from one event to the next, as the taker of the events sees them.
"""

import argparse
import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice

from agents.llm.config import LlmSettings, open_models
from agents.llm.model import Call
from agents.llm.task import FAILED, Finished, ModelTurns, Sentence
from tests.agents.llm.llm_doubles import Shelf, find, task
from tests.agents.llm.local_server import Body, Fault, LocalServer, Reply
from tests.bench._target import show, spread

LIMIT_S = 1.5
NEVER = "never ended"
REFUSED, BAD_ARGUMENTS, UNKNOWN_TOOL = "connection refused", "malformed arguments", "unknown tool"
MIDDLE = ("", "It has sh", "It has shipped. It will", "One moment. {call}")
"""What comes before the fault: nothing, half a sentence, a sentence and a half, a sentence and half a call."""
AT_ONCE = (
    Fault.UNAUTHORIZED,
    Fault.NO_QUOTA,
    Fault.TOO_MANY,
    Fault.BROKEN_DOWN,
    Fault.OVERLOADED,
    Fault.RESET,
    Fault.STALL_FIRST,
    Fault.STALL_HEADERS,
    Fault.NOT_A_STREAM,
    Fault.EMPTY,
    Fault.ENDLESS,
)
LATER = (Fault.STALL_MIDDLE, Fault.CUT, Fault.NO_END, Fault.MALFORMED, Fault.WRONG_SHAPE, Fault.ERROR_EVENT, Fault.WITHHELD)


@dataclass(frozen=True)
class Case:
    fault: Fault | str
    before: str = ""
    both: bool = False

    def reply(self) -> Reply:
        text = self.before.removesuffix("{call}")
        steps: list[str | Call] = [text] if text else []
        if self.before.endswith("{call}"):
            steps.append(Call("c", "find_order", '{"number": "10'))
        if self.fault == BAD_ARGUMENTS:
            return Reply([*steps, Call("c", "find_order", '{"number": ')])
        if self.fault == UNKNOWN_TOOL:
            return Reply([*steps, Call("c", "sell_house", "{}"), find()])
        return Reply(steps, Fault(self.fault)) if self.fault != REFUSED else Reply()


CASES = (
    *(Case(fault, both=both) for fault in (*AT_ONCE, REFUSED) for both in (False, True)),
    *(Case(fault, before, both) for fault in LATER for before in MIDDLE for both in (False, True)),
    *(Case(fault, before) for fault in (BAD_ARGUMENTS, UNKNOWN_TOOL) for before in ("", "One moment. ")),
)


@dataclass
class Found:
    longest_s: float
    ended: str
    goes_on: bool


async def turn(models: ModelTurns) -> tuple[float, list[str], str]:
    """Longest wait in s, sentences, exit."""
    said, last, longest, left = [], time.perf_counter(), 0.0, NEVER
    async for event in models.run(task(exits={"done": "…"}, remembers={"order": "…"}), Shelf(safe=True)):
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
        if isinstance(event, Sentence):
            said.append(event.text)
        elif isinstance(event, Finished):
            left = event.exit
    return longest, said, left


class FaultyCall:
    """A call of its own: two servers, and models that know nothing of other calls."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._faulty = {0, 1} if case.both else {0}
        self._servers = [LocalServer(partial(self._answer, number)) for number in (0, 1)]
        self._models: ModelTurns | None = None

    def _answer(self, number: int, body: Body) -> Reply:
        tried = any(message["role"] == "tool" for message in body["messages"])
        return self.case.reply() if number in self._faulty and not tried else Reply(["It comes on Friday. ", "Anything else?"])

    async def open(self, deadline_s: float) -> None:
        for server in self._servers:
            await server.start()
        models = [{"name": f"model-{number}", "base_url": server.url, "model": "m"} for number, server in enumerate(self._servers)]
        self._models = open_models(LlmSettings.model_validate({"deadline_s": deadline_s, "models": models}))
        if self.case.fault == REFUSED:
            for number in self._faulty:
                await self._servers[number].stop()

    async def fail(self) -> Found:
        assert self._models is not None
        longest_s, said, left = await turn(self._models)
        for number in self._faulty if self.case.fault == REFUSED else ():
            await self._servers[number].start()
        self._faulty.clear()
        _, later, later_left = await turn(self._models)
        # Where both have refused, both are left alone for a while: that the flow has to speak is known at once.
        goes_on = bool(later) or (self.case.both and later_left == FAILED)
        ended = left if left in (FAILED, NEVER) else "spoke" if said else "left"
        return Found(longest_s, ended, goes_on)

    async def close(self) -> None:
        if self._models is not None:
            await self._models.close()
        for server in self._servers:
            await server.stop()


async def batch(cases: Sequence[Case], deadline_s: float) -> list[Found]:
    """Side by side; opened and closed one after the other, as that takes processor time that is not the calls'."""
    calls = [FaultyCall(case) for case in cases]
    try:
        for call in calls:
            await call.open(deadline_s)
        return await asyncio.gather(*(call.fail() for call in calls))
    finally:
        for call in calls:
            await call.close()


async def measure(options: argparse.Namespace) -> int:
    cases = list(islice(cycle(CASES), options.faults))
    found: dict[str, list[Found]] = defaultdict(list)
    await batch(CASES[:1], options.deadline)  # imports, and the first use of everything
    for start in range(0, len(cases), options.at_once):
        part = cases[start : start + options.at_once]
        for case, result in zip(part, await batch(part, options.deadline), strict=True):
            found[f"{case.fault}{' of both' if case.both else ''}"].append(result)
    for name, results in sorted(found.items()):
        ends = {kind: count for kind in ("spoke", FAILED, "left", NEVER) if (count := sum(result.ended == kind for result in results))}
        show("model_faults", {"fault": name}, {"n": len(results), "longest_ms": round(max(r.longest_s for r in results) * 1e3), **ends})
    every = [result for results in found.values() for result in results]
    late = sum(result.longest_s > LIMIT_S for result in every)
    figures = spread([result.longest_s * 1e3 for result in every]) | {
        "within_1.5_s": f"{len(every) - late} of {len(every)}",
        "ended": f"{sum(result.ended != NEVER for result in every)} of {len(every)}",
        "call_goes_on": f"{sum(result.goes_on for result in every)} of {len(every)}",
    }
    show("model_faults", {"kinds": len(found), "deadline_s": options.deadline, "at_once": options.at_once, "else": "defaults"}, figures)
    return 0 if not late and all(result.goes_on and result.ended != NEVER for result in every) else 1


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--faults", type=int, default=4 * len(CASES), help="how many to inject")
    parser.add_argument("--deadline", type=float, default=1.4, help="llm.deadline_s; everything else is at its default")
    parser.add_argument("--at-once", type=int, default=4, help="calls at the same time")
    return asyncio.run(measure(parser.parse_args(argv)))


if __name__ == "__main__":
    raise SystemExit(main())
