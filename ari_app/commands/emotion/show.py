"""The card of a model: of the one that ships its numbers with their sources, of a trained one its MODEL.md."""

import json
import textwrap
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

from agents.emotion.voice.errors import ModelUnusable
from agents.emotion.voice.onnx_judge import OnnxJudge

_WIDTH: Final = 110
_LEAVES: Final = ("value", "features")
"""An entry with one of these is a number with its source; others hold entries."""


def shown(model: Path | None, *, as_json: bool) -> str:
    """``model``: MODEL.onnx; None: the default. Raises ModelUnusable."""
    if model is None:
        table = json.loads((resources.files("agents.emotion.voice") / "default.json").read_text("utf-8"))
        return json.dumps(table, indent=2, ensure_ascii=False) if as_json else "\n".join(_default(table))
    OnnxJudge(model)
    if as_json:
        return model.with_suffix(".json").read_text("utf-8").rstrip()
    page = model.with_suffix(".md")
    try:
        return page.read_text("utf-8").rstrip()
    except OSError as error:
        raise ModelUnusable(
            f"{page}: cannot be read ({error.strerror}); copy it from where the model was trained, or use --json"
        ) from error


def _default(table: Mapping[str, Any]) -> Iterator[str]:
    yield "The model that ships: " + textwrap.fill(table["about"], _WIDTH)
    for section, entries in table.items():
        if section in ("about", "sources"):
            continue
        yield f"\n{section.replace('_', ' ')}"
        if isinstance(entries, str):
            yield textwrap.fill(entries, _WIDTH, initial_indent="  ", subsequent_indent="  ")
        else:
            yield from _entries(entries, "  ")
    yield "\nsources"
    for key, citation in table["sources"].items():
        yield textwrap.fill(f"{key}: {citation}", _WIDTH, initial_indent="  ", subsequent_indent="    ")


def _entries(entries: Mapping[str, Any], indent: str) -> Iterator[str]:
    if any(leaf in entries for leaf in _LEAVES):
        entries = {"": entries}
    for name, entry in entries.items():
        if not any(leaf in entry for leaf in _LEAVES):
            yield f"{indent}{name}"
            yield from _entries(entry, indent + "  ")
            continue
        yield textwrap.fill(
            f"{name:<12} {_numbers(entry)}  {entry.get('why', '')} [{entry.get('source', '')}]",
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=indent + " " * 13,
        )


def _numbers(entry: Mapping[str, Any]) -> str:
    if "features" in entry:
        return " ".join(f"{weight:+g} {name}" for name, weight in entry["features"].items()) + "."
    middle = f" above {entry['middle']:g}" if "middle" in entry else ""
    return f"{entry['value']:g}{middle}."
