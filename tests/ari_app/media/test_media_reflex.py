"""Suspicion and reflex: who holds the agent, and for how long."""

from hypothesis import given
from hypothesis import strategies as st

from ari_app.media.fading import Fading
from ari_app.media.reflex import Order, Reflex
from ari_app.media.suspicion import Suspicion, Verdict
from ari_app.media.voice import VoiceSettings

SETTINGS = VoiceSettings()
LOUD, SOFT, LIKE_VOICE, QUIET = (20.0, 0.15, 0.0), (7.0, 0.0, 0.0), (12.0, 0.6, 0.3), (0.0, 0.0, 0.0)


def verdicts(*steps: tuple[float, float, float]) -> list[Verdict | None]:
    """Of a line on which it was quiet before."""
    suspicion = Suspicion(SETTINGS)
    for _ in range(5):
        suspicion.step(*QUIET)
    return [suspicion.step(*step) for step in steps]


def test_one_window_like_a_voice_holds_at_once_and_silence_lets_go() -> None:
    assert verdicts(LIKE_VOICE, QUIET, QUIET, QUIET, QUIET) == [Verdict.HOLD, None, None, Verdict.GO_ON, None]


def test_a_lasting_sound_holds_and_a_click_does_not() -> None:
    assert verdicts(LOUD, LOUD, QUIET, QUIET, LOUD, LOUD, QUIET) == [None] * 7
    assert verdicts(*[LOUD] * SETTINGS.suspect_packets) == [None] * (SETTINGS.suspect_packets - 1) + [Verdict.HOLD]
    assert verdicts(*[SOFT] * 40) == [None] * 40
    assert verdicts(*[(20.0, 0.001, 0.0)] * 40) == [None] * 40


def test_a_sound_that_lasts_is_a_noise_until_it_is_over() -> None:
    assert [verdict for verdict in verdicts(*[LOUD] * 100) if verdict] == [Verdict.HOLD, Verdict.GO_ON]
    again = verdicts(*[LOUD] * 30, *[QUIET] * 3, *[LOUD] * 6)
    assert [verdict for verdict in again if verdict] == [Verdict.HOLD, Verdict.GO_ON, Verdict.HOLD]
    assert verdicts(*[LOUD] * 30, LIKE_VOICE)[-1] is Verdict.HOLD


def test_what_a_call_begins_with_is_noise() -> None:
    suspicion = Suspicion(SETTINGS)
    assert [suspicion.step(*LOUD) for _ in range(50)] == [None] * 50


def stirred_by(*steps: tuple[float, float, float]) -> list[Verdict | None]:
    """Verdicts after a first loud packet behind silence, which somebody took for a voice."""
    suspicion = Suspicion(SETTINGS)
    for _ in range(5):
        suspicion.step(*QUIET)
    suspicion.step(20.0, 0.0, 0.0)
    assert (suspicion.stirring, suspicion.active) == (True, False)
    suspicion.stirred()
    assert (suspicion.stirring, suspicion.active) == (False, True)
    return [suspicion.step(*step) for step in steps]


def test_one_packet_after_silence_stirs_and_is_let_go_soon_when_it_was_a_click_or_a_noise() -> None:
    assert stirred_by(QUIET, QUIET, QUIET, QUIET) == [None, None, Verdict.GO_ON, None]
    noise = stirred_by(*[(20.0, 0.01, 0.0)] * 30)
    assert [verdict for verdict in noise if verdict] == [Verdict.GO_ON]
    assert noise.index(Verdict.GO_ON) == SETTINGS.stir_packets - 1
    assert Verdict.GO_ON not in stirred_by(*[LIKE_VOICE] * (SETTINGS.longest_doubt - 1))


def test_only_what_begins_after_silence_stirs() -> None:
    suspicion = Suspicion(SETTINGS)
    for _ in range(50):
        suspicion.step(*LOUD)
        assert not suspicion.stirring, "what a call begins with is noise"
    for step, stirs in ((QUIET, False), (QUIET, False), (LOUD, False), (QUIET, False), (QUIET, False), (QUIET, False), (LOUD, True)):
        suspicion.step(*step)
        assert suspicion.stirring == stirs
    suspicion.clear()  # a talk spurt, and right behind it what is left of the word
    suspicion.step(*LOUD)
    assert not suspicion.stirring


@given(st.lists(st.tuples(st.floats(0, 40), st.floats(0, 1), st.floats(0, 1), st.booleans()), max_size=200))
def test_every_suspicion_ends_within_its_time(steps: list[tuple[float, float, float, bool]]) -> None:
    suspicion = Suspicion(SETTINGS)
    since = None
    for number, (*step, careful) in enumerate(steps):
        if careful and suspicion.stirring:
            suspicion.stirred()
            assert since is None
            since = number - 1
        verdict = suspicion.step(*step)
        if verdict is Verdict.HOLD:
            assert since is None
            since = number
        elif verdict is Verdict.GO_ON:
            assert since is not None
            since = None
        assert since is None or number - since < SETTINGS.longest_doubt
        assert suspicion.active == (since is not None)


def test_a_window_is_silent_far_below_the_speech_and_at_the_noise_of_the_line() -> None:
    fading = Fading(SETTINGS)
    fading.begin(-20.0, -70.0)
    assert [fading.step(level) for level in (-25.0, -45.0, -48.0, -60.0)] == [False, False, True, True]
    fading.begin(-26.0, -40.0)
    assert [fading.step(level) for level in (-30.0, -37.0, -39.5)] == [False, False, True]


def test_soft_words_behind_a_loud_one_are_no_pause_for_long() -> None:
    fading = Fading(SETTINGS)
    fading.begin(-14.0, -70.0)
    silent = [fading.step(-42.0) for _ in range(40)]
    assert silent[0]
    assert not silent[-1]


def test_a_sound_that_was_no_voice_lets_go_and_a_voice_does_not() -> None:
    reflex = Reflex(True)
    assert reflex.suspected(True) is Order.HOLD
    assert reflex.doubted() is Order.RESUME
    assert reflex.suspected(True) is Order.HOLD
    assert reflex.voice(True) is Order.HOLD
    assert reflex.suspected(True) is Order.HOLD
    assert reflex.doubted() is None
    assert reflex.resume(1) is Order.RESUME


def test_a_decision_about_an_older_voice_does_not_let_go() -> None:
    reflex = Reflex(True)
    reflex.voice(True)
    reflex.voice(True)
    assert reflex.resume(1) is None
    assert reflex.resume(2) is Order.RESUME


def test_a_decision_during_a_suspicion_waits_for_its_end() -> None:
    reflex = Reflex(True)
    reflex.voice(True)
    reflex.suspected(True)
    assert reflex.resume(1) is None
    assert reflex.doubted() is Order.RESUME


def test_nothing_is_held_when_nothing_plays_or_the_reflex_is_off() -> None:
    reflex = Reflex(True)
    assert (reflex.suspected(False), reflex.doubted(), reflex.voice(False)) == (None, None, None)
    reflex = Reflex(False)
    assert (reflex.suspected(True), reflex.doubted(), reflex.voice(True)) == (None, None, None)
    assert reflex.hold() is Order.HOLD
    assert reflex.resume(0) is Order.RESUME


@given(st.lists(st.sampled_from(["suspected", "doubted", "voice", "hold", "resume", "stop"]), max_size=60))
def test_a_line_is_held_exactly_while_somebody_holds_it(steps: list[str]) -> None:
    """A conversation that resumes having heard of everything, and a detector whose suspicions always end, leave no line held."""
    reflex, held, voices = Reflex(True), False, 0
    for step in [*steps, "resume", "doubted"]:
        order = None
        if step == "suspected":
            order = reflex.suspected(True)
        elif step == "doubted":
            order = reflex.doubted()
        elif step == "voice":
            voices += 1
            order = reflex.voice(True)
        elif step == "hold":
            order = reflex.hold()
        elif step == "resume":
            order = reflex.resume(voices)
        else:
            reflex.stopped()
            held = False
        held = order is Order.HOLD or (held and order is not Order.RESUME)
        assert held or step not in ("suspected", "voice", "hold")
    assert not held
