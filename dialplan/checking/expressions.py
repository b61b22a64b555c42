"""Takes applications and their arguments apart, with regard to ``${…}``, ``$[…]``, parentheses and quotes."""

import re
from collections.abc import Iterator

_FUNCTION = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\(")
_OPENING = {"(": ")", "{": "}", "[": "]"}


def application_of(call: str) -> tuple[str, str]:
    """Return name and arguments of ``Name(arguments)``."""
    name, parenthesis, rest = call.partition("(")
    if not parenthesis:
        return call.strip(), ""
    return name.strip(), rest[: rest.rfind(")")] if ")" in rest else rest


def split(text: str, sign: str = ",") -> list[str]:
    """Split at ``sign`` where it stands outside of brackets and quotes."""
    parts, current, depth, quoted = [], "", 0, False
    position = 0
    while position < len(text):
        letter = text[position]
        if letter == "\\" and position + 1 < len(text):
            current += text[position : position + 2]
            position += 2
            continue
        if letter == '"':
            quoted = not quoted
        elif not quoted or text[position - 1 : position + 1] in ("${", "$["):
            depth += (letter in "([{") - (letter in ")]}")
        if letter == sign and depth <= 0 and not quoted:
            parts.append(current)
            current = ""
        else:
            current += letter
        position += 1
    return [*parts, current]


def is_fixed(text: str) -> bool:
    """Tell whether the text is known before the call, that is, holds no variable or expression."""
    return "${" not in text and "$[" not in text


def functions_in(text: str) -> Iterator[str]:
    """Go through the functions that are read: ``${NAME(…)}``."""
    return (match[1] for match in _FUNCTION.finditer(text))


def unbalanced(text: str) -> str:
    """Return the bracket of a variable or expression that is never closed: ``${`` or ``$[``; empty when all are."""
    waiting: list[str] = []
    for position, letter in enumerate(text):
        if text[position : position + 2] in ("${", "$["):
            waiting.append(text[position + 1])
        elif letter in "}]" and waiting and letter == _OPENING[waiting[-1]]:
            waiting.pop()
    return f"${waiting[-1]}" if waiting else ""
