"""Opening hours as fields of a form: one for each day, spans with commas between them; empty: closed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml
from pydantic import ValidationError

from agents.flows.errors import AgentError
from agents.flows.hours import DAYS, Hours
from agents.flows.yaml_tree import construct, entry
from handoff.desk.knobs.workspace import Texts, flows_of

HOURS: Final = "hours"
TIMEZONE: Final = "timezone"
_DASH: Final = re.compile(r"\s*[-–—]\s*")
_EARLY: Final = re.compile(r"(?<!\d)(\d):")


@dataclass(frozen=True, slots=True)
class HourField:
    day: str
    """Or ``timezone``."""
    value: str
    origin: str
    """The file that says so; empty: none does."""

    @property
    def name(self) -> str:
        return f"{HOURS}.{self.day}"


def hour_fields(name: str, texts: Texts) -> list[HourField]:
    """The time zone, then the days of the week."""
    tree = next((flow.tree for flow in flows_of(name, texts)[0] if not flow.prefix), None)
    pair = entry(tree, HOURS) if tree is not None else None
    return [_field(day, pair[1] if pair else None) for day in (TIMEZONE, *DAYS)]


def typed_hours(day: str, text: str) -> str | Sequence[str]:
    """As the YAML wants them: ``9:00 – 17:30`` becomes ``09:00-17:30``. What is no span stays, and the checks tell of it."""
    if day == TIMEZONE:
        return text.strip()
    return [_EARLY.sub(r"0\1:", _DASH.sub("-", span.strip())) for span in text.split(",") if span.strip()]


def hour_mistakes(fields: Sequence[HourField]) -> dict[str, str]:
    """Name of the field to what is wrong with its value."""
    given = {field.day: typed_hours(field.day, field.value) for field in fields if field.value}
    found: dict[str, str] = {}
    try:
        Hours.model_validate(given).zone()
    except ValidationError as error:
        for detail in error.errors():
            found.setdefault(f"{HOURS}.{detail['loc'][0]}", detail["msg"].removeprefix("Value error, "))
    except ValueError as error:
        found[f"{HOURS}.{TIMEZONE}"] = str(error)
    return found


def _field(day: str, node: yaml.Node | None) -> HourField:
    pair = entry(node, day) if node is not None else None
    if pair is None or node is None:
        return HourField(day, "", "")
    return HourField(day, _shown(_plain(node).get(day)), str(pair[0].start_mark.name))


def _plain(node: yaml.Node) -> Mapping[str, Any]:
    try:
        return construct(node) if isinstance(node, yaml.MappingNode) else {}
    except AgentError:
        return {}


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
