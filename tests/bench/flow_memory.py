"""Conversations of 50 turns with a flow: ten facts given in turns 1 to 20, some corrected in 15 to 30, all asked for in 35 to 50.

Run with: ./patchcord bench flow_memory [--calls 40] [--seed 7]. Offline, on text. Right: the agent's answer names the value given last.
Small talk, digressions and requests to repeat fill the other turns. Distance: turns from the last time the fact was given to the question.
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import yaml

from agents.flows.acts import Act, Say
from agents.flows.definition import AgentDefinition
from agents.flows.dialogue import Dialogue
from agents.flows.loader import parse_agent
from agents.flows.template import render
from tests.agents.flows.small_desk import FILE
from tests.bench import _target

NOW: Final = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
TURNS: Final = 50
BANDS: Final = ((0, 10), (10, 20), (20, 30), (30, 40), (40, 50))
DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
SLOTS: Final[dict[str, tuple[dict[str, Any], str, str]]] = {
    "order_number": ({"kind": "digits", "shortest": 5, "longest": 5}, "order number", "digits"),
    "phone_number": ({"kind": "digits", "shortest": 10, "longest": 10}, "phone number", "digits"),
    "postcode": ({"kind": "digits", "shortest": 4, "longest": 4}, "postcode", "digits"),
    "customer_code": ({"kind": "digits", "shortest": 8, "longest": 8}, "customer code", "digits"),
    "price": ({"kind": "amount", "least": 1, "most": 500}, "price", "money"),
    "visit_day": ({"kind": "date", "future": True}, "visit day", "date"),
    "visit_time": ({"kind": "time"}, "visit time", "time"),
    "lamps": ({"kind": "number", "least": 1, "most": 90}, "number of lamps", "number"),
    "colour": ({"kind": "choice", "choices": {name: [name] for name in ("red", "blue", "green", "amber", "white")}}, "colour", ""),
    "mail": ({"kind": "email"}, "e-mail address", "email"),
}
SMALL_TALK: Final = ("what are your opening hours", "can you repeat that please", "are you open tomorrow", "say that again please")


def agent() -> AgentDefinition:
    """Asks for the ten facts one after the other, then answers questions about them."""
    names = list(SLOTS)
    nodes: dict[str, Any] = {}
    for name, following in zip(names, [*names[1:], "main_talk"], strict=True):
        words = SLOTS[name][1]
        prompts = {"ask": [f"What is the {words}?"], "again": [f"Once more, please: the {words}?"], "silent": [f"Hello? The {words}?"]}
        nodes[f"get_{name}"] = {
            "do": "collect",
            "slot": name,
            **prompts,
            **({"partial": ["Go on."], "too_many": [f"Only the {words}, please."]} if SLOTS[name][2] == "digits" else {}),
            "next": following if following == "main_talk" else f"get_{following}",
        }
        form = f"|{SLOTS[name][2]}" if SLOTS[name][2] else ""
        nodes[f"tell_{name}"] = {"do": "say", "say": [f"The {words} is {{{name}{form}}}."], "next": "main_talk"}
    nodes["main_talk"] = {
        "do": "ask",
        "ask": ["What else?"],
        "again": ["Pardon?"],
        "silent": ["Hello?"],
        "on": {f"ask_{name}": f"tell_{name}" for name in names} | {"nothing_more": "farewell"},
    }
    nodes["hours_then_back"] = {"do": "say", "say": ["We are open from nine to five."], "next": "back_to_it"}
    nodes["back_to_it"] = {"do": "return", "exit": "done"}
    asking = {name: words.replace("-", " ") for name, (_, words, _) in SLOTS.items()}
    intents: dict[str, Any] = {f"ask_{name}": {"phrases": [f"what is|was my? the? {words}"]} for name, words in asking.items()}
    flow = {
        "format": 2,
        "name": "memory",
        "extends": "desk",
        "give_up_after": 10,
        "start": "greeting",
        "resume": "greeting",
        "slots": {name: part for name, (part, _, _) in SLOTS.items()},
        "intents": {**intents, "nothing_more": {"phrases": ["that is everything now"]}},
        "digressions": {"opening_hours": "hours_then_back"},
        "nodes": {"greeting": {"next": f"get_{names[0]}"}, **nodes},
    }
    return parse_agent(yaml.safe_dump(flow, sort_keys=False), "memory.yaml", {"desk": FILE.read_text("utf-8")})


def value(rng: random.Random, name: str) -> tuple[str, str]:
    """As the caller says it, and as the dialogue has to know it."""
    part = SLOTS[name][0]
    match part["kind"]:
        case "digits":
            digits = "".join(rng.choice("123456789") for _ in range(part["longest"]))
            return " ".join(DIGITS[int(digit)] for digit in digits), digits
        case "amount":
            dollars = rng.randint(20, 99)
            return f"{dollars} dollars", f"{dollars}.00"
        case "date":
            day = NOW + timedelta(days=rng.randint(3, 26))
            return f"{day:%B} {day.day}", f"{day:%Y-%m-%d}"
        case "time":
            hour = rng.randint(9, 11)
            return f"{hour} in the morning", f"{hour:02}:00"
        case "number":
            count = rng.randint(2, 80)
            return str(count), str(count)
        case "choice":
            colour = rng.choice(sorted(part["choices"]))
            return colour, colour
    word = rng.choice(("lamp", "river", "garden", "window")) + str(rng.randint(10, 99))
    return f"{word} at example dot com", f"{word}@example.com"


def one_call(made: AgentDefinition, seed: int) -> list[tuple[int, bool]]:
    """Distance of each question, and whether it was answered right."""
    rng = random.Random(seed)
    dialogue, truth, given_at = Dialogue(made), {}, {}
    dialogue.start(NOW)
    found: list[tuple[int, bool]] = []
    names, corrected, asked = list(SLOTS), rng.sample(list(SLOTS), 6), rng.sample(list(SLOTS), 10)
    for turn in range(1, TURNS + 1):
        now = NOW + timedelta(seconds=12 * turn)
        if turn <= 20 and turn % 2 == 0:
            name = names[turn // 2 - 1]
            said, truth[name] = value(rng, name)
            given_at[name] = turn
            dialogue.heard(f"it is {said}", now)
        elif 20 < turn <= 30 and turn % 2 == 0 and corrected:
            name = corrected.pop()
            said, truth[name] = value(rng, name)
            given_at[name] = turn
            dialogue.heard(f"actually the {SLOTS[name][1]} is {said}", now)
        elif turn >= 35 and asked and (turn % 3 or TURNS - turn < len(asked)):
            name = asked.pop()
            words = spoken(dialogue.heard(f"what was my {SLOTS[name][1]}", now))
            form = f"|{SLOTS[name][2]}" if SLOTS[name][2] else ""
            right = f"The {SLOTS[name][1]} is {render(f'{{{name}{form}}}', truth, 'en')}."
            found.append((turn - given_at[name], right in words and dialogue.state.slots.get(name) == truth[name]))
        else:
            dialogue.heard(rng.choice(SMALL_TALK), now)
    return found


def spoken(acts: Sequence[Act]) -> str:
    return " ".join(act.text for act in acts if isinstance(act, Say))


async def measure(options: argparse.Namespace) -> int:
    made = agent()
    by_band: dict[tuple[int, int], list[bool]] = defaultdict(list)
    for number in range(options.calls):
        for distance, right in one_call(made, options.seed * 1000 + number):
            by_band[next(band for band in BANDS if band[0] <= distance < band[1])].append(right)
    bands = {band: by_band[band] for band in BANDS if by_band[band]}
    figures = {f"at_{low}_to_{high - 1}": f"{sum(rights)}/{len(rights)}" for (low, high), rights in bands.items()}
    every = [right for rights in by_band.values() for right in rights]
    conditions = {"calls": options.calls, "seed": options.seed, "turns": TURNS}
    _target.show("flow_memory", conditions, {"right": f"{sum(every)}/{len(every)}"} | figures)
    return 0 if every else 1


def main(argv: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    made.add_argument("--calls", type=int, default=40)
    made.add_argument("--seed", type=int, default=7)
    return _target.run(made, measure, argv)


if __name__ == "__main__":
    raise SystemExit(main())
