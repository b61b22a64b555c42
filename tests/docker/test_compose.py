"""The compose files: hardened, whole in themselves, and every setting that they name exists."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from ari_app.cli import build_parser
from ari_app.pbx.secret_store import VARIABLES
from ari_app.settings import Settings, load_settings, section_of
from tests.docker.dockerfile import stages
from tests.e2e.instance import PROJECT

FOLDER = PROJECT / "docker"
FILES = sorted(FOLDER.glob("compose*.yaml"))
OURS = {"worker", "desk", "tasks", "dialplan", "patchcord"}
SERVICE_KEYS = {
    *("image", "build", "command", "entrypoint", "environment", "secrets", "tmpfs", "volumes", "networks", "network_mode", "ports"),
    *("depends_on", "restart", "init", "read_only", "cap_drop", "cap_add", "security_opt", "logging", "healthcheck"),
    *("stop_grace_period", "shm_size", "ulimits", "user", "profiles"),
}


def services() -> list[Any]:
    return [
        pytest.param(path, name, service, id=f"{path.stem}-{name}")
        for path in FILES
        for name, service in yaml.safe_load(path.read_text())["services"].items()
    ]


def environment_of(service: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in (service.get("environment") or {}).items()}


@pytest.mark.parametrize(("path", "name", "service"), services())
def test_it_runs_with_as_little_as_it_needs(path: Path, name: str, service: dict[str, Any]) -> None:
    assert set(service) <= SERVICE_KEYS, "a key that Compose does not know"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"] and set(service.get("cap_add", [])) <= {"NET_BIND_SERVICE"}
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service
    assert re.search(r":\d+\.\d+", service["image"]), "pinned to a version"
    assert any(place.startswith("/tmp") for place in service["tmpfs"])  # noqa: S108 - a path inside the container
    assert "build" in service or re.fullmatch(r"[1-9]\d+:[1-9]\d+", service["user"]), "not root"
    for place in (*service.get("volumes", []), *service["tmpfs"]):
        assert "docker.sock" not in place and not place.startswith("/etc")
    for port in service.get("ports", []):
        assert port.startswith("127.0.0.1:")


@pytest.mark.parametrize(("path", "name", "service"), services())
def test_what_it_refers_to_is_there(path: Path, name: str, service: dict[str, Any]) -> None:
    whole = yaml.safe_load(path.read_text())
    assert set(service.get("secrets", [])) <= set(whole.get("secrets", {}))
    assert set(service.get("networks", [])) <= set(whole.get("networks", {}))
    assert set(service.get("depends_on", {})) <= set(whole["services"])
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert (FOLDER / source).exists() if source.startswith(".") else source in whole["volumes"], volume
    build = service.get("build")
    if build:
        dockerfile = (FOLDER / build["context"] / build["dockerfile"]).resolve()
        assert dockerfile.is_file()
        assert build.get("target", "") in {"", *(stage.name for stage in stages(dockerfile.read_text()))}
    for other, how in service.get("depends_on", {}).items():
        wants = how["condition"]
        assert wants == ("service_completed_successfully" if whole["services"][other].get("restart") == "no" else "service_healthy")


@pytest.mark.parametrize(("path", "name", "service"), [each for each in services() if each.values[1] in OURS])
def test_its_settings_and_its_command_exist(path: Path, name: str, service: dict[str, Any], tmp_path: Path) -> None:
    environment = environment_of(service)
    values = {}
    for variable, value in environment.items():
        plain = variable.removesuffix("_FILE")
        if variable != plain:
            assert value.removeprefix("/run/secrets/") in service["secrets"], f"{variable}: no such secret"
        if "__" in plain:
            assert exists(plain), variable
            values[plain] = value if variable == plain else "redis://127.0.0.1"
        else:
            assert plain in VARIABLES.values(), variable
    load_settings(None, values)
    # No word of it may be unknown to the program.
    build_parser().parse_args(service.get("command") or default_command(name))


def exists(variable: str) -> bool:
    section: type[BaseModel] | None = Settings
    for part in variable.removeprefix("PATCHCORD_").lower().split("__"):
        if section is None or part not in section.model_fields:
            return False
        section = section_of(section.model_fields[part].annotation)
    return True


def default_command(target: str) -> list[str]:
    (stage,) = (each for each in stages((FOLDER / "app/Dockerfile").read_text()) if each.name == target)
    return [str(word) for word in yaml.safe_load(stage.of("CMD")[-1])]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_volume_and_secret_is_used(path: Path) -> None:
    whole = yaml.safe_load(path.read_text())
    mounted = {volume.split(":")[0] for service in whole["services"].values() for volume in service.get("volumes", [])}
    assert set(whole["volumes"]) <= mounted
    assert set(whole.get("secrets", {})) == {name for service in whole["services"].values() for name in service.get("secrets", [])}


def test_the_sites_own_settings_are_right() -> None:
    assert load_settings(FOLDER / "site/patchcord.yaml", {}).service.workers == 2


def test_secrets_are_made_once_and_are_enough(tmp_path: Path) -> None:
    command = [sys.executable, str(FOLDER / "make-secrets"), str(tmp_path / "secrets")]
    subprocess.run(command, check=True, capture_output=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    wanted = yaml.safe_load((FOLDER / "compose.production.yaml").read_text())["secrets"]
    assert set(made) == set(wanted) == {Path(each["file"]).name for each in wanted.values()}
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert made["postgres_password"].strip() in made["database_url"] and made["redis_password"].strip() in made["broker_url"]
    assert len(made["control_token"].strip()) >= 32
    subprocess.run(command, check=True, capture_output=True)
    assert made == {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}


def test_the_password_of_redis_is_in_no_list_of_processes() -> None:
    redis = yaml.safe_load((FOLDER / "compose.production.yaml").read_text())["services"]["redis"]
    assert shlex.split(redis["entrypoint"][2])[-2:] == ["redis-server", "-"]
