"""What a model may do: the tools, exits and slots of its task, with arguments that fit; whatever anybody has talked it into.

The offer is made from the task alone, which comes from the state of the flow, and every call is judged against that offer again.
"""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import jsonschema

from agents.llm.model import Call, Function
from agents.llm.task import ModelTask
from agents.tools.toolbox import Toolbox, ToolInfo
from agents.transcript import JsonValue

log = logging.getLogger(__name__)

LEAVE: Final = "leave"
REMEMBER: Final = "remember"
LONGEST_FACT: Final = 300
"""Characters."""
LONGEST_ARGUMENTS: Final = 10_000
"""Characters; more is a model that does not stop."""
_UNFIT: Final = re.compile(r"[^a-zA-Z0-9_-]")


@dataclass(frozen=True, slots=True)
class RunTool:
    info: ToolInfo
    arguments: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Leave:
    exit: str


@dataclass(frozen=True, slots=True)
class Remember:
    slot: str
    value: str


@dataclass(frozen=True, slots=True)
class Refuse:
    reason: str
    """For the model, so that it can do better."""
    name: str = ""
    """The tool as the task names it, if there is one."""
    arguments: Mapping[str, JsonValue] | None = None


Verdict: TypeAlias = RunTool | Leave | Remember | Refuse


class Guard:
    def __init__(self, task: ModelTask, tools: Toolbox) -> None:
        self._task = task
        self._tools: dict[str, ToolInfo] = {}
        """By the name the model knows."""
        for name in dict.fromkeys(task.tools):
            info = tools.describe(name)
            offered = _UNFIT.sub("_", name)[:64]
            if info is None or offered in (LEAVE, REMEMBER, *self._tools):
                log.error("tool_not_offered", extra={"tool": name, "why": "unknown" if info is None else "its name is taken"})
            else:
                self._tools[offered] = info

    @property
    def names(self) -> set[str]:
        """Of the tools that may run, as the task names them."""
        return {info.name for info in self._tools.values()}

    def functions(self, *, tools: bool = True) -> list[Function]:
        """What the model is offered; without ``tools`` only what ends or notes something."""
        made = [Function(name, info.description, info.parameters) for name, info in self._tools.items()] if tools else []
        if self._task.exits:
            when = "; ".join(f"{name}: {words}" for name, words in self._task.exits.items())
            made.append(Function(LEAVE, f"Ends this part of the call. {when}", _object(exit=list(self._task.exits))))
        if self._task.remembers:
            meaning = "; ".join(f"{name}: {words}" for name, words in self._task.remembers.items())
            about = f"Notes something the caller has said or corrected, in their words. May be called together with speaking. {meaning}"
            made.append(Function(REMEMBER, about, _object(slot=list(self._task.remembers), value=None)))
        return made

    def judge(self, call: Call, *, tools: bool = True) -> Verdict:
        """``tools`` as it was in the offer."""
        arguments = _parsed(call.arguments)
        if call.name == LEAVE and self._task.exits:
            return self._leave(arguments)
        if call.name == REMEMBER and self._task.remembers:
            return self._remember(arguments)
        info = self._tools.get(call.name) if tools else None
        if info is None:
            return Refuse("there is no such function here", call.name, arguments)
        if arguments is None:
            return Refuse("the arguments are not a JSON object", info.name)
        wrong = _misfit(arguments, info.parameters)
        return Refuse(wrong, info.name, arguments) if wrong else RunTool(info, arguments)

    def _leave(self, arguments: Mapping[str, JsonValue] | None) -> Verdict:
        chosen = (arguments or {}).get("exit")
        if isinstance(chosen, str) and chosen in self._task.exits:
            return Leave(chosen)
        return Refuse(f"exit has to be one of: {', '.join(self._task.exits)}")

    def _remember(self, arguments: Mapping[str, JsonValue] | None) -> Verdict:
        slot, value = (arguments or {}).get("slot"), (arguments or {}).get("value")
        if not isinstance(slot, str) or slot not in self._task.remembers:
            return Refuse(f"slot has to be one of: {', '.join(self._task.remembers)}")
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_FACT:
            return Refuse(f"value has to be the caller's words, at most {LONGEST_FACT} characters")
        return Remember(slot, " ".join(value.split()))


def _object(**fields: list[str] | None) -> dict[str, JsonValue]:
    """A schema of required strings; a list: one of these."""
    properties: dict[str, JsonValue] = {
        name: {"type": "string", "enum": list(choices)} if choices else {"type": "string"} for name, choices in fields.items()
    }
    return {"type": "object", "properties": properties, "required": list(fields), "additionalProperties": False}


def _parsed(arguments: str) -> dict[str, JsonValue] | None:
    if len(arguments) > LONGEST_ARGUMENTS:
        return None
    try:
        made = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return None
    return made if isinstance(made, dict) else None


@lru_cache(maxsize=512)
def _validator(schema: str) -> jsonschema.Draft202012Validator | None:
    """Fields that the schema does not name are wrong, unless it speaks of them itself. None: the schema is no schema."""
    wanted = json.loads(schema)
    if not {"additionalProperties", "unevaluatedProperties"} & wanted.keys():
        wanted["unevaluatedProperties"] = False
    try:
        jsonschema.Draft202012Validator.check_schema(wanted)
    except jsonschema.SchemaError as error:
        log.error("tool_schema_broken", extra={"path": ".".join(map(str, error.path)), "why": str(error.validator)})
        return None
    return jsonschema.Draft202012Validator(wanted)


def _misfit(arguments: Mapping[str, JsonValue], schema: Mapping[str, JsonValue]) -> str:
    """What is wrong with the arguments, without their values; empty: nothing."""
    validator = _validator(json.dumps(schema, sort_keys=True))
    if validator is None:
        return "this function cannot be used"
    error = min(validator.iter_errors(dict(arguments)), key=lambda error: list(map(str, error.path)), default=None)
    if error is None:
        return ""
    where = ".".join(map(str, error.path)) or "the arguments"
    if error.validator == "unevaluatedProperties":
        return f"{where}: a field that this function does not have"
    return f"{where}: does not fit {error.validator} {json.dumps(error.validator_value, default=str)[:200]}"
