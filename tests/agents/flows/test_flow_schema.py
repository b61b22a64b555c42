"""The published JSON Schema: up to date, sound, and of one mind with the loader about what ships."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from agents.flows.schema import FILE, flow_schema, written
from agents.flows.yaml_tree import compose, construct
from agents.library import FOLDER
from tests.agents.flows.flow_texts import SMALL, changed

SCHEMA = flow_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def faults(text: str) -> list[str]:
    return [error.json_path for error in VALIDATOR.iter_errors(construct(compose(text, "flow.yaml")))]


def test_the_published_file_is_up_to_date() -> None:
    assert FILE.read_text("utf-8") == written(SCHEMA), "run python -m agents.flows.schema"


def test_it_is_a_schema_without_loose_ends() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    found: list[str] = []

    def collect(part: Any) -> None:
        if isinstance(part, dict):
            found.extend([part["$ref"]] if isinstance(part.get("$ref"), str) else [])
            for inner in part.values():
                collect(inner)
        elif isinstance(part, list):
            for inner in part:
                collect(inner)

    collect(SCHEMA)
    assert found
    assert all(ref.removeprefix("#/$defs/") in SCHEMA["$defs"] for ref in found)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: Path(path).stem)
def test_every_flow_that_ships_fits(path: Path) -> None:
    assert faults(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("start: greeting", "strat: greeting"),
        ("do: end", "do: ende"),
        ("keyed: number", "keyd: number"),
        ("kind: date", "kind: dat"),
        ("say: [Hello.]", "say: Hello."),
        ("keys: {1: number}", "keys: {12: number}"),
        ("keyed: number", "turns: {endpointing: {max_delay: 2}}"),
        ("queue: billing", "queue: Billing Desk"),
    ],
)
def test_what_an_editor_underlines(old: str, new: str) -> None:
    assert faults(SMALL) == []
    assert faults(changed((old, new)))


def test_an_extending_file_may_leave_out_what_it_inherits() -> None:
    child = (
        "name: child\nextends: base\nslots: {day: {future: false}}\neverywhere: {repeat_with: [Again.]}\nnodes:\n  main: {fills: [day]}\n"
    )
    assert faults(child) == []
    assert faults(child.replace("extends: base\n", ""))
    assert faults(child.replace("fills: [day]", "do: say"))


def test_every_node_kind_and_key_of_it_is_explained() -> None:
    kinds = {name: part for name, part in SCHEMA["$defs"].items() if name.endswith("Node")}
    assert len(kinds) == 16
    assert all(part.get("description") for part in kinds.values())
    assert yaml.safe_load(FILE.read_text("utf-8"))["title"] == "Patchcord flow"
