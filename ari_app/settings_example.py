"""``patchcord.example.yaml``: every setting with its meaning, commented out at its default."""

from collections.abc import Iterator
from typing import Any

import yaml
from pydantic import BaseModel, TypeAdapter

from ari_app.settings import Settings, section_of

_ONE_LINE = 1_000_000
"""Width of a value: a comment ends with its line."""


def example_file() -> str:
    """The whole text. Loaded as it is, it changes nothing."""
    lines = ["# Every setting of Patchcord at its default. Copy to patchcord.yaml and uncomment what you change.", ""]
    for name, field in Settings.model_fields.items():
        section = section_of(field.annotation)
        if section is not None:
            lines += [f"{name}:", *_section(section, "  "), ""]
    return "\n".join([*lines, *_NUMBERS])


_NUMBERS = [
    "# What differs for one dialled number. Its knobs lie over those of turns, and under those of the agent and of its nodes.",
    "numbers:",
    '  # "500": {agent: order-status, max_calls: 20}',
    '  # "501": {agent: refund, emotion: audio, rules: refunds.yaml}',
    '  # "100": {turns: {style: casual, listening: {no_input_timeout_s: 10}}}',
    "",
]


def _section(model: type[BaseModel], indent: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        section = section_of(field.annotation)
        if section is not None:
            yield f"{indent}{name}:"
            yield from _section(section, indent + "  ")
            continue
        default = TypeAdapter(Any).dump_python(field.get_default(call_default_factory=True), mode="json")
        value = (
            yaml.safe_dump(default, default_flow_style=True, width=_ONE_LINE, allow_unicode=True).removesuffix("\n").removesuffix("\n...")
        )
        yield f"{indent}# {field.description}"
        yield f"{indent}# {name}: {value}"
