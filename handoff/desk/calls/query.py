"""What is searched for: read from a form, kept as JSON."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Final

from agents.transcript import JsonValue

_LONGEST: Final = 200


class QueryRefused(ValueError):
    """Cannot be searched for; the message names the field and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQuery:
    """All that is given must hold; empty is not asked. Times of day do not count: days are those of the time zone of the server."""

    text: str = ""
    """Words that were said by anybody, in any order; ``"in quotes"`` one after the other; ``-word`` not."""
    number: str = ""
    """Digits in the caller's number or in the one that was dialled."""
    intent: str = ""
    outcome: str = ""
    agent: str = ""
    """A user of the desk, the SIP account of a person, or the name of an AI agent."""
    emotion: str = ""
    """A mood that the caller had at some time."""
    rule: str = ""
    """The name of a rule that held, in shadow too; ``*``: one called a person; ``*shadow``: one only would have done something."""
    first_day: str = ""
    """ISO date."""
    last_day: str = ""

    @property
    def empty(self) -> bool:
        return not any(asdict(self).values())


def query_from(given: Mapping[str, object]) -> CallQuery:
    """Unknown fields are ignored. Raises QueryRefused."""
    values = {field.name: _text(given.get(field.name, "")) for field in fields(CallQuery)}
    if values["number"]:
        values["number"] = re.sub(r"\D", "", values["number"])
        if len(values["number"]) < 2:
            raise QueryRefused("Number: give at least two digits of it.")
    for name, shown in (("first_day", "From"), ("last_day", "To")):
        if values[name]:
            values[name] = _day(values[name], shown)
    if values["first_day"] and values["last_day"] and values["first_day"] > values["last_day"]:
        raise QueryRefused("The first day is after the last: exchange them.")
    return CallQuery(**values)


def query_to_json(query: CallQuery) -> dict[str, JsonValue]:
    return {name: value for name, value in asdict(query).items() if value}


def _text(value: object) -> str:
    return value.replace("\0", "").encode("utf-8", "replace").decode().strip()[:_LONGEST] if isinstance(value, str) else ""


def _day(text: str, shown: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise QueryRefused(f"{shown}: '{text}' is no day; write it as 2026-01-31.") from error
