"""Conversations of 50 turns: ten facts given in turns 1 to 20, some corrected in 15 to 30, all asked for in 35 to 50.

Run with: python -m tests.bench.model_memory [--calls 20] [--budget 1500]. The model is a scripted server that can remember nothing: it
notes what the caller says with the function it is offered, and answers a question only from the notes in the prompt it was just sent.
"in_the_talk" is what a model would find that had nothing but the words of the talk in the same prompt. Small talk fills the other turns,
agent turns are long, and every fifth one is interrupted. Distance: turns from the last time the fact was given to the question.
"""

import argparse
import asyncio
import json
import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.llm.config import LlmSettings, open_models
from agents.llm.model import Call
from agents.llm.task import Finished, ModelTurns, Sentence
from agents.transcript import Turn
from tests.agents.llm.llm_doubles import Shelf, task
from tests.agents.llm.local_server import Body, LocalServer, Reply
from tests.bench._target import show

SLOTS = (
    "order_number",
    "postcode",
    "street",
    "item",
    "colour",
    "delivery_day",
    "contact_name",
    "phone_number",
    "floor",
    "voucher",
)
TURNS = 50
BANDS = ((0, 10), (10, 20), (20, 30), (30, 40), (40, 50))
SMALL_TALK = (
    "it is quite cold here today",
    "sorry, the dog is barking",
    "yes, I am still there",
    "could you speak up a little",
    "let me see",
)
LONG = (
    "Thank you for telling me, I have made a note of it and will keep it in mind for the rest of our talk. Please go on whenever you like."
)


def answer(body: Body) -> Reply:
    """What the model says: from the latest message alone."""
    text = str(body["messages"][-1]["content"])
    if body["messages"][-1]["role"] == "tool":
        return Reply([LONG])
    said = re.findall(r"<caller>(.*?)</caller>", text)[-1]
    if told := re.search(r"my (\w+) is (?:now )?(\w+)", said):
        return Reply([Call("r", "remember", json.dumps({"slot": told[1], "value": told[2]})), LONG])
    if asked := re.search(r"what is my (\w+)", said):
        known = json.loads(text.split("<notes>")[-1].split("</notes>")[0])["known"]
        return Reply([f"Your {asked[1]} is {known.get(asked[1], 'not known to me')}."])
    return Reply([LONG])


@dataclass
class Plan:
    """The caller's lines, and what is right at each question."""

    lines: list[str] = field(default_factory=list)
    right: dict[int, tuple[str, str, int]] = field(default_factory=dict)
    """Turn to slot, value and distance."""


def plan(dice: random.Random) -> Plan:
    def value() -> str:
        return "".join(dice.choice("bdfgklmnprst") + dice.choice("aeiou") for _ in range(4))

    made = Plan([dice.choice(SMALL_TALK) for _ in range(TURNS)])
    given = dict(zip(dice.sample(range(20), len(SLOTS)), SLOTS, strict=True))
    corrected = dict(zip(dice.sample([turn for turn in range(14, 30) if turn not in given], 5), dice.sample(SLOTS, 5), strict=True))
    latest: dict[str, tuple[str, int]] = {}
    for turn in sorted({*given, *corrected}):
        slot = given.get(turn) or corrected[turn]
        latest[slot] = (value(), turn)
        made.lines[turn] = f"{'sorry, ' if turn in corrected else ''}my {slot} is {'now ' if turn in corrected else ''}{latest[slot][0]}"
    for turn, slot in zip(sorted(dice.sample(range(34, TURNS), len(SLOTS))), dice.sample(SLOTS, len(SLOTS)), strict=True):
        made.lines[turn] = f"what is my {slot}"
        made.right[turn] = (slot, latest[slot][0], turn - latest[slot][1])
    return made


@dataclass
class Result:
    distance: int
    right: bool
    in_the_talk: bool


async def call(models: ModelTurns, server: LocalServer, dice: random.Random) -> list[Result]:
    made, facts, turns, results = plan(dice), dict[str, str](), list[Turn](), list[Result]()
    for number, line in enumerate(made.lines):
        said: list[str] = []
        end = Finished()
        given = task(line, turns=tuple(turns), facts=dict(facts), remembers=dict.fromkeys(SLOTS, "as the caller says it"), tools=())
        async for event in models.run(given, Shelf()):
            if isinstance(event, Sentence):
                said.append(event.text)
            elif isinstance(event, Finished):
                end = event
        facts |= end.facts
        text = " ".join(said)
        heard = text[: len(text) // 2] if number % 5 == 4 else text
        turns.append(Turn(len(turns) + 1, "caller", line, line, 0, 0))
        turns.append(Turn(len(turns) + 1, "agent", text, heard, 0, 0, interrupted=heard != text))
        if number in made.right:
            _, value, distance = made.right[number]
            talk = re.sub(r"<notes>.*?</notes>", "", json.dumps(server.requests[-1]["messages"]))
            results.append(Result(distance, f" is {value}." in text, value in talk))
    return results


async def measure(options: argparse.Namespace) -> int:
    server = LocalServer(answer)
    await server.start()
    model: dict[str, Any] = {"name": "local", "base_url": server.url, "model": "m", "hedge_after_s": None, "timeout_first_token_s": 10}
    models = open_models(LlmSettings.model_validate({"models": [model], "token_budget": options.budget, "deadline_s": 30}))
    assert models is not None
    bands: dict[tuple[int, int], list[Result]] = defaultdict(list)
    try:
        for number in range(options.calls):
            for result in await call(models, server, random.Random(f"{options.seed} {number}")):
                bands[next(band for band in BANDS if band[0] <= result.distance < band[1])].append(result)
            server.requests.clear()
    finally:
        await models.close()
        await server.stop()
    every = [result for results in bands.values() for result in results]
    for (low, high), results in sorted(bands.items()):
        figures = {"n": len(results), "right": sum(r.right for r in results), "in_the_talk": sum(r.in_the_talk for r in results)}
        show("model_memory", {"distance": f"{low}-{high - 1}"}, figures)
    right = sum(result.right for result in every)
    conditions = {"calls": options.calls, "turns": TURNS, "budget": options.budget, "seed": options.seed}
    figures = {"n": len(every), "right": right, "in_the_talk": sum(result.in_the_talk for result in every)}
    show("model_memory", conditions, figures | {"right_percent": round(100 * right / len(every), 1)})
    return 0 if right == len(every) else 1


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--budget", type=int, default=1500, help="llm.token_budget")
    parser.add_argument("--seed", type=int, default=1)
    return asyncio.run(measure(parser.parse_args(argv)))


if __name__ == "__main__":
    raise SystemExit(main())
