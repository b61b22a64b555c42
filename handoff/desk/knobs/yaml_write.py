"""Values as YAML that the reader of flows takes for the same values again."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

Scalar: TypeAlias = str | int | float | bool
Value: TypeAlias = Scalar | Sequence["Value"] | Mapping[str, "Value"]

_PLAIN: Final = re.compile(r"[A-Za-z\u00c0-\u024f¿¡][^#:{}\[\],&*!|>'\"%@`\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]*")
"""What can stand without quotes anywhere: fewer texts than YAML allows, and none that could mean something else."""
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "none"})
_ESCAPED: Final = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")


def rendered(value: Value) -> str:
    """On one line, collections in brackets."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, str):
        return value if _is_plain(value) else quoted(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{rendered(key)}: {rendered(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(rendered(item) for item in value) + "]"


def number(value: float) -> str:
    """Without an exponent, which flows do not take for a number."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.12f}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def quoted(text: str) -> str:
    """In double quotes; lone surrogates become question marks."""
    plain = text.encode("utf-8", "replace").decode()
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(plain, ensure_ascii=False))


def ways_to_write(text: str, like: str | None) -> Iterator[str]:
    """Ways to write a text, the likeliest first; ``like``: the style of what stands there, as PyYAML names it, nothing: plain."""
    if like == "'" and "\n" not in text:
        yield "'" + text.replace("'", "''") + "'"
    if not like and _is_plain(text):
        yield text
    yield quoted(text)


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and text == text.strip() and text.lower() not in _WORDS
