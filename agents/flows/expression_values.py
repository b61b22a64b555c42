"""What the values of an expression do to each other: comparing, adding, and the few functions. Nothing here raises, whatever the value."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias

Value: TypeAlias = bool | int | float | str | None

LARGEST: Final = 10**15
"""Beyond this a number counts as missing: no price, count or date needs it."""
MAX_TEXT: Final = 1000
"""Characters of a text that an expression makes; the rest is cut."""
_NUMBER: Final = re.compile(r"\s*[+-]?\d{1,15}(?:\.\d{1,9})?\s*", re.ASCII)
_FALSE: Final = frozenset({"", "no", "false"})


def number(value: Value) -> Decimal | None:
    """A number, or a text that is one; None otherwise."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        return Decimal(value.strip()) if _NUMBER.fullmatch(value) else None
    exact = Decimal(str(value))
    return exact if exact.is_finite() and abs(exact) <= LARGEST else None


def text(value: Value) -> str:
    """As it stands in a slot."""
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)[:MAX_TEXT]


def true(value: Value) -> bool:
    return value not in _FALSE if isinstance(value, str) else bool(value)


def equal(left: Value, right: Value) -> bool:
    """Texts letter by letter (``"007"`` is not ``"7"``); a number with a text by value; missing only with missing."""
    if left in (None, "") or right in (None, ""):
        return left in (None, "") and right in (None, "")
    if isinstance(left, bool) or isinstance(right, bool):
        return _as_bool(left) is not None and _as_bool(left) == _as_bool(right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return number(left) is not None and number(left) == number(right)


def _as_bool(value: Value) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"yes": True, "true": True, "no": False, "false": False}.get(value) if isinstance(value, str) else None


def ordered(sign: str, left: Value, right: Value) -> bool:
    """Numbers by value, other texts (ISO dates, times) by letters; anything else is in no order."""
    first, second = number(left), number(right)
    if first is not None and second is not None:
        return _ordered(sign, first, second)
    if isinstance(left, str) and isinstance(right, str) and left and right:
        return _ordered(sign, left, right)
    return False


def _ordered(sign: str, left: Any, right: Any) -> bool:
    return bool({"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign])


def contains(whole: Value, part: Value) -> bool:
    """Whether a text holds another; a missing part is in nothing."""
    return isinstance(whole, str) and text(part) != "" and text(part) in whole


def add(left: Value, right: Value) -> Value:
    """The sum of two numbers; texts are joined."""
    if number(left) is not None and number(right) is not None:
        return arithmetic("+", left, right)
    if any(isinstance(value, str) and value and number(value) is None for value in (left, right)):
        return (text(left) + text(right))[:MAX_TEXT]
    return None


def arithmetic(sign: str, left: Value, right: Value) -> int | float | None:
    """Exact in decimals; None when a side is no number, for a division by zero, and beyond LARGEST."""
    first, second = number(left), number(right)
    if first is None or second is None or (sign == "/" and not second):
        return None
    result = {"+": first + second, "-": first - second, "*": first * second}[sign] if sign != "/" else first / second
    if abs(result) > LARGEST:
        return None
    return int(result) if result == result.to_integral_value() else float(result)


@dataclass(frozen=True, slots=True)
class Function:
    arguments: tuple[str, ...]
    apply: Callable[[Sequence[Value], Mapping[str, Any]], Value]


def _length(values: Sequence[Value], facts: Mapping[str, Any]) -> Value:
    return len(text(values[0]))


def _lower(values: Sequence[Value], facts: Mapping[str, Any]) -> Value:
    return text(values[0]).lower()


def _last(values: Sequence[Value], facts: Mapping[str, Any]) -> Value:
    count = number(values[1])
    return text(values[0])[-min(int(count), MAX_TEXT) :] if count is not None and count >= 1 else ""


def _days_until(values: Sequence[Value], facts: Mapping[str, Any]) -> Value:
    today, day = _day(facts.get("today")), _day(values[0])
    return (day - today).days if today and day else None


def _day(value: Any) -> date | None:
    """The day of an ISO date or date with time."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _number(values: Sequence[Value], facts: Mapping[str, Any]) -> Value:
    return arithmetic("+", values[0], 0)


FUNCTIONS: Final[Mapping[str, Function]] = {
    "len": Function(("text",), _length),
    "lower": Function(("text",), _lower),
    "last": Function(("text", "n"), _last),
    "days_until": Function(("date",), _days_until),
    "number": Function(("x",), _number),
}
