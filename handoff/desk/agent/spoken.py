"""What was said, as the page shows it beside the card: the card's turns, and those the caller has added since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from handoff.desk.database import Row

COMING: Final = ("requested", "ringing", "briefing")
"""States of a card whose caller still waits for a person."""
IN_WORDS: Final[Mapping[str, str]] = {
    "requested": "looking for a person",
    "ringing": "ringing",
    "briefing": "being briefed",
    "joined": "connected",
    "returned": "back with the AI",
    "callback": "to be called back",
    "left": "caller left",
}


@dataclass(frozen=True, slots=True)
class Said:
    number: int
    who: str
    """``caller`` or ``agent``."""
    text: str
    """Of the agent: what the caller has heard."""
    started_ms: int


def spoken(card: Mapping[str, Any], rows: Sequence[Row]) -> list[Said]:
    """By number. ``card``: its JSON; ``rows``: the turns in the database, which hold against the card's."""
    found: dict[int, Said] = {}
    turns = card.get("turns")
    for turn in turns if isinstance(turns, list) else ():
        if isinstance(turn, Mapping) and isinstance(turn.get("number"), int):
            text = str(turn.get("heard") or turn.get("text") or "")
            found[turn["number"]] = Said(turn["number"], str(turn.get("who", "")), text, int(turn.get("started_ms") or 0))
    for row in rows:
        text = row["heard"] if row["who"] == "agent" and row["heard"] else row["said"]
        found[row["number"]] = Said(row["number"], row["who"], text, row["started_ms"])
    return [found[number] for number in sorted(found)]
