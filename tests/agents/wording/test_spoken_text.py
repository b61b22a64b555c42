"""Text as it is handed to the voice: in words, and without anything for the eye."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.wording import FORMATS, spoken_text


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Where is my order?", "Where is my order?"),
        ("Thank you. I'll look it up - one moment.", "Thank you. I'll look it up, one moment."),
        ("Order 10482 has shipped.", "Order one, zero, four, eight, two has shipped."),
        ("It costs $49.99, or €1,200.", "It costs forty-nine dollars and ninety-nine cents, or one thousand two hundred euros."),
        ("I paid £5.01 & 50 USD and $1.5 million", "I paid five pounds and one penny and fifty dollars and one point five million dollars"),
        ("On 2026-11-27 at 14:30.", "On November twenty-seventh, twenty twenty-six at two thirty in the afternoon."),
        ("2026-11-27T09:05", "November twenty-seventh, twenty twenty-six at nine oh five in the morning"),
        ("11/27/2026", "November twenty-seventh, twenty twenty-six"),
        ("Nov. 27, 2026 or 27th November", "November twenty-seventh, twenty twenty-six or November twenty-seventh"),
        ("in 2026, since 1905, the 3rd", "in twenty twenty-six, since nineteen oh five, the third"),
        ("We're open 9:00-17:30.", "We're open nine in the morning to five thirty in the afternoon."),
        ("At 9 a.m. It is 2:30pm.", "At nine in the morning. It is two thirty in the afternoon."),
        ("9am-5pm", "nine in the morning to five in the afternoon"),
        ("24/7 and 3-5 days", "twenty-four seven and three to five days"),
        (
            "Call +1 415 555 0123 or (415) 555-0123.",
            "Call plus one, four one five, five five five, zero one two three or four one five, five five five, zero one two three.",
        ),
        ("Write to anna.smith@example.com.", "Write to anna dot smith at example dot com."),
        ("See https://www.example.com/help?x=1.", "See example dot com slash help."),
        ("3/4 of 5 km, 1 km, 20 °C", "three quarters of five kilometers, one kilometer, twenty degrees Celsius"),
        ("15%, -5, 3.14", "fifteen percent, minus five, three point one four"),
        ("½ cup and 2 1/2 cups", "one half cup and two and one half cups"),
        ("Your code is B47X in room 1204.", "Your code is B, four, seven, X in room one, two, zero, four."),
        ("AB-1234, iphone15, COVID-19", "A, B, one, two, three, four, iphone fifteen, COVID, one, nine"),
        ("card ending in 4242", "card ending in four, two, four, two"),
        ("10000 or 1,234,567 items", "ten thousand or one million two hundred and thirty-four thousand five hundred and sixty-seven items"),
        ("Version 2.0 at 10.0.0.1", "Version two point zero at ten dot zero dot zero dot one"),
        (
            "Dr. Smith lives on Main St. near St. Mary on Oak Dr. He is fine.",
            "Doctor Smith lives on Main Street near Saint Mary on Oak Drive. He is fine.",
        ),
        ("approx. 5 lamps, e.g. red, vs. blue etc.", "approximately five lamps, for example, red, versus blue et cetera."),
        ("Order no. 5", "Order number five"),
        ("No. Really, no.", "No. Really, no."),
        ("**Bold**, *italic*, ~~gone~~, `code` and [a link](http://x.com/y).", "Bold, italic, gone, code and a link."),
        ("![alt](x.png) __init__ snake_case a*b", "alt init snake case a b"),
        ("# Title\n- one\n- two\n\n> quoted", "Title. one. two. quoted"),
        ("1. Open the app\n2. Press start", "one. Open the app. two. Press start"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a, b. one, two"),
        ("Look:\n```python\nprint(1)\n```\nDone.", "Look: Done."),
        ("Look: ```print(1)", "Look"),
        ("<speak>Hello <break time='1s'/> you &amp; me</speak>", "Hello. you and me"),
        ("<script>alert(1)</script><b>Hi</b> <!-- no -->there<br>you", "Hi there. you"),
        ("x < 5 and y > 3", "x less than five and y more than three"),
        ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
        ("Great! 🎉👍🏽 See you 👨‍👩‍👧.", "Great! See you."),
        ("a\x00b\x1b[31m\u202ec\ufeff", "a b c"),
        ("and/or", "and or"),
        ("“Quoted” – it’s here…", "\"Quoted\", it's here..."),
        ("🎉", ""),
        ("***", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_spoken(text: str, spoken: str) -> None:
    assert spoken_text(text) == spoken


PIECES = (
    "Hello the Dr. St. Mary no. e.g. $ 49.99 10482 2026-11-27 14:30 9am pm % km °C ** * _ ` ``` # - | <b> </b> < > &amp; &lt; & @ "
    "a@b.com https://x.com/y (415) 555-0123 1/2 ½ 3-5 B47X \n \t . , ! ? ; : … – ' \" ( ) [a](b) +1 = / \\ ~ "
    "27th Nov. 5 1,200 in 1990s é 🎉 ² ٣ A.B. etc. "
)
mixtures = st.lists(st.sampled_from([*PIECES.split(" "), " "]), max_size=12).map("".join)


@settings(max_examples=600, deadline=None)
@given(st.one_of(mixtures, mixtures.map(" ".join), st.text(max_size=60)))
def test_what_is_spoken_stays_so(text: str) -> None:
    spoken = spoken_text(text)
    assert spoken_text(spoken) == spoken
    assert not any(c.isdigit() or not c.isprintable() or c in "<>*_`#|{}[]\\~^@$%&=+/" for c in spoken)


@settings(deadline=None)
@given(st.text("abcdefghijklmnopqrstuvwxyzABC ,.?!'", max_size=60))
def test_plain_words_keep_their_letters(text: str) -> None:
    kept = [c for c in spoken_text(text) if c.isalpha()]
    assert kept == [c for c in text if c.isalpha()]


@pytest.mark.parametrize(
    ("form", "value", "spoken"),
    [
        ("digits", "45678", "four, five, six, seven, eight"),
        ("spell", "b47", "B, four, seven"),
        ("date", "2026-11-27", "Friday, November twenty-seventh"),
        ("date", "soon", "soon"),
        ("time", "09:00", "nine in the morning"),
        ("time", "17:30", "five thirty in the afternoon"),
        ("time", "12:00", "noon"),
        ("time", "00:05", "twelve oh five in the morning"),
        ("time", "25:00", "25:00"),
        ("datetime", "2026-11-27T14:30", "Friday, November twenty-seventh at two thirty in the afternoon"),
        ("datetime", "2026-11-27", "Friday, November twenty-seventh"),
        ("datetime", "T14:30", "two thirty in the afternoon"),
        ("money", "49.99", "forty-nine dollars and ninety-nine cents"),
        ("money", "1.01", "one dollar and one cent"),
        ("money", "0.50", "fifty cents"),
        ("money", "0.00", "zero dollars"),
        ("money", "-5", "minus five dollars"),
        ("money", "20.00 EUR", "twenty euros"),
        ("money", "a lot", "a lot"),
        ("number", "1205", "one thousand two hundred and five"),
        ("number", "3.5", "three point five"),
        ("number", "-2", "minus two"),
        ("email", "anna_smith-2@example.co.uk", "anna underscore smith dash two at example dot co dot uk"),
    ],
)
def test_formats(form: str, value: str, spoken: str) -> None:
    assert FORMATS[form](value, "en") == spoken


@pytest.mark.parametrize("form", sorted(FORMATS))
@settings(deadline=None)
@given(value=st.text(max_size=30))
def test_no_value_raises(form: str, value: str) -> None:
    assert isinstance(FORMATS[form](value, "en"), str)


@pytest.mark.parametrize("form", sorted(set(FORMATS) - {"date", "time", "datetime"}))
def test_a_language_without_words_is_named(form: str) -> None:
    with pytest.raises(ValueError, match=r"agents/wording/languages/xx\.yaml"):
        FORMATS[form]("12", "xx")


def test_text_in_a_language_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match=r"languages/xx\.yaml"):
        spoken_text("5 km", "xx")
