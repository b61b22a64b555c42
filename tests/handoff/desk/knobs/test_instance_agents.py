"""The agents of an instance as the desk gets them: numbers, knobs, tools and scripts."""

from pathlib import Path

from ari_app.service.desk_agents import InstanceAgents
from ari_app.service.layout import Layout
from ari_app.service.own_agents import own_folder
from ari_app.settings import Settings


def test_numbers_and_knobs_are_those_of_the_settings(instance: InstanceAgents) -> None:
    found = {one.dialled: one for one in instance.numbers()}
    assert {dialled: one.agent for dialled, one in found.items()} == {"100": "front-desk", "101": "echo", "102": "order-status"}
    assert found["102"].turns == {"endpointing": {"max_delay_s": 0.9}}
    assert instance.turns() == {"bargein": {"min_words": 2}}, "without the defaults"


def test_ones_own_agents_lie_where_the_settings_say(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert own_folder(Settings(), layout) == tmp_path / "agents"
    assert own_folder(Settings.model_validate({"agents": {"folder": str(tmp_path / "mine")}}), layout) == tmp_path / "mine"


def test_tools_are_known_without_their_secrets(instance: InstanceAgents) -> None:
    assert instance.describe is not None
    assert instance.describe("orders.find") is not None
    assert instance.describe("orders.lose") is None


def test_an_agent_that_took_the_place_of_a_shipped_one_is_tried_with_its_scripts(instance: InstanceAgents) -> None:
    assert "orders.find" in instance.scripts(instance.own / "refund.yaml")
