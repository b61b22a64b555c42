"""Parameters of a webhook: JSON Schema, or a short form of it."""

from collections.abc import Mapping
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from agents.tools.names import nearest

SHORT: Final[Mapping[str, Mapping[str, Any]]] = {
    "text": {"type": "string"},
    "digits": {"type": "string", "pattern": "^[0-9]+$"},
    "amount": {"type": "string", "pattern": r"^[0-9]+(\.[0-9]{1,2})?$"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "flag": {"type": "boolean"},
    "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "format": "date"},
    "datetime": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"},
}
"""Kinds of the short form, which is ``name: kind, what it means``, or ``name: optional kind, what it means``."""


def parameters_schema(given: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of an object. Raises ValueError, which names the parameter and the remedy."""
    schema = dict(given) if given.get("type") == "object" and "properties" in given else _from_short(given)
    schema.setdefault("additionalProperties", False)
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"no valid JSON Schema at {'.'.join(map(str, error.path)) or 'its top'}: {error.message}") from error
    return schema


def _from_short(given: Mapping[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required = []
    for name, kind in given.items():
        if isinstance(kind, Mapping):
            properties[name] = {key: value for key, value in kind.items() if key != "optional"}
            optional = kind.get("optional", False) is True
        elif isinstance(kind, str):
            word, _, meaning = (part.strip() for part in kind.partition(","))
            optional = word.startswith("optional ")
            word = word.removeprefix("optional ").strip()
            if word not in SHORT:
                raise ValueError(f"{name}: '{word}' is no kind of parameter; {nearest(word, SHORT)}")
            properties[name] = {**SHORT[word], **({"description": meaning} if meaning else {})}
        else:
            raise ValueError(f"{name}: write a kind ({', '.join(SHORT)}) or a JSON Schema")
        if not optional:
            required.append(name)
    return {"type": "object", "properties": properties, "required": required}
