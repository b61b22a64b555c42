"""A developer's script with two agents: one answers from its examples, one has a language model. See test_own_agents.py."""

import os
from pathlib import Path

from agents import Agent, Call, tool
from agents.transcript import Turn

NOTES = Path(os.environ["OWN_AGENTS_NOTES"])


@tool(safe=True)
def stock(lamp: str) -> dict[str, int]:
    """How many lamps of a kind are there. lamp: the kind."""
    return {"count": len(lamp)}


hours = Agent("hours", greeting="Welcome to the lamp shop. What would you like to know?")


@hours.intent(
    "opening_hours", examples=["when are you open", "what are your opening hours", "are you open today", "until when are you open"]
)
def tell_hours(call: Call, text: str) -> str:
    return "We are open from nine to five."


@hours.on("turn")
def note(call: Call, turn: Turn) -> None:
    with NOTES.open("a") as file:
        file.write(f"{turn.who}: {turn.text}\n")


talker = Agent(
    "talker",
    instructions="You sell lamps.",
    tools=[stock],
    model=os.environ["OWN_AGENTS_MODEL"],
    greeting="Hello from the lamp shop. What can I do for you?",
)

hours.serve(number="500")
talker.serve(number="501", max_concurrent_calls=3)
