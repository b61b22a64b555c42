"""The pages for admins: every command on them can be given, every link leads somewhere, every page can be found."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from ari_app.cli import build_parser

PROJECT = Path(__file__).parents[2]
PAGES = sorted((PROJECT / "docs").glob("*.md"))
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(\./patchcord [^`…|<>]+)`")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
FREE = {"test", "bench"}
"""Commands whose other arguments belong to somebody else."""


def commands(page: Path) -> Iterator[str]:
    text = page.read_text(encoding="utf-8")
    for block in _BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if (given := re.match(r"^[$#] (?:.*?&& )?(?:sudo (?:-u \w+ )?)?(?:[A-Z_]+=\S+ )*(\./patchcord .*)$", line)) is not None:
                yield given[1]
    yield from _INLINE.findall(text)


def arguments(command: str) -> list[str]:
    """Without what the shell does with it."""
    words = shlex.split(command, comments=True)[1:]
    ends = [index for index, word in enumerate(words) if word in ("|", ">", "2>", "&&", "&", ";")]
    return words[: ends[0]] if ends else words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_can_be_given(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = build_parser()
    wrong = []
    for command in commands(page):
        try:
            options, rest = parser.parse_known_args(arguments(command))
        except SystemExit as error:
            if error.code:
                wrong.append(f"{command}: {capsys.readouterr().err.splitlines()[-1]}")
            continue
        if rest and options.command not in FREE:
            wrong.append(f"{command}: {rest} is not known")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("page", [*PAGES, PROJECT / "README.md"], ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert not [link for link in links if not (page.parent / link).exists()]


def test_every_page_can_be_found() -> None:
    listed = set(_LINK.findall((PROJECT / "docs" / "README.md").read_text()))
    assert {page.name for page in PAGES} - {"README.md"} == listed
    assert "docs/README.md" in (PROJECT / "README.md").read_text()


def test_commands_are_looked_at() -> None:
    """That the patterns above find what stands on the pages."""
    assert sum(1 for page in PAGES for _ in commands(page)) > 40
