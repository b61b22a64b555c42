"""Removes from texts what must not be stored or shown: payment cards (but the last four digits), codes, passwords, PINs.

Digits count however they are said; they are looked for in a shadow copy, and the text itself is only changed where something was found.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from agents.transcript import JsonValue, Turn
from handoff.card_numbers import luhn_valid, mask_card_numbers
from handoff.secrets_said import HIDDEN, Asked, asked_for, is_suspect, mask_secrets, replace_spans, said_about
from handoff.spoken_digits import digit_runs, digits_of

__all__ = ["HIDDEN", "CallRedaction", "luhn_valid", "mask_card_numbers", "redact"]

_SECRET_NAME: Final = re.compile(
    r"(?:.*_)?(?:password|passcode|passphrase|secret|otp|pin|cvv|cvc|cvv2|security_code|one_time_code|token|contraseña)|(?:.*__)?code",
    re.IGNORECASE,
)
_CARD_NAME: Final = re.compile(r"(?:.*_)?card(?:_number|_no)?", re.IGNORECASE)
_KEPT_ASKING: Final = 3
"""Agent turns after which an unanswered question for a secret is no longer open."""
_SHORTEST_KNOWN: Final = 4
_LONGEST_PLAIN: Final = 4


def redact(text: str, asked: str = "") -> str:
    """``text`` without cards and secrets; ``asked`` is what the agent had said before it."""
    kind = asked_for(asked, "") if asked else ""
    return mask_secrets(mask_card_numbers(text), kind) if kind == "password" or is_suspect(text, open_question=bool(kind)) else text


class CallRedaction:
    """The redaction of one call, fed with its turns in order: it remembers what was asked for, and secrets that may be repeated."""

    def __init__(self) -> None:
        self._asked: Asked = ""
        self._turns_since = 0
        self._known: set[str] = set()

    def turn(self, turn: Turn) -> Turn:
        """``turn`` without what nobody may keep."""
        if turn.who == "agent":
            self._agent(turn.text)
            text = self.text(turn.text)
            heard = text if turn.heard == turn.text else self.text(turn.heard)
        else:
            text = self._caller(turn.text)
            heard = text if turn.heard == turn.text else self._caller(turn.heard)
            self._asked = said_about(turn.text, self._asked)
        return turn if (text, heard) == (turn.text, turn.heard) else replace(turn, text=text, heard=heard)

    def text(self, text: str) -> str:
        """Any other text of the call."""
        return self._without_known(redact(text))

    def caller(self, text: str) -> str:
        """What the caller is saying now, of which no turn was made yet."""
        return self._caller(text)

    def slot(self, name: str, value: str) -> str:
        """The value of a slot: of one that is secret by its name nothing stays."""
        if value and _SECRET_NAME.fullmatch(name):
            return HIDDEN
        if _CARD_NAME.fullmatch(name) and sum(char.isdigit() for char in value) > _LONGEST_PLAIN:
            masked = mask_card_numbers(value)
            return masked if masked != value else HIDDEN
        return self.text(value)

    def data(self, value: JsonValue) -> JsonValue:
        """The data of an event, all the way down."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {name: self._field(name, item) for name, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.data(item) for item in value]
        return value

    def _field(self, name: str, value: JsonValue) -> JsonValue:
        """In events ``code`` may be the code of an error: words under such a name are no secret."""
        if isinstance(value, str) and any(char.isdigit() for char in value):
            return self.slot(name, value)
        return self.data(value)

    def _agent(self, text: str) -> None:
        self._turns_since += 1
        if self._turns_since > _KEPT_ASKING:
            self._asked = ""
        before, self._asked = self._asked, asked_for(text, self._asked)
        if self._asked and (self._asked != before or asked_for(text, "")):
            self._turns_since = 0

    def _caller(self, text: str) -> str:
        if self._asked != "password" and not is_suspect(text, open_question=bool(self._asked or self._known)):
            return text
        masked = mask_card_numbers(text)
        self._remember(masked, mask_secrets(masked, self._asked))
        return self._without_known(mask_secrets(masked, self._asked))

    def _remember(self, before: str, after: str) -> None:
        """Runs of digits that went."""
        if before == after:
            return
        left = {digits_of(run) for run in digit_runs(after)}
        self._known |= {digits for run in digit_runs(before) if len(digits := digits_of(run)) >= _SHORTEST_KNOWN and digits not in left}

    def _without_known(self, text: str) -> str:
        if not self._known or not is_suspect(text, open_question=True):
            return text
        return replace_spans(text, [(run[0].start, run[-1].end) for run in digit_runs(text) if digits_of(run) in self._known])
