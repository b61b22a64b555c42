"""From a function's signature to the JSON Schema of its arguments, and from what arrives to what the function takes."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, PydanticSchemaGenerationError, PydanticUserError, ValidationError, create_model
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import GenerateJsonSchema

from agents.tools.call_facts import CallFacts
from agents.tools.docstring import Described
from agents.tools.names import nearest
from agents.tools.toolbox import ToolError
from agents.transcript import JsonValue

_NAMED: Final = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class ToolDefinitionError(TypeError):
    """A function cannot be a tool as it stands; the message names it and the remedy."""


class _Schema(GenerateJsonSchema):
    ignored_warning_kinds: Any = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - as the base class has it


@dataclass(frozen=True, slots=True)
class Signature:
    """``facts``: the parameter that takes the call's facts, or empty."""

    tool: str
    model: type[BaseModel]
    parameters: Mapping[str, str]
    """Name of an argument to the model's own field, which could not be called ``schema`` or ``copy``."""
    optional: frozenset[str]
    """Arguments with a default: given empty they count as not given, since a flow's template writes a missing slot so."""
    facts: str
    schema: Mapping[str, JsonValue]

    def take(self, arguments: Mapping[str, JsonValue]) -> dict[str, Any]:
        """Keyword arguments for the function. Raises ToolError, which never repeats a value: it may be personal."""
        for name in arguments:
            if name not in self.parameters:
                raise ToolError(f"{self.tool} has no argument '{name}'; {nearest(name, list(self.parameters))}")
        given = {name: value for name, value in arguments.items() if not (value in ("", None) and name in self.optional)}
        try:
            taken = self.model.model_validate(given)
        except ValidationError as error:
            raise ToolError(f"{self.tool}: {'; '.join(_problem(problem) for problem in error.errors(include_input=False))}") from None
        return {name: getattr(taken, field) for name, field in self.parameters.items() if field in taken.model_fields_set}


def read_signature(function: Callable[..., object], tool: str, described: Described) -> Signature:
    """Raises ToolDefinitionError."""
    where = f"{function.__module__}.{getattr(function, '__qualname__', tool)}"
    try:
        hints = get_type_hints(function if inspect.isroutine(function) else type(function).__call__, include_extras=True)
    except NameError as error:
        raise ToolDefinitionError(
            f"{where}: {error.name!r} in an annotation is not known there; define or import it at module level"
        ) from error
    fields: dict[str, Any] = {}
    names: dict[str, str] = {}
    optional, facts = set(), ""
    for position, parameter in enumerate(inspect.signature(function).parameters.values()):
        name = parameter.name
        if parameter.kind not in _NAMED:
            raise ToolDefinitionError(f"{where}: parameter '{name}' has no name for the caller of the tool; give it one, without * or /")
        if hints.get(name) is CallFacts:
            if position:
                raise ToolDefinitionError(f"{where}: the parameter of type CallFacts comes first")
            facts = name
            continue
        if name not in hints:
            raise ToolDefinitionError(f"{where}: parameter '{name}' has no type; annotate it, as in {name}: str")
        needed = parameter.default is inspect.Parameter.empty
        about: dict[str, Any] = {"description": text} if (text := described.parameters.get(name)) else {}
        names[name] = f"argument_{position}"
        fields[names[name]] = (hints[name], Field(alias=name, **about) if needed else Field(parameter.default, alias=name, **about))
        if not needed:
            optional.add(name)
    if unknown := set(described.parameters) - set(names) - {facts}:
        wrong = min(unknown)
        raise ToolDefinitionError(f"{where}: the docstring describes '{wrong}', which is no parameter; {nearest(wrong, names)}")
    config = ConfigDict(extra="forbid", coerce_numbers_to_str=True, arbitrary_types_allowed=False)
    try:
        model = create_model("Arguments", __config__=config, **fields)
        schema = model.model_json_schema(schema_generator=_Schema)
    except (PydanticSchemaGenerationError, PydanticInvalidForJsonSchema, PydanticUserError) as error:
        raise ToolDefinitionError(
            f"{where}: a parameter's type has no JSON form; use plain types, lists, Literal, Enum or dataclasses"
        ) from error
    return Signature(tool, model, names, frozenset(optional), facts, _without_titles(schema))


def _problem(problem: Any) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    return f"'{where}': {problem['msg'][0].lower()}{problem['msg'][1:]}"


def _without_titles(schema: dict[str, Any]) -> dict[str, Any]:
    """Pydantic titles every field with its own name, which only costs a model tokens. A property called ``title`` stays."""

    def cleaned(value: Any, *, names: bool) -> Any:
        if isinstance(value, dict):
            return {
                key: cleaned(inner, names=not names and key in ("properties", "$defs"))
                for key, inner in value.items()
                if names or key != "title"
            }
        return [cleaned(inner, names=False) for inner in value] if isinstance(value, list) else value

    return cleaned(schema, names=False)  # type: ignore[no-any-return]
