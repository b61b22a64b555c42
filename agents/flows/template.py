"""Sentences with names in them: ``Order {order_number|digits} has shipped.`` Known names only, nothing is evaluated."""

import re
from collections.abc import Mapping
from typing import Final

from agents.flows.names import nearest
from agents.wording import FORMATS

_PLACE: Final = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?")


def places(text: str) -> list[tuple[str, str]]:
    """``(name, format)`` of every placeholder. Raises ValueError for a malformed one, an unknown format or a stray brace."""
    found = []
    for name, form in _PLACE.findall(text):
        if not _NAME.fullmatch(name):
            raise ValueError(f"{{{name}}} is not a name; write {{slot}} or {{result.field}}")
        if form and form not in FORMATS:
            raise ValueError(f"{{{name}|{form}}}: unknown format {form!r}{nearest(form, FORMATS)}; known are {', '.join(sorted(FORMATS))}")
        found.append((name, form))
    if "{" in _PLACE.sub("", text) or "}" in _PLACE.sub("", text):
        raise ValueError(f"a brace without its partner in {text!r}")
    return found


def is_constant(text: str) -> bool:
    return "{" not in text


def rename(text: str, names: Mapping[str, str]) -> str:
    """The same with other slots in the placeholders; ``has.`` follows."""

    def new(match: re.Match[str]) -> str:
        space, _, slot = match[1].rpartition(".")
        name = names.get(slot, slot) if space in ("", "has") else slot
        return f"{{{space}{'.' if space else ''}{name}{'|' + match[2] if match[2] else ''}}}"

    return _PLACE.sub(new, text)


def render(text: str, values: Mapping[str, str], language: str = "en") -> str:
    """Fill the placeholders; a name without a value becomes nothing, a format is said in ``language``."""

    def fill(match: re.Match[str]) -> str:
        value = values.get(match[1], "")
        return FORMATS[match[2]](value, language) if match[2] else value

    return _PLACE.sub(fill, text)
