"""Pydantic's findings in the words of whoever writes trunks.yaml: which key, what is wrong with it, what would be right."""

import difflib
from collections.abc import Iterable, Sequence
from types import UnionType
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic_core import ErrorDetails

from .model import TrunksFile

_SECRET: Final = frozenset({"password"})
_EXAMPLES: Final = {
    "server": "sip.example.com or 203.0.113.5:5060",
    "proxy": "proxy.example.com",
    "domain": "example.com",
    "public_address": "203.0.113.5",
    "bind": "192.0.2.5",
    "user": "alice",
    "auth_user": "alice",
    "country": "44 (digits only)",
    "allow": "+4420XXXXXXXX (digits, X, Z, N; two of them at least)",
    "caller": "+442079460000",
    "password_env": "ACME_PASSWORD",
}


def nearest(word: str, known: Iterable[str]) -> str:
    """Return what is added to a message about an unknown word: the nearest right one, or all."""
    names = list(known)
    close = difflib.get_close_matches(word, names, 1, 0.6)
    return f"; did you mean '{close[0]}'?" if close else f"; known are {', '.join(names)}"


def complaint(error: ErrorDetails) -> tuple[tuple[str | int, ...], str]:
    """Path of keys in the file, and what is wrong there with its remedy. A password is never told."""
    loc = tuple(part for part in error["loc"] if part != "[key]" and not str(part).startswith(("constrained-str", "literal[", "function-")))
    key = next((str(part) for part in reversed(loc) if isinstance(part, str)), "")
    given = "it" if key in _SECRET else repr(error["input"])[:60]
    match error["type"]:
        case "extra_forbidden":
            return loc, f"unknown key{nearest(str(loc[-1]), _keys_beside(loc))}"
        case "missing":
            return loc, "is missing; add it"
        case "literal_error":
            names = [name.strip(" '") for name in str(error.get("ctx", {}).get("expected", "")).replace(" or ", ", ").split(",")]
            names = [name for name in names if name]
            return loc, f"{given} is unknown{nearest(str(error['input']), names)}" if names else f"{given} cannot stand here{_like(key)}"
        case "string_pattern_mismatch" if "[key]" in error["loc"]:
            return loc, f"{given} is no name of a trunk; use small letters, digits and '-', a letter first, 32 at most"
        case "string_pattern_mismatch":
            return loc, f"{given} cannot stand here{_like(key)}"
        case "string_type":
            return loc, f"{given} must be text; put it in quotes"
        case "tuple_type":
            return loc, f"{given} must be a list; write [ and ] around it"
        case "bool_type" | "bool_parsing":
            return loc, f"{given} must be true or false"
        case "model_type" | "model_attributes_type" | "dict_type":
            if key == "outbound":
                return loc, f"{given} must say what may be dialled; write outbound: {{allow: [+4420XXXXXXXX]}}, or leave it out"
            return loc, f"{given} must be a mapping of keys; known are {', '.join(_keys_beside((*loc, ''))) or 'names of trunks'}"
        case "value_error":
            return loc, str(error["msg"]).removeprefix("Value error, ")
    return loc, f"{error['msg'][0].lower()}{error['msg'][1:]}; it is {given}"


def _like(key: str) -> str:
    return f"; write it like {_EXAMPLES[key]}" if key in _EXAMPLES else "; use letters, digits, '.', '_' and '-' only"


def _keys_beside(loc: Sequence[str | int]) -> list[str]:
    model: Any = TrunksFile
    for part in loc[:-1]:
        model = _below(model, part)
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _below(annotation: Any, part: str | int) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(str(part))
        return _model_in(field.annotation) if field is not None else None
    if get_origin(annotation) is dict:
        return _model_in(get_args(annotation)[1])
    return None


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, UnionType) or get_origin(annotation) not in (None, dict):
        return next((choice for choice in map(_model_in, get_args(annotation)) if choice is not None), None)
    if get_origin(annotation) is dict or (
        isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation is not SecretStr
    ):
        return annotation
    return None
