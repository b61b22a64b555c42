"""What transcripts weigh, in the recogniser's own spellings of what people and synthetic voices said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.turns.events import Expected, Words
from agents.turns.knobs import TurnKnobs, layered
from agents.turns.phrases import Kind, languages, lists_of, words_of
from agents.turns.words import is_echo, kinds_of, weigh

KNOBS = TurnKnobs()
AGENT = "Your parcel left our warehouse this morning, and you will get a confirmation number tomorrow."


def weight(text: str, *, agent_text: str = AGENT, expected: Expected = Expected.OPEN, knobs: TurnKnobs = KNOBS) -> Words:
    return weigh(text, agent_text=agent_text, expected=expected, knobs=knobs)[0]


HEARD_ACKS = """Mm-hmm,|Mm-hm.|Mhm|Mm.|Mmm|M-hm|Mm-mm.|Uh-huh.|Uh huh|Uh?|Ah.|Aha.|Ah, ha.|Ah, ah.|Ha, ha.|Oh.|Huh?|Who|Hmm|H. M. M..
M. M. H. N|Yeah.|Yep.|Okay.|Ok.|Okay,|Right.|All right.|Alright|I see.|I. C..|I.c.|Oh, I see.|Sure.|Got it.|Good.|Great.|Really?|Ah, okay.
Yeah, yeah, okay.|Yes.|No problem.|Thank you.|Of her.|And?|And then.|Um,|Well, um""".replace("\n", "|").split("|")


@pytest.mark.parametrize("text", HEARD_ACKS)
def test_backchannels_in_every_spelling(text: str) -> None:
    assert weigh(text, agent_text=AGENT, expected=Expected.OPEN, knobs=KNOBS) == (Words.ACK, 0)


@pytest.mark.parametrize(
    "text",
    [
        *("No.", "Nooo", "Stop.", "Wait.", "Hold on.", "To hold on.", "Excuse me.", "Operator.", "Agent.", "A person, please."),
        *(
            "Wait a second.",
            "Yeah, yeah, stop.",
            "Okay, no.",
            "Sorry, what?",
            "Hello?",
            "I want to speak to somebody",
            "No, that is wrong.",
        ),
    ],
)
def test_commands_always_interrupt(text: str) -> None:
    assert weight(text) is Words.STOP


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Where is my order?", 4),
        ("Yeah, but I need the other one.", 6),
        ("Yes please", 1),
        ("Okay, billing", 1),
        ("I don't know", 3),
        ("Red", 1),
    ],
)
def test_other_words_are_counted_without_backchannels(text: str, count: int) -> None:
    assert weigh(text, agent_text=AGENT, expected=Expected.OPEN, knobs=KNOBS) == (Words.SPEECH, count)


@pytest.mark.parametrize("text", ["", " ", "...", "?!"])
def test_nothing_weighs_nothing(text: str) -> None:
    assert weigh(text, agent_text=AGENT, expected=Expected.DIGITS, knobs=KNOBS) == (Words.NONE, 0)


@pytest.mark.parametrize("text", ["Four.", "4", "Four two seven", "My number is 42", "Nine, oh."])
def test_digits_interrupt_where_digits_were_asked_for(text: str) -> None:
    assert weight(text, expected=Expected.DIGITS) is Words.STOP
    assert weight(text, expected=Expected.OPEN) is Words.SPEECH


@pytest.mark.parametrize(
    ("text", "agent", "echo"),
    [
        ("your parcel left our warehouse", AGENT, True),
        ("parcel left", AGENT, True),
        ("house this morning and you", AGENT, True),
        ("you will get a confir", AGENT, True),
        ("your parcel left our warehouses this morning", AGENT, True),
        ("your parcel left the warehouse this morning", AGENT, True),
        ("parcel", AGENT, False),
        ("my parcel left", AGENT, False),
        ("my parcel has not left", AGENT, False),
        ("warehouse our left", AGENT, False),
        ("hello", "Hello, this is", True),
        ("hello there", "", False),
        ("I want to order", "Do you want to order or to return something?", False),
    ],
)
def test_the_agents_own_words_are_told_from_the_callers(text: str, agent: str, echo: bool) -> None:
    assert is_echo(words_of(text), words_of(agent)) is echo


def test_a_command_is_one_although_the_agent_has_said_it() -> None:
    assert weight("Hold on.", agent_text="Please hold on a moment.") is Words.STOP
    assert weight("yes or no", agent_text="Please say yes or no.") is Words.ECHO


def test_the_knobs_add_phrases_and_overrule_the_language() -> None:
    own = layered({"bargein": {"ack_phrases": ["Roger that", "sorry"], "stop_phrases": ["bingo"]}})
    assert weight("Roger that.") is Words.SPEECH
    assert weight("Roger that.", knobs=own) is Words.ACK
    assert weight("Sorry.", knobs=own) is Words.ACK
    assert weight("Mm, bingo!", knobs=own) is Words.STOP


def test_the_longest_phrase_counts() -> None:
    kinds = {("no",): Kind.STOP, ("no", "problem"): Kind.ACK}
    assert kinds_of(("no", "problem", "no", "way"), kinds) == [Kind.ACK, Kind.ACK, Kind.STOP, None]


def test_a_language_without_a_list_is_named() -> None:
    with pytest.raises(ValueError, match=r"'xx'; there are: .*en"):
        weigh("hm", agent_text="", expected=Expected.OPEN, knobs=KNOBS, language="xx")


@pytest.mark.parametrize("name", languages())
def test_every_phrase_of_a_language_weighs_what_its_list_says(name: str) -> None:
    lists = lists_of(name)
    for phrase, kind in lists.kinds.items():
        words, _ = weigh(" ".join(phrase), agent_text="", expected=Expected.OPEN, knobs=KNOBS, language=name)
        assert words is (Words.STOP if kind is Kind.STOP else Words.ACK), phrase
    assert not lists.misheard & set(lists.kinds)


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(Expected))
def test_any_text_has_a_weight(text: str, agent: str, expected: Expected) -> None:
    words, count = weigh(text, agent_text=agent, expected=expected, knobs=KNOBS)
    assert (words is Words.NONE) is (not words_of(text))
    assert 0 <= count <= len(words_of(text))
    assert count or words not in (Words.SPEECH, Words.STOP) or expected is Expected.DIGITS
