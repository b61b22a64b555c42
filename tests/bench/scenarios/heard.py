"""What a caller makes of the agent's recognised words: digits in them, and whether a value that is read back is its own."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from tests.bench.scenarios.spoken import ORDINALS

_DIGITS: Final = {
    name: str(value) for value, name in enumerate(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"))
}
_SOUNDS_LIKE: Final = {
    "oh": "0",
    "o": "0",
    "hero": "0",
    "won": "1",
    "to": "2",
    "too": "2",
    "tree": "3",
    "free": "3",
    "for": "4",
    "fore": "4",
    "fife": "5",
    "sex": "6",
    "sicks": "6",
    "ate": "8",
    "nein": "9",
}
_NUMBERS: Final = {
    name: value
    for value, name in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
} | {name: 10 * (index + 2) for index, name in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])}
_SAME_WORD: Final = 0.85
_SHORT: Final = {"st": "street", "rd": "road", "ave": "avenue", "ln": "lane", "sq": "square"}


def tokens(text: str) -> list[str]:
    """Lower case words and numbers; marks between digits do not part them from anything."""
    return re.findall(r"[a-z']+|\d+", text.lower())


def sentences(text: str) -> list[str]:
    """In order, each with its mark."""
    return [part.strip() for part in re.split(r"(?<=[.?!])\s+", text) if part.strip()]


def runs_of_digits(text: str, *, doubtful: bool = False) -> list[str]:
    """Digits said one after the other. ``doubtful``: with words that sound like digits, "I heard for 7664" being 47664."""
    names = _DIGITS | _SOUNDS_LIKE if doubtful else _DIGITS
    runs = [""]
    for token in tokens(text):
        if token.isdigit():
            runs[-1] += token
        elif token in names:
            runs[-1] += names[token]
        else:
            runs.append("")
    return [run for run in runs if run]


def says_digits(text: str, wanted: str) -> bool:
    """Whether this row of digits can be what was said."""
    return any(wanted in run for run in [*runs_of_digits(text), *runs_of_digits(text, doubtful=True)])


def heard_digits(text: str, wanted: str) -> str:
    """The row that is most like what could be meant; empty when there are no three digits in a row."""
    rows = [run for run in [*runs_of_digits(text), *runs_of_digits(text, doubtful=True)] if len(run) >= 3]
    return max(rows, key=lambda run: alike(run, wanted), default="")


def alike(one: str | Sequence[str], other: str | Sequence[str]) -> float:
    """0 to 1."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def plain_address(text: str) -> list[str]:
    """Words with numbers in digits: "Seventeen Maple St., 40217" -> 17 maple street 40217."""
    found: list[str] = []
    for token in tokens(text):
        last = found[-1] if found else ""
        if token in _NUMBERS:
            value = _NUMBERS[token]
            # "forty two": one house number; "forty two one seven": a postcode begins with four.
            tens = last.isdigit() and len(last) == 2 and last.endswith("0") and value < 10
            found[-1:] = [str(int(last) + value)] if tens else [last, str(value)] if last else [str(value)]
        else:
            found.append(_SHORT.get(token, token))
    return found


def same_address(one: str, other: str) -> bool:
    """Whether two written addresses are the same, spaces apart: "Bridge Water" and "Bridgewater" are said alike."""
    return "".join(plain_address(one)) == "".join(plain_address(other))


def like_address(heard: str, wanted: str) -> bool:
    """Whether a read-back is this address: its house number once, and words that are its street's but for a letter of a long one."""
    said, own = plain_address(heard), plain_address(wanted)
    digits = [word for word in own[1:] if word.isdigit()]
    if said.count(own[0]) != 1 or not all(says_digits(heard, word) for word in digits):
        return False
    return all(any(alike(word, other) >= _SAME_WORD for other in said) for word in own[1:] if not word.isdigit())


_ORDINALS: Final = {name: value for value, name in enumerate(ORDINALS, 1) if "-" not in name}
_HOUR: Final = re.compile(
    r"\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2})"
    r"(?:[: ]?00)?,? ?(?:in the (morning|afternoon)|o'?clock|(a|p)\.?m)"
)
_MONTHS: Final = "january|february|march|april|may|june|july|august|september|october|november|december"


def days_of_month(text: str) -> set[int]:
    """ "December twenty-first", "the 21st", "December 21"."""
    found: set[int] = set()
    low = text.lower()
    words = re.findall(r"[a-z]+", low)
    for before, word in zip(["", *words], words, strict=False):
        if word in _ORDINALS:
            found.add(_ORDINALS[word] + {"twenty": 20, "thirty": 30}.get(before, 0))
    found |= {int(day) for day in re.findall(r"\b(\d{1,2})(?:st|nd|rd|th)\b", low)}
    found |= {
        int(day)
        for day in re.findall(
            r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december) (\d{1,2})\b", low
        )
    }
    return found


def hours(text: str) -> set[int]:
    """Of the clock, 0 to 23; without morning or afternoon those of a working day."""
    found = set()
    for word, part, half in _HOUR.findall(text.lower()):
        hour = int(word) if word.isdigit() else _NUMBERS.get(word, 0)
        afternoon = part == "afternoon" or half == "p" or (not part and not half and hour < 8)
        found.add(hour % 12 + 12 if afternoon else hour)
    return found
