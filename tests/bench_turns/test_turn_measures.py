"""The measures against calls whose truth is known. What must count as lost is here too: a measure that cannot fail tells nothing."""

import numpy as np
import pytest

from agents.audio import Pcm
from ari_app.media.g711 import RATE
from tests.bench.turns.alignment import Reference
from tests.bench.turns.events import Kind
from tests.bench.turns.measures import measure
from tests.bench.turns.outcomes import Verdict
from tests.bench.turns.sounds import Pause
from tests.bench_turns.wire import FRAME, Staged, faded, silence, voice

ANSWER = Reference("reference-long-0", "the answer", voice(12.0, 1))
OTHER = Reference("reference-long-1", "another answer", voice(12.0, 2))
BOTH = [OTHER, ANSWER]
REPLY = voice(1.0, 3)
PAUSED_S = 2.08
"""The agent has fallen silent 80 ms after the onset at 2.0."""


def cut(pcm: Pcm, start_s: float, end_s: float) -> Pcm:
    return pcm[round(start_s * RATE) : round(end_s * RATE)]


def held(pause_s: float, *, lost: int = 0, back: int = 0) -> Pcm:
    """The answer with a pause in it; ``lost`` samples are skipped after it, ``back`` samples come again."""
    at = round(PAUSED_S * RATE)
    return faded(ANSWER.pcm[:at], ANSWER.pcm[at + lost - back :], pause_s)


def survived(agent: Pcm) -> "tuple[Verdict, float | None]":
    result = measure(Staged(Kind.BACKCHANNEL, agent, BOTH).scene())
    return result.verdict, result.resume_ms


def test_answer_that_was_not_paused_is_kept() -> None:
    assert survived(ANSWER.pcm)[0] is Verdict.KEPT


@pytest.mark.parametrize("pause_s", [0.06, 0.22, 0.5, 0.9])
def test_pause_that_goes_on_with_the_next_sample_is_resumed(pause_s: float) -> None:
    result = measure(Staged(Kind.BACKCHANNEL, held(pause_s), BOTH).scene())
    assert result.verdict is Verdict.RESUMED
    assert result.held_ms == pytest.approx(1000 * pause_s, abs=0.2)
    assert result.resume_ms == pytest.approx(1000 * (PAUSED_S + pause_s - 2.5), abs=25)
    assert result.resume_after_pause_ms == pytest.approx(1000 * pause_s, abs=45)
    assert result.repeated_samples == 0


def test_two_pauses_are_added_up() -> None:
    once = held(0.3)
    at = round(2.7 * RATE)
    result = measure(Staged(Kind.NOISE, faded(once[:at], once[at:], 0.2), BOTH).scene())
    assert result.verdict is Verdict.RESUMED
    assert result.held_ms == pytest.approx(500, abs=0.3)


@pytest.mark.parametrize("fragment_s", [0.03, 0.04, 0.06, 0.1])
def test_answer_that_is_paused_again_at_once_is_still_the_same(fragment_s: float) -> None:
    once = held(0.3)
    at = round((PAUSED_S + 0.3 + fragment_s) * RATE)
    result = measure(Staged(Kind.NOISE, faded(once[:at], once[at:], 0.25), BOTH).scene())
    assert result.verdict is Verdict.RESUMED
    assert result.held_ms == pytest.approx(550, abs=0.3)


def test_going_on_700_ms_after_the_sound_is_too_late() -> None:
    verdict, resume_ms = survived(held(0.42 + 0.7))
    assert verdict is Verdict.LATE
    assert resume_ms == pytest.approx(700, abs=25)


@pytest.mark.parametrize("samples", [FRAME, 3 * FRAME, 4000])
def test_lost_samples_are_a_shifted_answer(samples: int) -> None:
    assert survived(held(0.4, lost=samples))[0] is Verdict.SHIFTED


@pytest.mark.parametrize("samples", [FRAME, 3 * FRAME, 4000])
def test_repeated_samples_are_a_shifted_answer(samples: int) -> None:
    assert survived(held(0.4, back=samples))[0] is Verdict.SHIFTED


def test_answer_that_starts_again_is_shifted() -> None:
    again = np.concatenate((cut(ANSWER.pcm, 0, PAUSED_S), silence(0.5), ANSWER.pcm))
    assert survived(again)[0] is Verdict.SHIFTED


@pytest.mark.parametrize("new", [REPLY, OTHER.pcm], ids=["a short reply", "another long answer"])
def test_new_answer_in_time_is_a_loss(new: Pcm) -> None:
    verdict, resume_ms = survived(np.concatenate((cut(ANSWER.pcm, 0, PAUSED_S), silence(0.5), new, silence(3))))
    assert verdict is Verdict.REPLACED
    assert resume_ms is not None
    assert resume_ms < 600


def test_silence_is_a_loss() -> None:
    assert survived(np.concatenate((cut(ANSWER.pcm, 0, PAUSED_S), silence(6))))[0] is Verdict.DIED


def test_answer_that_goes_on_and_is_then_dropped_is_a_loss() -> None:
    resumed = cut(held(0.4), 0, 3.4)
    assert survived(np.concatenate((resumed, silence(0.4), REPLY, silence(3))))[0] is Verdict.REPLACED
    assert survived(np.concatenate((resumed, silence(3))))[0] is Verdict.DIED


def test_answer_that_comes_to_its_end_is_no_loss() -> None:
    at = round(2.5 * RATE)
    agent = np.concatenate((ANSWER.pcm[-at:], silence(0.5), REPLY, silence(3)))
    assert survived(agent)[0] is Verdict.KEPT


def test_sound_over_an_agent_that_says_something_unknown_is_left_out() -> None:
    assert survived(voice(8, 9))[0] is Verdict.SKIPPED


def test_yielding_is_timed_from_onset_to_the_last_speech_frame() -> None:
    agent = np.concatenate((cut(ANSWER.pcm, 0, PAUSED_S), silence(0.9), REPLY, silence(2)))
    result = measure(Staged(Kind.INTERRUPT, agent, BOTH).scene())
    assert result.verdict is Verdict.YIELDED
    assert result.stop_ms == pytest.approx(60, abs=21)
    assert result.gap_ms == pytest.approx(1000 * (PAUSED_S + 0.9 - 2.5), abs=25)
    assert result.told_s == pytest.approx(PAUSED_S, abs=0.03)
    assert result.reference == ANSWER.name


def test_answer_to_half_an_interruption_is_seen() -> None:
    late = np.concatenate((cut(ANSWER.pcm, 0, PAUSED_S), silence(0.6), REPLY, silence(2)))
    assert measure(Staged(Kind.INTERRUPT, late, BOTH, end_s=2.5).scene()).spoke_early is False
    early = measure(Staged(Kind.INTERRUPT, late, BOTH, end_s=3.3).scene())
    assert (early.verdict, early.spoke_early) == (Verdict.YIELDED, True)


def test_agent_that_talks_on_has_not_yielded() -> None:
    assert measure(Staged(Kind.INTERRUPT, ANSWER.pcm, BOTH).scene()).verdict is Verdict.TALKED_ON


def test_agent_that_comes_back_to_its_answer_has_not_yielded() -> None:
    assert measure(Staged(Kind.INTERRUPT, held(1.2), BOTH).scene()).verdict is Verdict.TALKED_ON


def test_slow_stop_is_seen() -> None:
    agent = np.concatenate((cut(ANSWER.pcm, 0, 2.6), silence(3)))
    result = measure(Staged(Kind.INTERRUPT, agent, BOTH).scene())
    assert result.verdict is Verdict.YIELDED
    assert result.stop_ms == pytest.approx(580, abs=25)
    assert result.gap_ms is None


def test_onset_in_a_silent_agent_has_no_stop_to_time() -> None:
    agent = np.concatenate((cut(ANSWER.pcm, 0, 1.5), silence(4)))
    result = measure(Staged(Kind.INTERRUPT, agent, BOTH).scene())
    assert (result.verdict, result.stop_ms) == (Verdict.STILL, None)


def test_interruption_of_the_very_first_word() -> None:
    agent = np.concatenate((cut(ANSWER.pcm, 0, 0.2), silence(4)))
    result = measure(Staged(Kind.INTERRUPT, agent, BOTH, onset_s=0.1, end_s=1.0).scene())
    assert result.verdict is Verdict.YIELDED
    assert result.stop_ms == pytest.approx(80, abs=21)


def in_turn(kind: Kind, agent: Pcm, pauses: tuple[Pause, ...] = ()) -> "tuple[Verdict, float | None]":
    result = measure(Staged(kind, agent, BOTH, onset_s=1.0, end_s=2.5, until_s=8.0, pauses=pauses).scene())
    return result.verdict, result.gap_ms


@pytest.mark.parametrize("gap_s", [0.1, 0.35, 2.0])
def test_gap_runs_from_the_last_frame_of_the_caller_to_the_first_of_the_agent(gap_s: float) -> None:
    verdict, gap_ms = in_turn(Kind.FINISHED, np.concatenate((silence(2.5 + gap_s), REPLY, silence(5))))
    assert verdict is Verdict.ANSWERED
    assert gap_ms == pytest.approx(1000 * gap_s, abs=21)


def test_no_answer_is_unanswered() -> None:
    assert in_turn(Kind.FINISHED, silence(9)) == (Verdict.UNANSWERED, None)


def test_agent_that_begins_in_the_pause_cuts_in() -> None:
    result = measure(
        Staged(
            Kind.PAUSE,
            np.concatenate((silence(1.9), REPLY, silence(5))),
            BOTH,
            onset_s=1.0,
            end_s=2.5,
            until_s=8.0,
            pauses=(Pause(0.5, 0.6),),
        ).scene()
    )
    assert result.verdict is Verdict.CUT_IN
    assert result.pause_ms == 600
    assert result.cut_in_at_ms == pytest.approx(400, abs=21)


def test_tail_of_the_turn_before_is_no_cut_in() -> None:
    agent = np.concatenate((voice(0.9, 5), silence(2.0), REPLY, silence(5)))
    assert in_turn(Kind.FINISHED, agent)[0] is Verdict.ANSWERED


def listened(agent: Pcm) -> "tuple[Verdict, float | None]":
    result = measure(Staged(Kind.LISTEN, agent, BOTH, onset_s=0.0, end_s=0.0, until_s=len(agent) / RATE).scene())
    return result.verdict, result.held_ms


def test_undisturbed_turn() -> None:
    assert listened(np.concatenate((ANSWER.pcm, silence(1)))) == (Verdict.UNDISTURBED, 0.0)


def test_agent_that_pauses_for_its_echo_is_seen() -> None:
    verdict, held_ms = listened(np.concatenate((held(0.2), silence(1))))
    assert verdict is Verdict.HELD
    assert held_ms == pytest.approx(200, abs=0.2)


@pytest.mark.parametrize("after", [silence(3), np.concatenate((silence(0.6), REPLY, silence(1)))], ids=["silent", "new answer"])
def test_agent_that_stops_for_its_echo_is_broken(after: Pcm) -> None:
    assert listened(np.concatenate((cut(ANSWER.pcm, 0, 4), after)))[0] is Verdict.BROKEN


def test_turn_with_a_hole_is_broken() -> None:
    assert listened(np.concatenate((held(0.2, lost=800), silence(1))))[0] is Verdict.BROKEN


def legal(agent: Pcm) -> "tuple[Verdict, float | None]":
    result = measure(Staged(Kind.LEGAL, agent, BOTH, until_s=len(agent) / RATE).scene())
    return result.verdict, result.gap_ms


def test_legal_text_is_heard_out_and_answered_after_it() -> None:
    verdict, gap_ms = legal(np.concatenate((ANSWER.pcm, silence(0.4), REPLY, silence(1))))
    assert verdict is Verdict.HEARD_OUT
    assert gap_ms == pytest.approx(400, abs=41)


def test_legal_text_without_an_answer() -> None:
    assert legal(np.concatenate((ANSWER.pcm, silence(3))))[0] is Verdict.IGNORED


def test_legal_text_that_stops_is_broken() -> None:
    assert legal(np.concatenate((cut(ANSWER.pcm, 0, 3), silence(0.5), REPLY, silence(1))))[0] is Verdict.BROKEN
    assert legal(np.concatenate((held(0.3), silence(0.4), REPLY, silence(1))))[0] is Verdict.BROKEN
