"""When a step breaks, where callers are, what is an orphan, what a soak shows: all from plain data."""

from typing import Any
from xml.dom import minidom

import pytest

from tests.bench.capacity.arrivals import Pacing
from tests.bench.capacity.counts import Places, at_asterisk, refusals_of
from tests.bench.capacity.orphans import Look, lasting, look_at
from tests.bench.capacity.plot import Line, Panel, plot
from tests.bench.capacity.rtp_crowd import OwnTime
from tests.bench.capacity.step import Step, broken, made
from tests.bench.capacity.usage import Use, kind_of
from tests.bench.load_curve.command import curve
from tests.bench.overload.command import wrong
from tests.bench.soak.verdict import faults, figures, unfinished


def step(calls: int = 10, gaps: list[float] | None = None, pace: Pacing | None = None, failed: int = 0) -> Step:
    use = Use(10.0, {"asterisk": 0.1, "media": 0.2, "mind": 0.5, "postgres": 0.0}, {"mind": 150.0})
    given = [300.0, 400.0, 500.0] if gaps is None else gaps
    return made(
        calls, calls - failed, failed, given, 0, pace or Pacing(5000, 0.1, 2.0, 9.0, 0), use, OwnTime(1, 0.5, 1, 5000), 2.0, {"voice": 1}
    )


def test_a_good_step_says_calls_per_core() -> None:
    assert broken(step(), 400.0) == []
    assert step().calls_per_core == {"asterisk": 100.0, "media": 50.0, "mind": 20.0}
    assert step().callers_cores == 0.2


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (step(gaps=[1200.0] * 5), "above 1000 ms"),
        (step(gaps=[700.0] * 5), "1.5 times that of one call"),
        (step(gaps=[]), "nobody was answered"),
        (step(pace=Pacing(5000, 0.1, 5.1, 9.0, 0)), "pacing p99"),
        (step(pace=Pacing(5000, 0.1, 2.0, 90.0, 6)), "more than 20 ms late"),
        (step(failed=1), "9 of 10"),
    ],
)
def test_each_figure_breaks_a_step(bad: Step, why: str) -> None:
    assert why in " ".join(broken(bad, 400.0))


def test_the_processes_of_several_workers_are_one_kind() -> None:
    assert [kind_of(name) for name in ("mind", "mind-2", "media-12", "2")] == ["mind", "mind", "media", "2"]


def test_the_curve_is_a_picture() -> None:
    drawn = minidom.parseString(curve([step(1), step(20)]))  # noqa: S318 - drawn by ourselves
    assert len(drawn.getElementsByTagName("polyline")) == 8
    nothing = plot("<&>", "x", [Panel("empty", [Line("none", [])])])
    assert not minidom.parseString(nothing).getElementsByTagName("polyline")  # noqa: S318 - the same


def channel(number: str, app: str = "Stasis", name: str = "PJSIP/trunk-1", identity: str = "1") -> dict[str, Any]:
    return {"id": identity, "name": name, "caller": {"number": number}, "dialplan": {"app_name": app}}


def test_callers_are_told_by_what_their_channel_does() -> None:
    channels = [channel("5560000"), channel("5560001", "Queue"), channel("5560002", "Queue"), channel("5560003", "Wait"), channel("2001")]
    assert at_asterisk(channels, {"5560000", "5560001", "5560002", "5560003"}) == Places(1, 2, 1)


def test_refusals_are_summed_over_workers() -> None:
    text = (
        "# HELP patchcord_calls_refused_total Calls\n"
        'patchcord_calls_refused_total{reason="max_calls",worker="1"} 3.0\n'
        'patchcord_calls_refused_total{worker="2",reason="max_calls"} 4.0\n'
        'patchcord_calls_refused_total{reason="draining"} 1.0\npatchcord_calls_refused_created{reason="draining"} 1.7e+09\n'
    )
    assert refusals_of(text) == {"max_calls": 7, "draining": 1}


def test_an_inexact_count_is_named() -> None:
    right = {"agent": 20, "queue": 20, "elsewhere": 0}
    assert wrong(20, 40, {"at_callers": right}) == []
    assert "at_asterisk" in wrong(20, 40, {"at_callers": right, "at_asterisk": {**right, "queue": 19, "elsewhere": 1}})[0]


def test_orphans_are_what_lasts() -> None:
    counts = {"conversations": 2, "rtp_ports": 1}
    bridges = [{"id": "b1", "channels": ["1", "m1"]}, {"id": "b2", "channels": []}]
    channels = [
        channel("5560000", identity="1"),
        channel("", name="UnicastRTP/1", identity="m1"),
        channel("", name="UnicastRTP/2", identity="m2"),
        channel("5560009", identity="gone"),
        channel("2001", identity="phone"),
    ]
    look = look_at(channels, bridges, counts, {"5560000"}, 5_560_000)
    assert look == Look(frozenset({"m2", "gone"}), frozenset({"b2"}), 1, 0)
    later = Look(frozenset({"m2"}), frozenset(), 0, 0)
    assert lasting([look, look]).to_json() == {"channels": 2, "bridges": 1, "conversations": 1, "ports": 0}
    assert lasting([look, later]).to_json() == {"channels": 1, "bridges": 0, "conversations": 0, "ports": 0}
    assert lasting([look, later])
    assert not lasting([later, Look(frozenset(), frozenset(), 0, 0)])


def minute(number: int, **more: Any) -> dict[str, Any]:
    return {
        "minute": number, "placed": 10, "lost": 0, "refused": 0, "restarts": [], "packets": 10_000, "late": 5, "gap_p95_ms": 500.0,
        "memory_mb": {"mind:7": 150.0}, "orphans": {"channels": 0}, **more,
    }  # fmt: skip


def test_a_clean_soak_has_no_fault() -> None:
    lines = [*(minute(number) for number in range(1, 41)), {"left_behind": {}}]
    assert (faults(lines), unfinished(lines, 40)) == ([], [])
    assert figures(lines)["growth"]["mind:7"]["growth_mb"] == 0.0


def test_an_interrupted_one_says_what_it_has_not_shown() -> None:
    lines = [minute(number) for number in range(1, 11)]
    assert faults(lines) == []
    assert len(unfinished(lines, 120)) == 3
    assert faults([]) == []


def test_orphans_lateness_growth_and_leftovers_are_faults() -> None:
    assert "minute 3: 2 orphaned channels" in faults([minute(3, orphans={"channels": 2})])
    assert "at the end: 1 bridges left behind" in faults([minute(1), {"left_behind": {"bridges": 1}}])
    assert "more than 20 ms late" in faults([minute(1, late=11)])[0]
    growing = [minute(number, memory_mb={"mind:7": 150.0 + number}) for number in range(1, 41)]
    assert "mind:7 grew" in faults(growing)[0]
    started_anew = [minute(number, memory_mb={f"mind:{number // 20}": 150.0 + number % 20}) for number in range(1, 41)]
    assert faults(started_anew) == [], "each lived too short to be judged"
    assert faults([minute(1, orphans=None)]) == []
