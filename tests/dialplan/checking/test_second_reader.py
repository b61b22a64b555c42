"""pyst2's reader, which is not ours and knows the plain format only, finds in the files that Patchcord writes what our reader finds.

The linter judges by our reader alone: what that overlooks, or reads into a file, nobody else would notice. Left out are queues.conf, as
pyst2 refuses templates, pjsip.conf, which is empty without trunks, and what follows an escaped semicolon, where it sees a comment.
"""

from pathlib import Path

import pytest
from asterisk.config import Config

from dialplan.checking.reading import read
from dialplan.generated import FILES, FOLDER
from tests.dialplan.checking.configuration_cases import base

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # pyst2's reader leaves closing to Python
Found = list[tuple[str, list[tuple[str, str]]]]
"""Sections in their order, each with its entries in theirs."""


def by_pyst2(text: str, folder: Path) -> Found:
    file = folder / "read.conf"
    file.write_text(text, encoding="utf-8")
    return [(section.name, [(item.name, item.value.strip()) for item in section.items]) for section in Config(str(file)).categories]


def by_ours(text: str) -> Found:
    found = read({"read.conf": text}, "read.conf")
    assert not found.faults, found.faults
    return [(section.name, [(entry.name, _up_to_semicolon(entry.value)) for entry in section.entries]) for section in found.sections]


def _up_to_semicolon(value: str) -> str:
    before, semicolon, _ = value.partition(";")
    return f"{before}\\" if semicolon else value


@pytest.mark.parametrize("major", [20, 22])
@pytest.mark.parametrize("name", sorted({*FILES} - {"queues.conf", "pjsip.conf"}))
def test_both_read_the_same(name: str, major: int, tmp_path: Path) -> None:
    text = base(major)[f"{FOLDER}/{name}"]
    assert by_ours(text) == by_pyst2(text, tmp_path)
    assert sum(len(entries) for _, entries in by_ours(text)) > 3


def test_what_differs_would_be_seen(tmp_path: Path) -> None:
    assert by_ours("[a]\nx = 1\n") != by_pyst2("[a]\nx = 2\n", tmp_path)
    assert by_pyst2("[a]\nsame => n,Set(b=c) ; why\n", tmp_path) == [("a", [("same", "n,Set(b=c)")])]
