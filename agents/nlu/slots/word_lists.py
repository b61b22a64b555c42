"""What the word list of a language holds; languages/en.yaml explains each key by its values."""

import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _pattern(text: str) -> str:
    re.compile(re.sub(r"\{[a-z_]+\}", "x", text))
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]
"""A regular expression over words with single blanks; ``{name}`` stands for a list of words."""
Words = frozenset[str]


class Numerals(Section):
    units: dict[str, int]
    teens: dict[str, int]
    tens: dict[str, int]
    hundred: Words
    thousand: Words
    join: Words = Field(description='Words inside a number that mean nothing: "and".')
    names: tuple[str, ...] = Field(min_length=10, max_length=10, description="Digits as they are spoken.")
    repeats: dict[str, int]
    sighs: Words = Field(description="Digit words that may be a sigh at the start of a sentence.")
    sounds_like: dict[str, str] = Field(description="What a recogniser writes for a lone digit.")

    @cached_property
    def small(self) -> dict[str, int]:
        return {**self.units, **self.teens, **self.tens}


class DigitCorrections(Section):
    """Patterns whose named groups say what is to be changed."""

    ignored: Words
    ordinals: dict[str, int] = Field(description="Word of a position, counted from 0.")
    linking: str
    by_ordinal: Pattern = Field(description="Groups position, from_end (optional) and new.")
    at_start: tuple[Pattern, ...] = Field(description="Groups count (optional) and new.")
    at_end: tuple[Pattern, ...] = Field(description="Groups count (optional) and new.")
    swap: tuple[Pattern, ...] = Field(description="Groups old and new.")


class Cardinals(Section):
    one: Words
    million: Words
    vague: dict[str, int]


class NumberWords(Section):
    cues: tuple[Pattern, ...] = Field(description="Group number: a number that stands out in a longer sentence.")


class AmountRule(Section):
    pattern: Pattern
    half: bool = False
    weak: bool = False


class AmountWords(Section):
    notes: Words
    coins: Words
    signs: Words
    rules: tuple[AmountRule, ...]


class DateRule(Section):
    pattern: Pattern
    days: int | None = None
    weeks: int = 0
    months: int = 0
    back: bool = False
    weak: bool = False


class DateWords(Section):
    order: Literal["mdy", "dmy"]
    weekdays: dict[str, int]
    months: dict[str, int]
    ordinals: dict[str, int]
    ordinal_marks: Words
    units: dict[str, int]
    month_units: Words
    which: dict[str, Literal["upcoming", "next", "last"]]
    bases: dict[str, int]
    rules: tuple[DateRule, ...]


class TimeRule(Section):
    pattern: Pattern
    minutes: int = 0
    fixed: str = ""
    only_minutes: int | None = None
    weak: bool = False


class TimeWords(Section):
    halves: dict[str, Literal["am", "pm"]]
    parts: dict[str, Literal["am", "pm", "night"]]
    when: str
    rules: tuple[TimeRule, ...]
    ahead: Pattern
    ahead_minutes: dict[str, int]
    half: str
    now: Pattern


class Letters(Section):
    strong: dict[str, str]
    weak: dict[str, str]
    rows: dict[str, str] = Field(description="Several words for one letter, or for none.")
    meant: tuple[str, ...] = Field(description='Between a letter and a word that begins with it: "as in".')
    never: Words


class YesNoWords(Section):
    yes: tuple[str, ...]
    no: tuple[str, ...]
    decisive_yes: tuple[str, ...]
    decisive_no: tuple[str, ...]
    hedges: tuple[str, ...]
    ignored: tuple[str, ...]


class NameWords(Section):
    intro: Pattern
    strong_intro: Pattern
    self_intro: Pattern
    self_outro: Pattern
    outro: Pattern
    spelled_intro: Pattern
    particles: Words
    never: Words


class EmailWords(Section):
    at: Words
    dot: Words
    marks: dict[str, str]
    skipped: tuple[str, ...]
    starts_after: Words
    endings: Words
    sounds_like: dict[str, str]
    partial: Words


class PhoneWords(Section):
    plus: Words
    extension: tuple[str, ...]
    cues: Words


class AddressWords(Section):
    intro: Pattern
    strong_intro: Pattern
    outro: Pattern
    streets: Words
    written: dict[str, str]
    units: Words
    postcode: tuple[str, ...]
    joins: tuple[str, ...]
    small: Words
    directions: Words


class ChoiceWords(Section):
    ordinals: dict[str, int]
    by_position: Pattern
    last: Pattern
    fillers: Words


class LanguageFile(Section):
    open: tuple[tuple[Pattern, str], ...] = Field(description="Short forms and what they stand for, in this order.")
    hesitation: Words
    restart: tuple[str, ...] = Field(description="Words after which the speaker says it again, and right this time.")
    continues: Words = Field(description="First words of a sentence that goes on with what was said before.")
    dangling: Words = Field(description="A sentence that ends in one of these is likely to go on.")
    numerals: Numerals
    digit_corrections: DigitCorrections
    refusing: tuple[str, ...]
    between: Words
    quantities: Words
    cardinals: Cardinals
    numbers: NumberWords
    amounts: AmountWords
    dates: DateWords
    times: TimeWords
    letters: Letters
    yes_no: YesNoWords
    names: NameWords
    emails: EmailWords
    phones: PhoneWords
    addresses: AddressWords
    choices: ChoiceWords

    @cached_property
    def openings(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        return tuple((re.compile(pattern), to) for pattern, to in self.open)

    @cached_property
    def restarts(self) -> tuple[tuple[str, ...], ...]:
        return tuple(sorted((tuple(phrase.split()) for phrase in self.restart), key=len, reverse=True))
