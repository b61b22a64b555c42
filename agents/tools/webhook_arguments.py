"""What a flow or a model gives for a webhook's parameters, made to fit where it plainly can."""

import json
import re
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from agents.tools.names import nearest
from agents.tools.toolbox import ToolError
from agents.transcript import JsonValue


class WebhookArguments:
    def __init__(self, tool: str, schema: Mapping[str, Any]) -> None:
        self._tool = tool
        self._properties: Mapping[str, Any] = schema.get("properties", {})
        self._required = frozenset(schema.get("required", ()))
        self._open = schema.get("additionalProperties", True) is not False
        self._validator = Draft202012Validator(schema)

    def take(self, arguments: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Raises ToolError, which never repeats a value: it may be personal."""
        taken: dict[str, JsonValue] = {}
        for name, value in arguments.items():
            if name not in self._properties and not self._open:
                raise ToolError(f"{self._tool} has no argument '{name}'; {nearest(name, list(self._properties))}")
            if value in ("", None) and name not in self._required:
                continue  # a flow's template writes a slot without a value so
            taken[name] = _fitting(value, self._properties.get(name, {}))
        if error := next(iter(sorted(self._validator.iter_errors(taken), key=lambda found: len(found.path))), None):
            raise ToolError(f"{self._tool}: {_problem(error)}")
        return taken


def _fitting(value: JsonValue, schema: Any) -> JsonValue:
    """Slots are text, models write numbers where digits are meant: one form, where no doubt is left."""
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if kind == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        return json.dumps(value)
    if not isinstance(value, str):
        return value
    words = value.strip()
    if kind == "integer" and re.fullmatch(r"[+-]?[0-9]{1,18}", words):
        return int(words)
    if kind == "number" and re.fullmatch(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", words):
        return float(words) if "." in words else int(words)
    if kind == "boolean" and words.lower() in ("yes", "true", "no", "false"):
        return words.lower() in ("yes", "true")
    return value


def _problem(error: ValidationError) -> str:
    where = ".".join(str(part) for part in error.path)
    if error.validator == "required":
        given: Any = error.instance
        missing = [name for name in list(error.validator_value) if name not in given]  # type: ignore[arg-type]
        return f"'{missing[0]}' is missing"
    wanted = {"type": "of type", "pattern": "of the form", "enum": "one of", "format": "a"}.get(str(error.validator))
    about = f"has to be {wanted} {error.validator_value}" if wanted else f"breaks the rule {error.validator}: {error.validator_value}"
    return f"'{where}' {about}"
