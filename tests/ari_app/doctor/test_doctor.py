import socket
from pathlib import Path

import pytest

from ari_app.doctor import machine, running
from ari_app.doctor.finding import report
from ari_app.settings import load_settings


def test_a_taken_port_is_named_with_its_setting() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        settings = load_settings(None, {}, {"sip": {"bind": "127.0.0.1"}, "service": {"http_port": port}})
        text = report(machine.ports(settings))
    assert f"[ BAD] Port {port}, status page" in text
    assert "service.http_port" in text


@pytest.mark.parametrize(("version", "state"), [((3, 10, 1), "problem"), ((3, 11, 0), "ok"), ((3, 13, 9), "ok"), ((3, 14, 0), "problem")])
def test_python_versions(version: tuple[int, ...], state: str) -> None:
    assert machine.python_version(version).state == state


def test_disk_speaks_of_the_nearest_existing_folder(tmp_path: Path) -> None:
    assert machine.disk(tmp_path / "not" / "yet", needed=1).state == "ok"
    assert machine.disk(tmp_path, needed=10**18).state == "warning"


@pytest.mark.parametrize(
    ("status", "states"),
    [
        ({"ready": True, "versions": {"asterisk": "22.10.1"}, "database": "up"}, ["ok", "ok", "ok"]),
        ({"ready": False, "reasons": ["ARI is away"], "versions": {"asterisk": "18.2.0"}, "database": "away"}, ["problem"] * 3),
        ({"ready": True, "versions": {"asterisk": "GIT-master"}, "database": "up"}, ["ok", "warning", "ok"]),
    ],
)
def test_service_answers_become_findings(status: dict[str, object], states: list[str]) -> None:
    findings = running.service(status)
    assert [finding.state for finding in findings] == states
    assert all(finding.remedy for finding in findings if finding.state != "ok")


@pytest.mark.parametrize(
    ("heard", "sent", "delay", "failure", "state"),
    [
        (250, 250, 42.0, "", "ok"),
        (0, 250, None, "", "problem"),
        (250, 250, 200.0, "", "warning"),
        (200, 250, 40.0, "", "warning"),
        (0, 0, None, "503", "problem"),
    ],
)
def test_echo_is_judged(heard: int, sent: int, delay: float | None, failure: str, state: str) -> None:
    assert running.echo(heard_frames=heard, sent_frames=sent, delay_ms=delay, failure=failure).state == state


@pytest.mark.parametrize(("answer", "state"), [({"ready": True}, "ok"), ({"ready": False}, "problem"), (None, "problem")])
def test_the_desk_is_judged_by_its_own_answer(answer: dict[str, object] | None, state: str) -> None:
    finding = running.desk(answer, "http://127.0.0.1:8095")
    assert finding.state == state
    assert "http://127.0.0.1:8095" in finding.detail


def test_packets_that_other_programs_may_delay_are_told_with_the_remedy() -> None:
    good = running.priority({"media": True, "asterisk": True})
    assert (good.state, good.detail) == ("ok", "asterisk, media before all other programs")
    finding = running.priority({"media": False, "media-2": True, "asterisk": False})
    assert finding.state == "warning"
    assert "delay those of asterisk, media" in finding.detail
    assert "media-2" not in finding.detail
    assert "LimitRTPRIO=11" in finding.remedy
