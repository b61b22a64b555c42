"""What a flow file says about a slot: its kind, and what limits its values."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

_KEY = re.compile(r"[a-z][a-z0-9_]*")


def _has_letters(words: str) -> str:
    if not any(c.isalnum() for c in words):
        raise ValueError(f"{words!r} holds no word; write what a caller would say for this choice")
    return words


class SlotBase(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Lengths(SlotBase):
    @model_validator(mode="after")
    def _ordered(self) -> "_Lengths":
        shortest, longest = getattr(self, "shortest", 1), getattr(self, "longest", 1)
        if shortest > longest:
            raise ValueError(f"shortest: {shortest} is more than longest: {longest}; swap them")
        return self


class _Limits(SlotBase):
    @model_validator(mode="after")
    def _ordered(self) -> "_Limits":
        least, most = getattr(self, "least", None), getattr(self, "most", None)
        if least is not None and most is not None and least > most:
            raise ValueError(f"least: {least:g} is more than most: {most:g}; swap them")
        return self


class DigitsSlot(_Lengths):
    """A number said digit by digit. Canonical: its digits, ``"10482"``."""

    kind: Literal["digits"]
    shortest: int = Field(ge=1, le=30, description="Fewest digits.")
    longest: int = Field(ge=1, le=30, description="Most digits.")


class CodeSlot(_Lengths):
    """Letters and digits, spelled. Canonical: capitals, ``"B47X"``."""

    kind: Literal["code"]
    shortest: int = Field(ge=1, le=30, description="Fewest letters and digits.")
    longest: int = Field(ge=1, le=30, description="Most letters and digits.")


class AmountSlot(_Limits):
    """Money. Canonical: two places after the point, ``"49.99"``; the currency is the flow's."""

    kind: Literal["amount"]
    least: float = Field(0, ge=0, le=1e9, description="Smallest amount taken.")
    most: float = Field(1_000_000, ge=0, le=1e9, description="Largest amount taken.")


class DateSlot(SlotBase):
    """A day. Canonical: ISO, ``"2026-11-27"``."""

    kind: Literal["date"]
    future: bool = Field(False, description="Only today and later; else a day without a direction is the nearest one.")


class TimeSlot(SlotBase):
    """A time of day. Canonical: 24 hours, ``"14:30"``."""

    kind: Literal["time"]


class DateTimeSlot(SlotBase):
    """A day and a time. Canonical: ``"2026-11-27T14:30"``; while one is missing ``"2026-11-27"`` or ``"T14:30"``."""

    kind: Literal["datetime"]
    future: bool = Field(False, description="Only later than now.")


class NumberSlot(_Limits):
    """A whole number that counts something. Canonical: ``"3"``."""

    kind: Literal["number"]
    least: int = Field(0, ge=0, le=10**9, description="Smallest number taken.")
    most: int = Field(10**6, ge=0, le=10**9, description="Largest number taken.")


class YesNoSlot(SlotBase):
    """Canonical: ``"yes"`` or ``"no"``."""

    kind: Literal["yes_no"]


class NameSlot(SlotBase):
    """A person's name. Canonical: capitalised words, ``"Anna Smith"``."""

    kind: Literal["name"]


class EmailSlot(SlotBase):
    """Canonical: lower case, ``"anna.smith@example.com"``."""

    kind: Literal["email"]


class PhoneSlot(SlotBase):
    """Canonical: ``"+14155550123"``, or the digits as they are dialled where no region says what they mean."""

    kind: Literal["phone"]
    region: str = Field(
        "",
        pattern=r"^([A-Z]{2})?$",
        description="Country whose national numbers are taken, such as US or DE; empty: any 6 to 15 digits.",
    )


class AddressSlot(SlotBase):
    """A street address in one line, ``"12 Oak Street, Springfield, 62704"``."""

    kind: Literal["address"]


class ChoiceSlot(SlotBase):
    """One of a few things. Canonical: the name of the choice."""

    kind: Literal["choice"]
    choices: Mapping[str, Annotated[tuple[Annotated[str, AfterValidator(_has_letters)], ...], Field(min_length=1)]] = Field(
        min_length=2, max_length=50, description="Name of each choice, with the words that callers use for it."
    )

    @model_validator(mode="after")
    def _distinct(self) -> "ChoiceSlot":
        seen: dict[str, str] = {}
        for name, words in self.choices.items():
            if not _KEY.fullmatch(name):
                raise ValueError(f"the choice {name!r} must be small letters, digits and _; what callers say stands in its list")
            for word in words:
                other = seen.setdefault(word.lower(), name)
                if other != name:
                    raise ValueError(f"{word!r} stands for both {other} and {name}; keep it in one of them")
        return self


class TextSlot(SlotBase):
    """The words as they are."""

    kind: Literal["text"]
    longest: int = Field(500, ge=1, le=5000, description="Characters kept.")


SlotPart: TypeAlias = Annotated[
    DigitsSlot
    | CodeSlot
    | AmountSlot
    | DateSlot
    | TimeSlot
    | DateTimeSlot
    | NumberSlot
    | YesNoSlot
    | NameSlot
    | EmailSlot
    | PhoneSlot
    | AddressSlot
    | ChoiceSlot
    | TextSlot,
    Field(discriminator="kind"),
]
