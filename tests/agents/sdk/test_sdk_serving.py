"""``agent.serve``: the same script starts the service or registers inside it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agents import Agent
from agents.sdk.serving import IN_MIND, SERVICE, Registrar, ServeError, registering, serve

PROJECT = Path(__file__).resolve().parents[3]
SCRIPT = """\
from agents import Agent
agent = Agent("desk")
agent.intent("hours", examples=["when are you open"])(lambda call: "Always.")
other = Agent("other")
other.intent("hours", examples=["when are you open"])(lambda call: "Never.")
agent.serve(number="500", queue="support", max_concurrent_calls=3)
other.serve(number="501")
from agents.sdk.serving import the_registrar
print("registered", sorted(the_registrar().registrations))
"""
SERVICE_DOUBLE = """\
def serve_script(script, registrations):
    (one,) = registrations
    print("service", script, one.agent.name, one.number, one.queue, one.max_concurrent_calls)
    return {status}
"""


def agent() -> Agent:
    made = Agent("desk", queue="people")
    made.intent("hours", examples=["when are you open"])(lambda call: "Always.")
    return made


def run(folder: Path, status: int = 0, mind: str = "") -> "subprocess.CompletedProcess[str]":
    (folder / "script.py").write_text(SCRIPT)
    (folder / "service_double.py").write_text(SERVICE_DOUBLE.format(status=status))
    own = {**os.environ, "PYTHONPATH": f"{PROJECT}{os.pathsep}{folder}", SERVICE: "service_double", **({IN_MIND: mind} if mind else {})}
    return subprocess.run([sys.executable, str(folder / "script.py")], env=own, capture_output=True, text=True, check=False, timeout=60)


def test_a_script_that_is_run_starts_the_service_once(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == f"service {tmp_path / 'script.py'} desk 500 support 3"
    assert done.stdout.count("service ") == 1


def test_a_service_that_fails_ends_the_script_with_its_status(tmp_path: Path) -> None:
    done = run(tmp_path, status=3)
    assert done.returncode == 3
    assert "registered" not in done.stdout


def test_inside_the_service_it_registers_every_agent(tmp_path: Path) -> None:
    done = run(tmp_path, mind="/some/mind.json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["registered ['500', '501']"]


def test_a_registrar_takes_agents_by_number() -> None:
    with registering(Registrar()) as registrar:
        made = agent()
        made.serve(number="500", max_concurrent_calls=2)
        made.serve(number="+49301234", queue="other")
    found = registrar.registrations
    assert (found["500"].agent, found["500"].queue, found["500"].max_concurrent_calls) == (made, "people", 2)
    assert found["+49301234"].queue == "other"


@pytest.mark.parametrize(
    ("number", "queue", "most", "message"),
    [
        ("front", "support", 1, "cannot be dialled"),
        ("500", "Support!", 1, "no name of a queue"),
        ("500", "support", 0, "out of range"),
    ],
)
def test_what_cannot_be_served_is_refused(number: str, queue: str, most: int, message: str) -> None:
    with registering(Registrar()), pytest.raises(ServeError, match=message):
        serve(agent(), number, queue, most)


def test_two_agents_on_one_number_are_refused() -> None:
    with registering(Registrar()):
        agent().serve(number="500")
        with pytest.raises(ServeError, match="served by two agents"):
            agent().serve(number="500")


def test_an_agent_that_can_answer_nothing_is_refused_before_the_service_starts() -> None:
    with registering(Registrar()), pytest.raises(Exception, match="can answer nothing"):
        Agent("empty").serve(number="500")


def test_a_service_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SERVICE, "no_such_service")
    monkeypatch.setattr("agents.sdk.serving._Place.served", False)
    with pytest.raises(ServeError, match="no_such_service"):
        agent().serve(number="500")
