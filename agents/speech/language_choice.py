"""Which of several providers serves a language."""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def chosen(language: str, offered: Mapping[str, T]) -> T | None:
    """The one of the tag itself, else of the longest beginning of it (``es-MX`` takes ``es``), else None. Case and ``_`` do not matter.

    Never another region: who asks for ``es`` and has only ``es-MX`` names that one ``es``.
    """
    by_tag = {_normal(tag): provider for tag, provider in offered.items()}
    parts = _normal(language).split("-")
    for length in range(len(parts), 0, -1):
        found = by_tag.get("-".join(parts[:length]))
        if found is not None:
            return found
    return None


def _normal(tag: str) -> str:
    return tag.strip().lower().replace("_", "-")
