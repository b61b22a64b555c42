"""Results of Python tools as plain JSON values."""

import math
from collections.abc import Mapping

from pydantic_core import PydanticSerializationError, to_jsonable_python

from agents.tools.toolbox import ToolError
from agents.transcript import JsonValue


def plain_result(value: object, tool: str) -> dict[str, JsonValue]:
    """A mapping, dataclass or model as it is, nothing as {}, anything else as ``result``.

    Dates become ISO text, decimals text, enumerations their value, infinities and NaN null. Raises ToolError for what JSON cannot hold.
    """
    try:
        found = _finite(to_jsonable_python(value))
    except (PydanticSerializationError, ValueError, TypeError, RecursionError) as error:
        raise ToolError(
            f"{tool} returned something that JSON cannot hold ({type(value).__name__}): return a mapping of plain values"
        ) from error
    if found is None:
        return {}
    return found if isinstance(found, dict) else {"result": found}


def _finite(value: JsonValue) -> JsonValue:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return value
