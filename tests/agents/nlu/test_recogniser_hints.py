"""What a recogniser is told to expect."""

from dataclasses import dataclass

import pytest

from agents.nlu.hints import RecogniserHints, hints


@dataclass(frozen=True)
class Slot:
    kind: str


def test_nothing_expected_is_no_hint() -> None:
    assert hints([], [], []) == RecogniserHints((), False)
    assert hints([], [], []).prompt == ""


@pytest.mark.parametrize("kind", ["digits", "code", "phone", "amount", "number"])
def test_a_number_is_told_in_digits(kind: str) -> None:
    assert hints([Slot("text"), Slot(kind)], [], []).digits


@pytest.mark.parametrize("kind", ["yes_no", "name", "text", "choice", "date"])
def test_words_are_not(kind: str) -> None:
    assert not hints([Slot(kind)], [], []).digits


def test_choices_stand_before_the_words_of_examples_and_as_they_are_written() -> None:
    told = hints([], ["flashing  red", "off"], ["the light is flashing", "it is a thermostat"])
    assert told.words[:2] == ("flashing red", "off")
    assert set(told.words[2:]) == {"light", "thermostat"}
    assert told.prompt.startswith("flashing red, off, ")


def test_the_same_choice_or_an_empty_one_adds_nothing() -> None:
    assert hints([], ["red", " red ", "", " "], []).words == ("red",)


def test_frequent_words_come_first_but_those_of_every_sentence_not_at_all() -> None:
    examples = [
        f"please {word}" for word in ("refund", "refund", "parcel", "voucher", "invoice", "router", "hub", "siren", "lamp", "lock", "door")
    ]
    told = hints([], [], examples).words
    assert told[0] == "refund"
    assert "please" not in told
    assert "parcel" in told


def test_a_word_said_twice_in_one_sentence_counts_once() -> None:
    assert hints([], [], ["thermostat thermostat", "camera", "camera"]).words[0] == "camera"


def test_short_words_and_contractions_need_no_help() -> None:
    assert hints([], [], ["I can't see the camera, where's it"]).words == ("camera",)


def test_the_limit_holds_and_keeps_the_choices() -> None:
    told = hints([], ["red", "blue"], ["alpha bravo charlie delta"], limit=3)
    assert told.words == ("red", "blue", "alpha")
    assert hints([], ["red"], ["alpha"], limit=0).words == ()


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        hints([], [], [], limit=-1)
