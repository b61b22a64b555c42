"""Admission and the port meter."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.calls.admission import Admission, Load, RtpMeter

QUIET = Load(served=0, rtp_pairs=0, media=True, ami=True)
ADMISSION = Admission(max_calls=3, rtp_first=10000, rtp_last=10039, margin=4)  # 20 pairs


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, ""),
        ({"draining": True}, "draining"),
        ({"maintenance": True}, "maintenance"),
        ({"maintenance": True, "draining": True, "media": False}, "maintenance"),
        ({"overloaded": True}, "overloaded"),
        ({"overloaded": True, "served": 3}, "max_calls"),
        ({"media": False}, "media_down"),
        ({"ami": False}, "ami_down"),
        ({"served": 2}, ""),
        ({"served": 3}, "max_calls"),
        ({"number": 2, "number_max": 3}, ""),
        ({"number": 2, "number_max": 2}, "number_full"),
        ({"number": 2, "number_max": None}, ""),
        ({"rtp_pairs": 14}, ""),
        ({"rtp_pairs": 15}, "rtp_ports"),
    ],
)
def test_each_limit_refuses_by_its_name(change: dict[str, int | bool], reason: str) -> None:
    assert ADMISSION.refusal(dataclasses.replace(QUIET, **change)) == reason  # type: ignore[arg-type]


@given(st.lists(st.booleans(), max_size=200))
def test_ports_never_run_out_between_two_counts(arrivals: list[bool]) -> None:
    """Each admitted call may take two more pairs before Asterisk is asked again; the margin stays free."""
    admission, meter, used = Admission(1000, 10000, 10099, margin=4), RtpMeter(), 0
    for recount in arrivals:
        if recount:
            meter.count(["PJSIP"] * used + ["Local", "Local"])
        if not admission.refusal(dataclasses.replace(QUIET, rtp_pairs=meter.pairs)):
            meter.admitted()
            used += 2
    assert used <= admission.rtp_pairs_total - 4
