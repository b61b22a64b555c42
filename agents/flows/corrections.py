"""Mending a number that was read back: "the last digit is nine", "it starts with seven", "not seven, nine"."""

import re
from typing import Final

from agents.flows.digits import TEENS, TENS, UNITS, hear_digits
from agents.flows.words import normalise

_ORDINALS: Final = {
    "first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "sixth": 5, "seventh": 6, "eighth": 7, "ninth": 8, "tenth": 9,
    "1st": 0, "2nd": 1, "3rd": 2, "4th": 3, "5th": 4,
}  # fmt: skip
_DIGIT: Final = "(?:" + "|".join(sorted((*UNITS, *TEENS, *TENS), key=len, reverse=True)) + r"|\d+)"
_NUMBER: Final = rf"((?:{_DIGIT})(?: (?:double |triple )?{_DIGIT})*|(?:double|triple) {_DIGIT})"
_IS: Final = r"(?: (?:is|are|was|were|should be|must be|should have been|to|be|a|an|not \w+ but|supposed to be))*"

_LAST: Final = re.compile(rf"\b(last|final|first) (?:(one|two|three|four|\d) )?(?:digits?|numbers?|ones?){_IS} {_NUMBER}$")
_ORDINAL: Final = re.compile(
    rf"\b(second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth) (last )?(?:digit|number|one){_IS} {_NUMBER}$"
)
_STARTS: Final = re.compile(rf"\b(?:starts?|begins?|starting|beginning) (?:with|in)(?: a| an| the)? {_NUMBER}$")
_ENDS: Final = re.compile(rf"\b(?:ends?|ending|finishes) (?:with|in|on)(?: a| an| the)? {_NUMBER}$")
_NOT_BUT: Final = re.compile(rf"\bnot (?:a |an |the )?({_DIGIT})(?: but| it is| it should be| rather)?(?: a| an)? ({_DIGIT})$")
_BUT_NOT: Final = re.compile(rf"({_DIGIT}) (?:and )?(?:not|instead of)(?: a| an| the)? ({_DIGIT})$")
_SHOULD: Final = re.compile(rf"\b(?:the |change (?:the )?)({_DIGIT})(?: is| should be| must be| to)(?: a| an)? ({_DIGIT})$")


def mend(current: str, text: str) -> str | None:
    """``current`` with the correction in ``text`` applied, of the same length; None when ``text`` names no position or digit to change."""
    said = " ".join(_normal_ordinals(text))
    return _by_position(current, said) or _by_value(current, said)


def _normal_ordinals(text: str) -> list[str]:
    words = normalise(text)
    return [word for word in words if word not in {"please", "sorry", "actually", "no", "nope"}]


def _by_position(current: str, said: str) -> str | None:
    if found := _ORDINAL.search(said):
        index = _ORDINALS[found[1]]
        start = len(current) - 1 - index if found[2] else index
        return _put(current, start, _value(found[3]))
    if found := _LAST.search(said):
        new = _value(found[3])
        count = int(_value(found[2])) if found[2] else 1
        if len(new) != count:
            return None
        return _put(current, 0 if found[1] == "first" else len(current) - count, new)
    if found := _STARTS.search(said):
        return _put(current, 0, _value(found[1]))
    if found := _ENDS.search(said):
        new = _value(found[1])
        return _put(current, len(current) - len(new), new)
    return None


def _by_value(current: str, said: str) -> str | None:
    if found := _NOT_BUT.search(said) or _SHOULD.search(said):
        return _swap(current, _value(found[1]), _value(found[2]))
    if found := _BUT_NOT.search(said):
        return _swap(current, _value(found[2]), _value(found[1]))
    return None


def _value(words: str) -> str:
    return hear_digits(words, 1, 30).digits


def _put(current: str, start: int, new: str) -> str | None:
    """``new`` written over ``current`` at ``start``; None when it would stick out."""
    if start < 0 or not new or start + len(new) > len(current):
        return None
    return current[:start] + new + current[start + len(new) :]


def _swap(current: str, old: str, new: str) -> str | None:
    """The one occurrence of ``old`` replaced; None when there is none or more than one."""
    return current.replace(old, new) if current.count(old) == 1 and len(old) == len(new) else None
