"""A call without a telephone as lines of text, for failures and for whoever reads along."""

from collections.abc import Mapping

from agents.rehearsal.happenings import ToolCalled
from agents.transcript import JsonValue


def line(who: str, text: str) -> str:
    """``caller  where is my order``"""
    return f"{who:<7} {text}"


def tool_line(called: ToolCalled) -> str:
    """``tool    orders.find(number='10482') -> found=True``"""
    outcome = f"failed: {called.error or 'refused'}" if called.result is None else fields(called.result) or "nothing"
    return line("tool", f"{called.name}({fields(called.arguments)}) -> {outcome}")


def fields(values: Mapping[str, JsonValue]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items())
