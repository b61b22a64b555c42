"""The build files keep the rules, and a file that breaks one is found out."""

import re
from pathlib import Path

import pytest

from tests.docker.dockerfile import faults, instructions, stages
from tests.e2e.instance import PROJECT

FILES = sorted((PROJECT / "docker").glob("*/Dockerfile"))
GOOD = """\
ARG IMAGE=debian:bookworm-20250520-slim
FROM ${IMAGE} AS build
RUN true
FROM ${IMAGE}
COPY --from=build /x /x
COPY patchcord /opt/
USER 10001:10001
HEALTHCHECK CMD ["true"]
ENTRYPOINT ["true"]
CMD ["-f"]
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_the_rules_are_kept(path: Path) -> None:
    assert faults(path, PROJECT) == []


def test_there_is_an_image_for_each_part() -> None:
    assert {path.parent.name for path in FILES} == {"app", "asterisk", "kamailio"}
    assert {"worker", "desk", "tasks"} <= {stage.name for stage in stages((PROJECT / "docker/app/Dockerfile").read_text())}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_what_is_copied_reaches_the_builder(path: Path) -> None:
    """The ignore file lets in exactly what COPY names: no settings, no data, no secrets."""
    lines = path.with_name("Dockerfile.dockerignore").read_text().splitlines()
    allowed = {line[1:].rstrip("/") for line in lines if line.startswith("!")}
    assert "*" in lines
    copied = {
        source.rstrip("/")
        for each in instructions(path.read_text())
        if each.name == "COPY" and "--from=" not in each.value
        for source in [word for word in each.value.split() if not word.startswith("--")][:-1]
    }
    assert copied == allowed


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("debian:bookworm-20250520-slim", "debian:latest", "neither a version"),
        ("debian:bookworm-20250520-slim", "debian", "neither a version"),
        ("COPY patchcord", "ADD https://example.com/x", "ADD"),
        ("COPY patchcord", "COPY nothing-here", "not there"),
        ("--from=build", "--from=other", "no such stage"),
        ("USER 10001:10001\n", "", "USER"),
        ("USER 10001:10001", "USER root", "USER"),
        ("USER 10001:10001", "USER 0", "USER"),
        ('HEALTHCHECK CMD ["true"]\n', "", "HEALTHCHECK"),
        ('CMD ["-f"]', "CMD -f", "CMD must be a list"),
        ("RUN true", "RUN apt-get install -y x", "no-install-recommends"),
        ("RUN true", "RUN curl x | sh", "fetches"),
        ("RUN true", "ENV DATABASE_PASSWORD=x", "secret"),
    ],
)
def test_a_broken_rule_is_found(tmp_path: Path, old: str, new: str, word: str) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text(GOOD)
    assert faults(file, PROJECT) == []
    file.write_text(GOOD.replace(old, new))
    assert any(word in fault for fault in faults(file, PROJECT)), faults(file, PROJECT)


def test_hashes_lock_what_the_image_adds() -> None:
    lock = (PROJECT / "docker/app/redis.lock").read_text()
    packages = re.findall(r"^[a-z-]+==[\d.]+ \\\n    --hash=sha256:[0-9a-f]{64}$", lock, re.MULTILINE)
    assert len(packages) == len(re.findall(r"^[a-z]", lock, re.MULTILINE)) == 2
