"""What every agent made with the SDK can do without being told: one file per language, found by ``base_of``."""

from functools import cache
from pathlib import Path
from typing import Any

from agents.flows.shelf import read_text
from agents.flows.yaml_tree import compose, construct

_HERE = Path(__file__).parent


def languages() -> list[str]:
    return sorted(path.stem for path in _HERE.glob("*.yaml"))


@cache
def base_of(language: str) -> dict[str, Any]:
    """The base as plain values; not to be changed. Raises ValueError when there is none in this language."""
    path = _HERE / f"{language}.yaml"
    if language not in languages():
        known = ", ".join(languages())
        raise ValueError(f"no base texts in {language!r}, only in {known}. Add agents/bases/{language}.yaml, or write a flow file instead.")
    return construct(compose(read_text(path), str(path)))
