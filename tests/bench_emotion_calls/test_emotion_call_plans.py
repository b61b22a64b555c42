"""The plans of the simulated calls: the same for the same seed, as many and as varied as the figures say, and fair."""

import re
from collections import Counter

import pytest

from tests.agents.emotion.lines.lines import concerns, feelings
from tests.bench.emotion_calls.call import Call
from tests.bench.emotion_calls.planning import LEVELS_DBOV, LOUD_DBOV, NEARER_DB, VOICES, angry_calls, calm_calls
from tests.bench.emotion_calls.wording import texts

CALM, ANGRY = calm_calls(), angry_calls()
TUNE, REPORT = texts("tune"), texts("report")


def plain(text: str) -> str:
    return re.sub(r"[^a-z' ]+", " ", text.lower().replace("{", " ").replace("}", " ")).strip()


def said(calls: tuple[Call, ...]) -> list[str]:
    return [each.text for call in calls for each in call.utterances]


def test_the_same_seed_gives_the_same_calls_and_another_one_others() -> None:
    assert calm_calls(40, seed=3) == calm_calls(40, seed=3)
    assert angry_calls(40, seed=3) == angry_calls(40, seed=3)
    assert said(calm_calls(40, seed=3)) != said(calm_calls(40, seed=4))
    assert said(angry_calls(40, seed=3)) != said(angry_calls(40, seed=4))


def test_a_call_does_not_depend_on_how_many_there_are() -> None:
    assert calm_calls(200)[:10] == calm_calls(10)
    assert angry_calls(100)[:10] == angry_calls(10)


def test_there_are_200_calm_calls_of_three_to_six_turns() -> None:
    assert len(CALM) == len({call.id for call in CALM}) == 200
    assert Counter(len(call.utterances) for call in CALM).keys() == {3, 4, 5, 6}
    assert not any(call.angry_at for call in CALM)


def test_calm_calls_have_every_voice_line_manner_and_domain() -> None:
    assert {call.voice for call in CALM} == set(VOICES["report"])
    lines = Counter((call.line.noise, call.line.snr_db) for call in CALM)
    assert len(lines) == 5 and min(lines.values()) >= 30
    manners = Counter(call.manner for call in CALM)
    assert manners.keys() == {"usual", "loud", "nearer", "cheerful"} and min(manners.values()) == 40
    assert {call.domain for call in CALM} == set(REPORT.domains)
    assert len(Counter((call.voice, call.line.noise, call.line.snr_db) for call in CALM)) >= 25
    assert len(Counter((call.manner, call.line.noise, call.line.snr_db) for call in CALM)) == 20


def test_levels_are_those_of_quiet_and_of_loud_callers() -> None:
    firsts = [call.utterances[0].level_dbov for call in CALM]
    assert min(firsts) < -30 and max(firsts) > -16
    assert all(LEVELS_DBOV[0] - 2 <= level <= LEVELS_DBOV[1] + 2 for level in firsts)
    assert all(call.utterances[0].level_dbov >= LOUD_DBOV[0] - 2 for call in CALM if call.manner == "loud")


def test_who_moves_nearer_becomes_louder() -> None:
    for call in CALM:
        if call.manner == "nearer":
            assert call.utterances[-1].level_dbov - call.utterances[0].level_dbov == pytest.approx(NEARER_DB, abs=3.1)


def test_angry_calls_begin_calm_and_end_with_three_angry_turns() -> None:
    assert len(ANGRY) == len({call.id for call in ANGRY}) == 100
    for call in ANGRY:
        before = len(call.utterances) - 3
        assert 1 <= before <= 3
        assert call.angry_at == (before, before + 1, before + 2)


def test_an_angry_voice_is_louder_higher_and_faster_than_before() -> None:
    for call in ANGRY:
        calm = max(each.level_dbov for each in call.utterances if not each.angry)
        for each in call.utterances:
            if each.angry:
                assert each.level_dbov >= calm + 3 and 2 <= each.semitones <= 4


def test_angry_lines_are_varied() -> None:
    angry = [each.text for call in ANGRY for each in call.utterances if each.angry]
    assert len(REPORT.angry_templates) >= 40 and len(TUNE.angry_templates) >= 40
    assert max(Counter(angry).values()) <= 15
    assert len(set(angry)) >= 40


def test_no_call_says_a_sentence_twice_but_for_what_is_filled_in() -> None:
    for call in (*CALM, *ANGRY):
        assert len({each.text for each in call.utterances}) == len(call.utterances), call


def test_nothing_is_shared_with_the_labelled_lines() -> None:
    labelled = {plain(line.text) for line in (*feelings(), *concerns())}
    templates = (*REPORT.calm_templates, *REPORT.angry_templates, *TUNE.calm_templates, *TUNE.angry_templates)
    assert not {plain(text) for text in (*templates, *said(CALM), *said(ANGRY))} & labelled


def test_what_is_reported_shares_no_sentence_domain_or_voice_with_what_is_tuned_on() -> None:
    tuned = {plain(text) for text in (*TUNE.calm_templates, *TUNE.angry_templates)}
    assert not {plain(text) for text in (*REPORT.calm_templates, *REPORT.angry_templates)} & tuned
    assert not set(REPORT.domains) & set(TUNE.domains)
    assert not set(VOICES["report"]) & set(VOICES["tune"])
    assert calm_calls(3, purpose="tune") != calm_calls(3)


def test_nothing_is_left_to_fill_in() -> None:
    assert not [text for text in (*said(CALM), *said(ANGRY)) if "{" in text or "}" in text]
