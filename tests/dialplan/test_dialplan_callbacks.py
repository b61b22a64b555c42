"""Callbacks in the dialplan: nothing calls out unless a trunk may, and then only through that trunk's list."""

from dataclasses import replace
from pathlib import Path

import pytest

from dialplan.checking.linter import lint
from dialplan.checking.surroundings import Surroundings
from dialplan.errors import DialplanError
from dialplan.extensions import Plan, render_extensions
from dialplan.trunks import Trunks, load_trunks
from tests.dialplan.test_dialplan_extensions import contexts, plan

FILE = """
trunks:
  acme: {profile: ip, addresses: [192.0.2.0/24]}
  beta: {profile: ip, addresses: [198.51.100.7], server: out.example.com, outbound: {allow: [+44207946XXXX]}}
"""


@pytest.fixture
def trunks(tmp_path: Path) -> Trunks:
    (tmp_path / "trunks.yaml").write_text(FILE)
    (tmp_path / "trunks.yaml").chmod(0o600)
    return load_trunks(tmp_path / "trunks.yaml", {})


def with_trunk(trunks: Trunks, name: str, major: int = 22) -> Plan:
    return replace(plan(major=major), trunks=trunks, callback_trunk=name, callback_hold_s=900)


def dials(lines: list[str]) -> list[str]:
    return [line for line in lines if "Dial(" in line]


def test_without_a_trunk_for_it_there_is_no_way_out(trunks: Trunks) -> None:
    found = contexts(render_extensions(replace(plan(), trunks=trunks)))
    assert not {"patchcord-held", "patchcord-callback", "patchcord-called"} & set(found)
    leading = {name for name, lines in found.items() if any("Local/" in line and "@patchcord-outbound" in line for line in lines)}
    assert not leading


@pytest.mark.parametrize("major", [20, 22])
def test_a_callback_goes_through_the_list_of_its_trunk_and_nowhere_else(trunks: Trunks, major: int) -> None:
    text = render_extensions(with_trunk(trunks, "beta", major))
    found = contexts(text)
    (dial,) = dials(found["patchcord-callback"])
    assert "Dial(Local/${FILTER(0-9+,${PATCHCORD_CALLBACK})}@patchcord-outbound-beta," in dial
    assert not dials(found["patchcord-held"])
    assert [line for line in found["patchcord-held"] if ",,900,,,," in line or ",,900,,,,," in line], "the place is kept so long"
    assert not [line for line in text.splitlines() if "Goto(patchcord-callback" in line or "include => patchcord-outbound" in line]


def test_what_is_written_is_what_was_meant(trunks: Trunks) -> None:
    text = render_extensions(with_trunk(trunks, "beta"))
    found = [finding for finding in lint({"extensions.conf": text}, Surroundings()) if "callback" in str(finding) or "held" in str(finding)]
    assert not found


@pytest.mark.parametrize("name", ["acme", "gamma"])
def test_a_trunk_that_may_not_call_out_is_refused(trunks: Trunks, name: str) -> None:
    with pytest.raises(DialplanError, match=f"callback_trunk is {name}, and there is no trunk of that name that may call out"):
        with_trunk(trunks, name)
