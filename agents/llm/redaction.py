"""What no language model may be sent: payment cards, passwords, keys. Everything that becomes part of a prompt passes here."""

import re
from collections.abc import Collection, Mapping
from typing import Final

from agents.transcript import JsonValue

HIDDEN: Final = "[hidden]"
_CARD: Final = re.compile(r"(?<![\d.,])\d(?:[ -]?\d){12,18}(?![\d])")
_NAMES: Final = re.compile(
    r"pass[_ -]?(?:word|wd|code|phrase)|secret|api[_-]?key|credential|authorization|access[_-]?token"
    r"|\bcv[cv]2?\b|card[_ -]?(?:number|no)\b|(?:^|_)pin(?:_|$)",
    re.IGNORECASE,
)


def luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _card(found: re.Match[str]) -> str:
    return HIDDEN if luhn(re.sub(r"\D", "", found.group())) else found.group()


class Redactor:
    """``known``: secrets by value, such as the providers' own keys."""

    def __init__(self, known: Collection[str] = ()) -> None:
        self._known = sorted((value for value in known if len(value) >= 6), key=len, reverse=True)

    def text(self, text: str) -> str:
        """One number in ten that has the length of a card passes for a card, and is hidden with them."""
        for value in self._known:
            text = text.replace(value, HIDDEN)
        return _CARD.sub(_card, text)

    def value(self, value: JsonValue) -> JsonValue:
        match value:
            case str():
                return self.text(value)
            case dict():
                return self.fields(value)
            case list():
                return [self.value(item) for item in value]
            case int() if not isinstance(value, bool) and len(str(abs(value))) >= 13:
                shown = self.text(str(value))
                return value if shown == str(value) else shown
            case _:
                return value

    def fields(self, fields: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Fields are known for secret by their names too."""
        return {name: HIDDEN if _NAMES.search(name) and value not in (None, "") else self.value(value) for name, value in fields.items()}
