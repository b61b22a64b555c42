import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.turns import figures
from tests.bench.turns.budget import at_budgets, curve
from tests.bench.turns.capture import Capture, Played, Status
from tests.bench.turns.command import main, text_of
from tests.bench.turns.figures import Inside
from tests.bench.turns.history import turn_at
from tests.bench.turns.outcomes import Recorded, Result, Verdict
from tests.bench.turns.page import Circumstances, page
from tests.bench.turns.plots import Axis, Mark, Series, bars, histogram, lines
from tests.bench.turns.run import Made
from tests.bench.turns.table import all_figures
from tests.bench.turns.words import LEARNT_S, WordClock, beginning, rising, same_words, words
from tests.bench_turns.wire import at_ns, capture, packets, voice


def result(verdict: Verdict, kind: str = "finished", **more: Any) -> Result:
    return Result(
        "event-1", kind, more.pop("condition", "clean"), "sound", more.pop("material", "sentence"), "made", verdict, "880001", **more
    )


def answered(*gaps: float) -> list[Result]:
    return [result(Verdict.ANSWERED, gap_ms=gap) for gap in gaps]


def test_response_gap_is_met_and_missed() -> None:
    quick = figures.response("gap", answered(*[200] * 19, 700), "", p50=350, p95=800)
    assert (quick.met, quick.values["p50_ms"]) == (True, 200)
    assert figures.response("gap", answered(*[360] * 20), "", p50=350, p95=800).met is False
    assert figures.response("gap", answered(*[200] * 18, 900, 900), "", p50=350, p95=800).met is False


def test_turns_without_an_answer_count_as_endless_gaps() -> None:
    unanswered = [result(Verdict.UNANSWERED)] * 2
    assert figures.response("gap", [*answered(*[200] * 18), *unanswered], "", p50=350, p95=800).met is False
    assert figures.response("gap", [result(Verdict.UNANSWERED)] * 3, "", p50=350, p95=800).met is False


def test_cut_ins_count_short_pauses_only() -> None:
    paused = [result(Verdict.ANSWERED, "pause", pause_ms=500.0)] * 19 + [result(Verdict.CUT_IN, "pause", pause_ms=700.0)]
    long = [result(Verdict.CUT_IN, "pause", pause_ms=1500.0)] * 9
    assert figures.cut_ins([*paused, *long], 0, 700, bound=5).met is True
    assert figures.cut_ins([*paused, paused[-1]], 0, 700, bound=5).met is False
    assert figures.cut_ins(long, 0, 700, bound=5).met is None


def interrupted(yielded: int, of: int, stop_ms: float = 80.0) -> list[Result]:
    good = [result(Verdict.YIELDED, "interrupt", stop_ms=stop_ms, gap_ms=300.0)] * yielded
    return good + [result(Verdict.TALKED_ON, "interrupt", stop_ms=3000.0)] * (of - yielded)


@pytest.mark.parametrize(("yielded", "stop_ms", "met"), [(97, 80, True), (96, 80, False), (100, 120, False), (100, 100, True)])
def test_interruptions(yielded: int, stop_ms: float, met: bool) -> None:
    assert figures.interruptions("", interrupted(yielded, 100, stop_ms), "").met is met


def test_slow_stops_of_a_few_miss_the_95th_percentile() -> None:
    slow = [result(Verdict.YIELDED, "interrupt", stop_ms=450.0)] * 6
    assert figures.interruptions("", [*interrupted(94, 94), *slow], "").met is False


def test_skipped_events_are_part_of_no_figure() -> None:
    assert figures.interruptions("", [*interrupted(10, 10), result(Verdict.SKIPPED, "interrupt")], "").n == 10
    assert figures.survivals("", [result(Verdict.SKIPPED, "noise")]).met is None


@pytest.mark.parametrize("loss", [Verdict.LATE, Verdict.SHIFTED, Verdict.REPLACED, Verdict.DIED])
def test_every_loss_counts_against_survival(loss: Verdict) -> None:
    alive = [result(Verdict.RESUMED, "noise", resume_ms=100.0, held_ms=300.0)] * 9
    assert figures.survivals("", [*alive, result(loss, "noise")]).met is True
    assert figures.survivals("", [*alive, result(loss, "noise"), result(loss, "noise")]).met is False


def test_same_samples_with_other_words_are_no_survival() -> None:
    wrong = [result(Verdict.RESUMED, "noise", words_right=False)] * 2
    figure = figures.survivals("", [*[result(Verdict.KEPT, "noise")] * 8, *wrong])
    assert (figure.met, figure.values["other_words"]) == (False, 2)


def test_one_self_interruption_misses_the_bound_and_a_pause_does_not() -> None:
    calm = [result(Verdict.UNDISTURBED, "listen")] * 200
    held = result(Verdict.HELD, "listen", held_ms=90.0)
    assert figures.undisturbed("", [*calm, held], "").met is True
    assert figures.undisturbed("", [*calm, held], "", holds=True).met is False
    assert figures.undisturbed("", [*calm, result(Verdict.BROKEN, "listen")], "").met is False


def told(played: int, recorded: int | None) -> Result:
    return result(Verdict.YIELDED, "interrupt", words_played=played, words_recorded=recorded)


def test_recorded_words() -> None:
    near = figures.recorded_words([told(5, 5), told(5, 6), told(5, 4)])
    assert (near.met, near.values["exact"], near.values["one_off"]) == (True, 1, 2)
    assert figures.recorded_words([told(5, 5), told(5, 7)]).met is False
    assert figures.recorded_words([told(5, 5), told(5, None)]).met is False


def test_figures_from_inside() -> None:
    turns = [{"who": "agent", "latency_ms": {"stt": 40.0, "speculation": saved}} for saved in (0.0, 100.0, 200.0)]
    inside = Inside({"880001": Recorded("880001", turns)}, {"count": 9, "p50_ms": 9.0, "p99_ms": 31.0}, {"voice_activity": 0.7}, {})
    assert figures.speculation(inside.recorded).values["saved_share_percent"] == pytest.approx(66.7)
    assert figures.silent_packets(inside.silenced).met is False
    assert figures.cost(inside).met is True
    assert figures.cost(replace(inside, parts={"voice_activity": 0.7, "turn_machine": 0.4})).met is False


def budget_events() -> list[Result]:
    waits = [result(Verdict.ANSWERED, "hanging", gap_ms=gap) for gap in (300.0, 600.0, 900.0, 1600.0)]
    return [*answered(200, 300, 400), *waits]


def test_curve_counts_pauses_longer_than_the_wait() -> None:
    measured = next(point for point in curve(budget_events(), (500.0, 1000.0)) if point.factor == pytest.approx(1.0, abs=0.01))
    # 300 ms cuts into both pauses, 600 and 900 ms into the longer one, 1,600 ms into none.
    assert measured.cut_in_percent == pytest.approx(50)
    assert measured.p50_ms == pytest.approx(300, rel=0.02)


def test_more_patience_never_costs_cut_ins() -> None:
    points = curve(budget_events())
    assert all(one.cut_in_percent >= other.cut_in_percent for one, other in pairwise(points))
    budgets = [point for point in at_budgets(points).values() if point is not None]
    assert all(one.p50_ms >= other.p50_ms for one, other in pairwise(budgets))
    assert curve(answered(200)) == []


def test_words_are_counted_as_they_are_said() -> None:
    assert words("It's 42, Anna!") == ["it's", "four", "two", "anna"]
    said = words("the ship left the harbour early on a cold morning")
    assert beginning(said, words("the ship left the harbor early")) == 6
    assert beginning(said, words("the ship left the har")) == 4
    assert beginning(said, []) == 0


@given(st.lists(st.integers(0, 40), max_size=60))
def test_counts_never_fall(counts: list[int]) -> None:
    smooth = rising(counts)
    assert smooth == sorted(smooth)
    assert len(smooth) == len(counts)


def test_outliers_do_not_move_a_word() -> None:
    assert rising([0, 0, 1, 9, 1, 1, 1, 2, 0, 2, 2, 2]) == [0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2]


def test_word_clock_knows_what_it_has_learnt() -> None:
    clock = WordClock(tuple(range(int(LEARNT_S * 10))))
    assert (clock.at(0.0), clock.at(1.24), clock.at(1.26)) == (0, 12, 13)
    assert clock.at(LEARNT_S + 1) is None


def test_words_before_the_first_that_is_understood_are_spread_evenly() -> None:
    clock = WordClock((0, 0, 0, 0, 2, 2, 3))
    assert [clock.at(told_s) for told_s in (0.0, 0.05, 0.2, 0.34, 0.4, 0.6)] == [0, 0, 1, 2, 2, 3]


def test_second_opinion_forgives_cut_edges_only() -> None:
    assert same_words("nted roses along the wall", "planted roses along the wall")
    assert not same_words("thank you very much goodbye", "planted roses along the wall")


def test_turn_of_the_history_is_found_by_time() -> None:
    turns = [
        {"who": who, "started_ms": at, "text": str(at)} for who, at in (("agent", 0), ("caller", 900), ("agent", 2000), ("agent", 8000))
    ]
    recorded = Recorded("880001", turns, started_ns=at_ns(0))
    found = turn_at(recorded, at_ns(3.0))
    assert found is not None
    assert found["text"] == "2000"
    assert turn_at(Recorded("880001"), at_ns(3.0)) is None


def test_capture_comes_back_from_its_file(tmp_path: Path) -> None:
    played = Played("event-1", Status.PLAYED, 1, 2, 3, 4, 5)
    made = capture(voice(1.0, 1), [played])
    made.save(tmp_path / "one.npz")
    again = Capture.load(tmp_path / "one.npz")
    assert again.played == [played]
    assert (again.pcm == made.pcm).all()
    assert (again.caller_id, again.number) == (made.caller_id, made.number)


def test_jitter_and_losses_leave_samples_in_their_place() -> None:
    sent = packets(voice(2.0, 1))
    late = [each._replace(at_ns=each.at_ns + 7_000_000 * (index % 3)) for index, each in enumerate(sent) if index not in (20, 21)]
    made = Capture.of(late, number=1, caller_id="1", invite_ns=0, wall_minus_monotonic_ns=0)
    whole = capture(voice(2.0, 1)).pcm
    assert (made.pcm[: 20 * 160] == whole[: 20 * 160]).all()
    assert not made.pcm[20 * 160 : 22 * 160].any()
    assert (made.pcm[22 * 160 :] == whole[22 * 160 :]).all()


def test_packets_that_come_late_all_at_once_leave_no_hole() -> None:
    stalled = [
        each._replace(at_ns=max(each.at_ns, at_ns(0.7))) if 28 <= index < 40 else each for index, each in enumerate(packets(voice(2.0, 1)))
    ]
    made = Capture.of(stalled, number=1, caller_id="1", invite_ns=0, wall_minus_monotonic_ns=0)
    assert (made.pcm == capture(voice(2.0, 1)).pcm).all()


def test_stream_that_begins_anew_goes_on_by_arrival() -> None:
    sent = packets(voice(2.0, 1))
    moved = [each if index < 50 else each._replace(timestamp=(each.timestamp + 900_000) % 2**32) for index, each in enumerate(sent)]
    made = Capture.of(moved, number=1, caller_id="1", invite_ns=0, wall_minus_monotonic_ns=0)
    assert (np.diff(made.starts) == 160).all()


def parsed(svg: str) -> ElementTree.Element:
    """Raises ParseError when it is not well formed."""
    return ElementTree.fromstring(svg)  # noqa: S314 - our own text


def everything() -> list[Result]:
    held = result(Verdict.RESUMED, "backchannel", held_ms=310.0, resume_ms=120.0, resume_after_pause_ms=430.0)
    return [
        *budget_events(),
        *interrupted(9, 10),
        *interrupted(3, 3),
        held,
        result(Verdict.REPLACED, "noise", note="<&>"),
        result(Verdict.CUT_IN, "pause", pause_ms=400.0),
        result(Verdict.UNDISTURBED, "listen", condition="echo-15-60ms"),
        result(Verdict.BROKEN, "listen", condition="echo-10-20ms"),
        result(Verdict.HEARD_OUT, "legal", gap_ms=200.0),
    ]


def test_echo_louder_than_the_bound_is_reported_apart() -> None:
    rows = {figure.name: figure for figure in all_figures(everything(), Inside())}
    assert rows["echo at -15 dB or weaker"].met is True
    assert rows["echo at -10 dB"].values["interrupted_itself"] == 1


def test_page_is_well_formed_and_whole() -> None:
    made = all_figures(everything(), Inside())
    text = page(made, everything(), Circumstances({"seed": 1}, ["call 3 <broke> off"]))
    assert text.count("<svg") == text.count("</svg>") == 6
    assert "call 3 &lt;broke&gt; off" in text
    assert "http" not in text.replace("http-equiv", "")
    for start in (at for at in range(len(text)) if text.startswith("<svg", at)):
        parsed(text[start : text.index("</svg>", start) + 6])


def test_plots_stand_empty_values() -> None:
    axis = Axis("ms", 0, 100)
    for text in (
        histogram("a", axis, []),
        lines("b", axis, axis, [Series("none", [])]),
        bars("c", axis, [("x", None)], marks=(Mark(5, "m"),)),
    ):
        parsed(text)


def test_histogram_counts_what_lies_beyond_its_end() -> None:
    plot = parsed(histogram("a", Axis("ms", 0, 100), [("one", [5.0, 5.0, 1e9])], bins=10))
    assert len(plot.findall(".//rect")) == 2


def test_axis_has_round_ticks() -> None:
    assert Axis("ms", 0, 1500).ticks() == [0, 200, 400, 600, 800, 1000, 1200, 1400]
    assert len(Axis("ms", 0, 1).ticks()) <= 9


def test_terminal_table_says_what_was_missed(tmp_path: Path) -> None:
    made = Made(all_figures(everything(), Inside()), everything(), Circumstances({"seed": 1}, ["call 3 broke off"]))
    text = text_of(made, tmp_path)
    assert "NOT MET" in text
    assert "call 3 broke off" in text
    assert all(json.loads(json.dumps(each.to_json()))["verdict"] for each in made.results)


@pytest.mark.parametrize("wrong", [["--setting", "nonsense"], ["--only", "sneeze"], ["--n", "0"], ["--parallel", "0"]])
def test_wrong_options_are_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(wrong)
    assert refused.value.code == 2
