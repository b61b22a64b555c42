"""``patchcord agents …``: lists, checks, shows, talks to and tests agents, without a service."""

import io
import json
from pathlib import Path

import pytest

from ari_app.cli import build_parser, main
from tests.agents.rehearsal.lamp_shop import LAMP_SHOP

PASSES = """\
agent: ../lamp-shop.yaml
name: an order
tools: {orders.find: {gives: {found: true, item: a lamp}}}
steps:
  - {caller: order}
  - {keys: "10482", says: a lamp}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lamp-shop.yaml").write_text(LAMP_SHOP, "utf-8")
    (tmp_path / "conversations").mkdir()
    (tmp_path / "conversations" / "order.yaml").write_text(PASSES, "utf-8")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    status = main(["agents", *map(str, words)])
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def test_the_list_names_every_agent(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    status, out, _ = run(capsys, "list", "--folder", folder)
    assert status == 0
    rows = {line.split()[0]: line.split() for line in out.splitlines()}
    assert next(iter(rows)) == "NAME"
    assert rows["lamp-shop"][1:] == ["en", "16", "10", "1", "-", str(folder / "lamp-shop.yaml")]
    assert rows["front-desk"][-2] == "100"


def test_the_list_as_json(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    status, out, _ = run(capsys, "list", "--json", "--folder", folder)
    assert status == 0
    agents = {agent["name"]: agent for agent in json.loads(out)["agents"]}
    assert agents["front-desk"]["numbers"] == ["100"]
    assert agents["lamp-shop"]["tests"] == 1


def test_a_broken_file_is_named_in_the_list_and_hides_no_other(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "broken.yaml").write_text("name: broken\n")
    status, out, err = run(capsys, "list", "--folder", folder)
    assert status == 1
    assert "lamp-shop" in out
    assert str(folder / "broken.yaml") in err


def test_a_flow_that_is_only_extended_is_no_agent(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "base.yaml").write_text("name: base\nabstract: true\n")
    (folder / "mine.yaml").write_text("name: mine\nextends: lamp-shop\nqueue: mine\n")
    status, out, _ = run(capsys, "list", "--folder", folder)
    assert status == 0
    names = [line.split()[0] for line in out.splitlines()[1:]]
    assert "mine" in names
    assert "base" not in names
    status, out, _ = run(capsys, "validate", folder / "base.yaml")
    assert status == 0
    assert "only there to be extended" in out


def test_a_conversation_names_the_agent_of_its_folder(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    deeper = folder / "conversations" / "orders"
    deeper.mkdir()
    (deeper / "named.yaml").write_text(PASSES.replace("../lamp-shop.yaml", "lamp-shop"))
    status, out, _ = run(capsys, "test", "lamp-shop", "--folder", folder)
    assert status == 0, out
    assert "2 passed" in out


def test_validate_says_what_is_right(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    status, out, err = run(capsys, "validate", folder)
    assert (status, err) == (0, "")
    assert f"{folder / 'lamp-shop.yaml'}: right: lamp-shop, 16 nodes, 10 intents, en" in out
    assert f"{folder / 'conversations' / 'order.yaml'}: right: a conversation of 2 steps with ../lamp-shop.yaml" in out


def test_validate_names_file_line_and_remedy(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    path = folder / "lamp-shop.yaml"
    path.write_text(LAMP_SHOP.replace("next: look_up", "next: lookup"))
    status, _, err = run(capsys, "validate", path)
    line = LAMP_SHOP.splitlines().index("    next: look_up") + 1
    assert status == 1
    assert f"{path}:{line}: nodes.number.next: no node 'lookup'; did you mean 'look_up'?" in err
    assert "1 file with mistakes" in err


def test_validate_without_a_name_checks_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "validate")
    assert status == 0, err
    assert "front-desk.yaml: right: front-desk" in out


def test_show_tells_every_node_and_way(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    status, out, _ = run(capsys, "show", folder / "lamp-shop.yaml")
    assert status == 0
    lines = out.splitlines()
    assert "look_up  [tool]  tool orders.find" in lines
    assert '    "What can I do for you?"' in lines
    assert any(line.split() == ["hears", "order_status", "->", "number"] for line in lines)
    assert any(line.split() == ["everywhere.give_up", "->", "to_person"] for line in lines)


def test_the_diagram_has_every_node_and_way(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    status, out, _ = run(capsys, "show", "lamp-shop", "--folder", folder, "--format", "mermaid")
    lines = [line.strip() for line in out.splitlines()]
    assert status == 0
    assert lines[0] == "flowchart TD"
    assert 'n_main -->|"hears order_status"| n_number' in lines
    assert 'n_found -->|"case 1"| n_tell' in lines
    assert sum(line.startswith(("n_greeting[", "n_main(", "n_look_up[[", "n_found{", "n_farewell([")) for line in lines) == 5
    for line in lines[1:]:
        assert line.startswith("n_"), line
        assert line.count('"') % 2 == 0, line


def test_chat_talks_over_a_pipe_with_the_scripts_of_the_tests(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("order\n#10482\ngoodbye\n"))
    status, out, err = run(capsys, "chat", folder / "lamp-shop.yaml")
    assert status == 0
    assert "agent   a lamp is on its way." in out
    assert out.splitlines()[-1] == "ends    end done"
    assert "these tools will fail, nothing is scripted for them: lamps.find, payments.charge" in err
    assert "orders.find" not in err


def test_chat_takes_other_scripts(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "tools.yaml").write_text("tools: {orders.find: {fails: down}}\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("order\n#10482\n"))
    _, out, _ = run(capsys, "chat", "lamp-shop", "--folder", folder, "--tools", folder / "tools.yaml", "--verbose")
    assert "tool    orders.find(number='10482') -> failed: down" in out
    (folder / "tools.yaml").write_text("tools:\n  orders.find: {give: {found: true}}\n")
    status, _, err = run(capsys, "chat", "lamp-shop", "--folder", folder, "--tools", folder / "tools.yaml")
    assert status == 1
    assert err.startswith(f"{folder / 'tools.yaml'}:2: tools.orders.find")


def test_the_tests_of_an_agent_run(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    for which in ("lamp-shop", folder / "lamp-shop.yaml", folder, folder / "conversations" / "order.yaml"):
        status, out, _ = run(capsys, "test", which, "--folder", folder)
        assert status == 0, out
        assert "an order" in out
        assert "1 passed in " in out.splitlines()[-1]


def test_a_failure_is_told_with_file_line_and_transcript(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    path = folder / "conversations" / "order.yaml"
    path.write_text(PASSES.replace("says: a lamp", "says: a torch"))
    status, out, _ = run(capsys, "test", "lamp-shop", "--folder", folder)
    assert status == 1
    assert f"{path}:6: expected the agent to say 'a torch'" in out
    assert "      caller  #10482" in out
    assert "1 failed in " in out.splitlines()[-1]
    status, out, _ = run(capsys, "test", "lamp-shop", "--folder", folder, "--json")
    assert status == 1
    told = json.loads(out)
    assert (told["passed"], told["failed"]) == (0, 1)
    assert told["files"][0]["failures"][0]["line"] == 6


def test_a_file_that_cannot_be_used_fails(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "conversations" / "order.yaml").write_text("steps:\n  - {caller: order}\n")
    status, out, _ = run(capsys, "test", folder)
    assert status == 1
    assert "order.yaml:1: agent: is missing; add it" in out


@pytest.mark.parametrize("action", ["show", "chat", "test", "validate"])
def test_an_unknown_name_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str], action: str) -> None:
    status, _, err = run(capsys, action, "front-dsk")
    assert status == 1
    assert "no agent 'front-dsk'; did you mean 'front-desk'?" in err


@pytest.mark.parametrize("action", ["show", "chat", "test", "validate"])
def test_a_path_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path, action: str) -> None:
    status, _, err = run(capsys, action, tmp_path / "none.yaml")
    assert status == 1
    assert "there is no such file" in err


def test_a_folder_that_is_not_there_and_one_without_tests_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "there is no such folder" in run(capsys, "list", "--folder", tmp_path / "none")[2]
    assert "no conversation files there" in run(capsys, "test", tmp_path)[2]


def test_live_needs_an_instance(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, _, err = run(capsys, "chat", "front-desk", "--live", "--data", tmp_path)
    assert status == 1
    assert "./patchcord up" in err


@pytest.mark.parametrize("action", ["list", "validate", "show", "chat", "test"])
def test_every_action_explains_itself(capsys: pytest.CaptureFixture[str], action: str) -> None:
    with pytest.raises(SystemExit) as left:
        build_parser().parse_args(["agents", action, "--help"])
    assert left.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) >= 8


def test_without_an_action_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["agents"])
    assert "ACTION" in capsys.readouterr().err
