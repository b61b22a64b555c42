"""Pydantic's findings in the words of whoever writes rules: which key, what is wrong with it, what would be right."""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from agents.flows.model_keys import keys_of, model_below
from agents.flows.names import nearest
from handoff.rules.rule import RulesFile

_TREE: Final = "a mapping with one of all, any, not, emotion, concern, events, call, fact, hours, queue"
_EXAMPLES: Final[Mapping[str, str]] = {
    "^[a-z]{2}$": "'en' (two small letters)",
    r"^\+?[0-9]{1,32}$": "'100' or '+441632960000' (digits as they are dialled)",
    "^[0-9]{4}-[01][0-9]-[0-3][0-9]$": "'2026-12-25'",
    "^[a-z][a-z0-9_]*$": "'my_name' (small letters, digits and _)",
}


def complaint(error: ErrorDetails) -> tuple[tuple[str, ...], str]:
    """Path of keys in the file, and what is wrong there with its remedy."""
    loc = [part for part in error["loc"] if part != "[key]" and not _is_member(part)]
    return tuple(str(part) for part in loc), _what(error, loc)


def _is_member(part: str | int) -> bool:
    """Pydantic names the type of a union that did not fit, where the file has nothing."""
    return part in ("str", "float", "bool")


def _what(error: ErrorDetails, loc: Sequence[str | int]) -> str:
    given = repr(error["input"])[:60]
    if any(_is_member(part) for part in error["loc"]):
        return f"{given} cannot be compared with; write a text, a number, true or false"
    match error["type"]:
        case "extra_forbidden":
            known = _siblings(loc)
            return f"unknown key{nearest(str(loc[-1]), known) or '; known are ' + ', '.join(known)}"
        case "missing":
            return "is missing; add it"
        case "literal_error":
            expected = str(error.get("ctx", {}).get("expected", ""))
            names = [name.strip(" '") for name in expected.replace(" or ", ", ").split(",")]
            return f"{given} is unknown{nearest(str(error['input']), names)}; known are {', '.join(names)}"
        case "string_pattern_mismatch":
            return f"{given} cannot stand here; write it like {_example(error)}"
        case "model_type" | "model_attributes_type" if loc and (loc[-1] in ("when", "not") or isinstance(loc[-1], int)):
            return f"{given} is no condition; write {_TREE}"
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"{given} must be a mapping of keys; {_mapping_example(loc)}"
        case "tuple_type":
            return f"{given} must be a list; write [ and ] around it, or one line with - for each"
        case "string_type":
            return f"{given} must be text; quote it"
        case "value_error":
            return str(error["msg"]).removeprefix("Value error, ")
    return f"{error['msg']}; it is {given}"


def _example(error: ErrorDetails) -> str:
    return _EXAMPLES.get(str(error.get("ctx", {}).get("pattern", "")), "'my-name' (small letters, digits and -)")


def _mapping_example(loc: Sequence[str | int]) -> str:
    if loc and loc[-1] in ("say", "say_handing_over"):
        return "write what is said per language, such as {en: One moment.}"
    return f"known in it are {', '.join(_siblings([*loc, '']))}" if _siblings([*loc, ""]) else "write names with their content below it"


def _siblings(loc: Sequence[str | int]) -> list[str]:
    """Keys that are allowed where ``loc`` stands."""
    model: type[BaseModel] | None = RulesFile
    for part in loc[:-1]:
        model = model_below(model, part)
    return keys_of(model)
