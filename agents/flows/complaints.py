"""Pydantic's findings in the words of a flow's author: which key, what is wrong with it, what would be right."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from agents.flows import nodes
from agents.flows.definition import AgentDefinition, SlotPart
from agents.flows.model_keys import keys_of, model_below
from agents.flows.names import nearest


def _tagged(models: Sequence[Any], tag: str) -> dict[str, type[BaseModel]]:
    return {get_args(model.model_fields[tag].annotation)[0]: model for model in models}


_NODES: Final[Mapping[str, type[BaseModel]]] = _tagged(get_args(get_args(nodes.Node)[0]), "do")
_SLOTS: Final[Mapping[str, type[BaseModel]]] = _tagged(get_args(get_args(SlotPart)[0]), "kind")
_TAGGED: Final = {"nodes": _NODES, "slots": _SLOTS}


def complaint(error: ErrorDetails) -> tuple[tuple[str, ...], str]:
    """Path of keys in the file, and what is wrong there with its remedy."""
    loc = error["loc"]
    path = tuple(str(part) for i, part in enumerate(loc) if part not in ("", "[key]") and not _is_tag(loc, i))
    return path, _what(error, loc)


def _is_tag(loc: Sequence[str | int], index: int) -> bool:
    """Pydantic names the kind of node or slot in the location, where the file has none."""
    return index == 2 and str(loc[2]) in _TAGGED.get(str(loc[0]), {})


def _what(error: ErrorDetails, loc: Sequence[str | int]) -> str:
    given = repr(error["input"])[:60]
    match error["type"]:
        case "extra_forbidden":
            known = _siblings(loc)
            return f"unknown key{nearest(str(loc[-1]), known) or '; known are ' + ', '.join(known)}"
        case "missing":
            return "is missing; add it"
        case "string_pattern_mismatch":
            return f"{given} is no name that can stand here; write it like {_example(error)}"
        case "union_tag_invalid" | "union_tag_not_found":
            return _kind(loc, error)
        case "string_type":
            return f"{given} must be text; quote it"
        case "value_error":
            return str(error["msg"]).removeprefix("Value error, ")
    return f"{error['msg']}; it is {given}"


def _example(error: ErrorDetails) -> str:
    pattern = str(error.get("ctx", {}).get("pattern", ""))
    if pattern == "^[a-z]{2}$":
        return "'en' (two small letters)"
    if pattern == "^[0-9*]$":
        return "'1' (one key of the phone)"
    return "'my-name' (small letters, digits and -)" if "-]" in pattern else "'my_name' (small letters, digits and _)"


def _kind(loc: Sequence[str | int], error: ErrorDetails) -> str:
    kinds, key = (_SLOTS, "kind") if loc[0] == "slots" else (_NODES, "do")
    if error["type"] == "union_tag_not_found":
        return f"{key} is missing; add one of {', '.join(kinds)}"
    given = str(error.get("ctx", {}).get("tag", ""))
    return f"{key}: {given!r} is unknown{nearest(given, kinds)}; known are {', '.join(kinds)}"


def _siblings(loc: Sequence[str | int]) -> list[str]:
    """Keys that are allowed where ``loc`` stands."""
    model: type[BaseModel] | None = AgentDefinition
    for index, part in enumerate(loc[:-1]):
        model = _TAGGED[str(loc[0])][str(part)] if _is_tag(loc, index) else model_below(model, part)
    return keys_of(model)
