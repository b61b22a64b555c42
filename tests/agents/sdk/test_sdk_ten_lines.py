"""The example in ``agents.sdk.agent``, taken from its docstring and run: what the documents show works as it stands."""

import io
import re
import textwrap

import pytest

import agents.sdk.agent
from agents import Agent
from agents.rehearsal.scripted_turns import ScriptedTurn, ScriptedTurns


def example() -> str:
    found = re.search(r"\.\. code-block:: python\n\n(.*?)\n\n(?=\S)", agents.sdk.agent.__doc__ or "", re.DOTALL)
    assert found
    return textwrap.dedent(found[1])


def test_it_is_short() -> None:
    lines = [line for line in example().splitlines() if line.strip() and not line.strip().startswith(("@", "#", '"""'))]
    assert len(lines) <= 10, lines


def test_it_runs_in_the_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    model = ScriptedTurns(
        [
            ScriptedTurn.model_validate(
                {
                    "hears": "10482",
                    "tools": [{"name": "order_status", "with": {"number": "10482"}}],
                    "says": ["It is {order_status.status} and arrives {order_status.arrives}."],
                }
            )
        ]
    )
    monkeypatch.setattr("agents.sdk.models.model_turns", lambda agent, environment=None: model)
    monkeypatch.setattr("sys.stdin", io.StringIO("when are you open\nwhere is order 10482\ngoodbye\n"))
    names: dict[str, object] = {"__name__": "example"}
    exec(compile(example(), "example", "exec"), names)  # noqa: S102 - our own docstring
    shown = capsys.readouterr().out
    assert "agent   We are open from nine to five, Monday to Friday." in shown
    assert "agent   It is on its way and arrives tomorrow." in shown
    assert "caller where is order 10482" in shown
    assert "ends    end done" in shown
    made = names["agent"]
    assert isinstance(made, Agent)
    assert made.model == "gpt-4o-mini"
