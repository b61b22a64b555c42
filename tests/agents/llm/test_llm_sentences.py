import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agents.llm.blocks import BlockFilter
from agents.llm.sentences import CLAUSE_FROM, LONGEST, Sentences
from agents.wording import spoken_text


def plain(text: str) -> str:
    return " ".join(text.split())


def cut(*pieces: str, whole: bool = True) -> list[str]:
    sentences = Sentences(plain)
    return [sentence for piece in pieces for sentence in sentences.add(piece)] + sentences.end(whole=whole)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Your order is on its way. It comes on Friday.", ["Your order is on its way.", "It comes on Friday."]),
        ("Sure! Let me see what I can find.", ["Sure!", "Let me see what I can find."]),
        ("It costs 3.50 in all, or 1.5 times more. Shall I?", ["It costs 3.50 in all, or 1.5 times more.", "Shall I?"]),
        ("We open at 10:30 a.m. on Monday. Is that fine?", ["We open at 10:30 a.m. on Monday.", "Is that fine?"]),
        ("We open at 10:30 a.m. Monday to Friday. Is that fine?", ["We open at 10:30 a.m. Monday to Friday.", "Is that fine?"]),
        ("We open at 10:30 a.m. You can call then.", ["We open at 10:30 a.m.", "You can call then."]),
        ("Please ask Dr. Smith or Mrs. Jones. They know.", ["Please ask Dr. Smith or Mrs. Jones.", "They know."]),
        ("The J. K. model, e.g. a lamp, is here. Take it.", ["The J. K. model, e.g. a lamp, is here.", "Take it."]),
        ("It says No. 5 on the box. Right?", ["It says No. 5 on the box.", "Right?"]),
        ("Well... let me think about it. Yes.", ["Well... let me think about it.", "Yes."]),
        ("I see... That is too bad for you.", ["I see...", "That is too bad for you."]),
        ('She said "it works." Then she left us.', ['She said "it works."', "Then she left us."]),
        ("Go to example.com/help.html please. Thanks a lot.", ["Go to example.com/help.html please.", "Thanks a lot."]),
        ("Really?! That is odd, I must say.", ["Really?!", "That is odd, I must say."]),
        ("Read the label now.\n\nThen call us again", ["Read the label now.", "Then call us again"]),
        ("Do this for me:\n1. Press the button\n2. Wait for it", ["Do this for me:", "1. Press the button", "2. Wait for it"]),
        ("Your order\nis on its way.", ["Your order is on its way."]),
        ("¿Cuál es el pedido de la Sra. Gil? Dígame, por favor.", ["¿Cuál es el pedido de la Sra. Gil?", "Dígame, por favor."]),
        ("ご注文は発送済みです。お待ちください。", ["ご注文は発送済みです。", "お待ちください。"]),
        ("First of all, that works. Yes. No. Maybe it does.", ["First of all, that works.", "Yes. No. Maybe it does."]),
        ("", []),
        (" \n ", []),
        ("...", []),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert cut(text) == expected
    assert cut(*text) == expected, "letter by letter"


def test_a_sentence_is_given_as_soon_as_its_end_is_certain() -> None:
    sentences = Sentences(plain)
    assert sentences.add("It is here.") == []  # "here.com" is still possible
    assert sentences.add(" ") == ["It is here."]
    assert (
        sentences.add("It costs 3.") == []
        and sentences.add("5") == []
        and sentences.add("0 in all, I think! ") == ["It costs 3.50 in all, I think!"]
    )


def test_a_long_first_sentence_begins_with_a_clause() -> None:
    text = "I have looked at your order from last week, and it seems that the parcel has left the store"
    assert cut(text)[0] == "I have looked at your order from last week,"
    later = f"All right, I see. {text}"
    assert cut(later) == ["All right, I see.", text], "only the first one"
    assert len(text) > CLAUSE_FROM


def test_text_without_an_end_is_cut_between_words() -> None:
    said = cut(*(["and so it goes on "] * 100))
    assert max(map(len, said)) <= LONGEST and all(re.fullmatch(r"(?:(?:and|so|it|goes|on)\s?)+", piece) for piece in said)
    assert len(cut("x" * 1000)) == 4


def test_half_a_sentence_is_said_only_when_nothing_else_was() -> None:
    assert cut("It is here. And it", whole=False) == ["It is here."]
    assert cut("It is", whole=False) == ["It is"]


def test_hurry_gives_whole_words_and_keeps_the_rest() -> None:
    sentences = Sentences(plain)
    sentences.add("Your order is on its w")
    assert sentences.hurry() == ["Your order is on its"]
    assert sentences.hurry() == []
    assert sentences.add("ay to your house. ") == ["way to your house."]


def test_drop_forgets_what_was_not_given() -> None:
    sentences = Sentences(plain)
    sentences.add("It is here. And it ```x")
    sentences.drop()
    assert sentences.add("It is there, I think. ") == ["It is there, I think."]


MARKED = [
    "**Total:** it is **five. And** no more than `that`.",
    "# Order\n\nYour *lamp* is here. It _is_ good.\n\n---\n\n- one thing\n- another thing",
    "See [our page. It is good](https://example.com/a_b) for more. Bye now.",
    "<b>Your lamp.</b> It is <i>here</i> <speak>now</speak>.",
    "Try this: ```python\nprint('secret. Thing')\n``` and call again. 😀 Thanks!",
    "<think>The user. Wants a lamp.</think>Your lamp is here. 👍",
]


@pytest.mark.parametrize("text", MARKED)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_no_markup_reaches_the_voice(text: str, size: int) -> None:
    sentences = Sentences(spoken_text)
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    said = " ".join([sentence for piece in pieces for sentence in sentences.add(piece)] + sentences.end())
    assert not re.search(r"[*_`#<>\[\]😀👍]|http|secret|python|The user|strong|speak", said), said
    assert "lamp" in said or "five" in said or "page" in said or "call again" in said


@given(st.lists(st.sampled_from(["`", "``", "```", "<", "<think>", "</think>", "think>", "a", " b", "<thi"]), max_size=12))
@example(["<", "thi", "nk>", "a", "</think>"])
def test_blocks_are_the_same_however_they_are_cut(pieces: list[str]) -> None:
    whole, parts = BlockFilter(), BlockFilter()
    text = "".join(pieces)
    assert whole.add(text) + whole.end() == "".join(map(parts.add, text)) + parts.end()


@given(st.text(alphabet=st.sampled_from("ab AB.!?,\n1*3"), max_size=200), st.data())
def test_nothing_is_lost_and_the_cuts_of_the_stream_do_not_matter(text: str, data: st.DataObject) -> None:
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]

    def words(said: list[str]) -> str:
        return "".join(re.findall(r"\w", "".join(said)))

    assert words(cut(*pieces)) == words([text])
    if "," not in text:  # a clause is cut by what had come when the sentence was long enough
        assert cut(*pieces) == cut(*text)
