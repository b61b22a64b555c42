"""The pages for admins: examples that load, and a reference that knows every key."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from dialplan.extensions import Plan, render_extensions
from dialplan.routes import decide, default_routes, explain_text, load_routes, parse_routes
from dialplan.routes.calendar import Hours
from dialplan.routes.callers import Callers, Vip
from dialplan.routes.model import Route, Routes
from dialplan.routes.queues import Queue, Queues
from dialplan.routes.targets import Part

PROJECT = Path(__file__).parents[3]
NUMBERS = (PROJECT / "docs/numbers.md").read_text("utf-8")
DIALPLAN = (PROJECT / "docs/dialplan.md").read_text("utf-8")


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", NUMBERS, re.DOTALL))
def test_each_example_loads(example: str) -> None:
    assert parse_routes(example, "docs/numbers.md").routes


@pytest.mark.parametrize("part", [Routes, Route, Hours, Callers, Vip, Queues, Queue], ids=lambda part: part.__name__)
def test_every_key_is_in_the_reference(part: type[Part]) -> None:
    reference = NUMBERS.split("## Every key")[1]
    assert [key for key in part.model_fields if f"`{key}`" not in reference] == []


def test_the_explanation_on_the_page_is_what_is_printed() -> None:
    routes = load_routes(PROJECT / "dialplan/routes/example.yaml")
    at = datetime(2026, 12, 24, 18, tzinfo=routes.zone_of("+442079460015"))
    assert explain_text(decide(routes, "+442079460015", "+442079460999", at)) in NUMBERS


def test_every_context_and_variable_is_on_the_page() -> None:
    text = render_extensions(
        Plan(default_routes("support"), "patchcord", "support", queue_timeout_s=30, deadman_s=6, phones=("2001",), asterisk_major=22)
    )
    contexts = set(re.findall(r"^\[(patchcord-[a-z]+)\]", text, re.MULTILINE)) - {"patchcord-caller"}
    assert {name for name in contexts if f"`{name}`" not in DIALPLAN} == set()
    of_routes = "\n".join((PROJECT / f"dialplan/routes/{name}.py").read_text() for name in ("rendering",))
    variables = set(re.findall(r"PATCHCORD_[A-Z]+", of_routes + text.split("[patchcord-routes]")[1].split("[patchcord-phones]")[0]))
    assert {name for name in variables if f"`{name}`" not in DIALPLAN} == set()
