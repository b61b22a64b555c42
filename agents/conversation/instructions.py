"""What a supervisor writes to the agent in the midst of a call: an order carried out as it stands, or words for a language model."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

_ALOUD: Final = re.compile(r"say\s*:\s*(?P<words>.+)|say\s+[\"“](?P<quoted>[^\"”]+)[\"”]\.?", re.IGNORECASE | re.DOTALL)
_PLAIN: Final = re.compile(r"say\s+(?!that\b|nothing\b)(?P<words>.+)", re.IGNORECASE | re.DOTALL)
_TRANSFER: Final = re.compile(
    r"(?:please )?(?:transfer|hand over|(?:hand|put|connect) (?:them|her|him|the caller)(?: over| through)?|get a person)"
    r"(?: (?:the caller|the call|them|her|him|it))?(?: to (?:a|an|the)? ?(?:person|human|agent|colleague|queue))?(?: (?:right )?now)?[.!]*",
    re.IGNORECASE,
)
_END: Final = re.compile(
    r"(?:please )?(?:end|hang up|finish)(?: (?:the|this) (?:call|conversation))?(?: (?:right )?now)?[.!]*", re.IGNORECASE
)


class Order(Enum):
    TRANSFER = "transfer"
    """To a person, now."""
    END = "end"


@dataclass(frozen=True, slots=True)
class SayAloud:
    words: str
    value: str = "say"


def order_in(text: str, *, modelled: bool) -> Order | SayAloud | None:
    """The order that ``text`` is, or None. ``modelled``: a language model could do what is no order.

    Then only ``say: …`` and ``say "…"`` are to be said word for word: of "say sorry to her" a model makes something better.
    """
    plain = " ".join(text.split())
    if match := _ALOUD.fullmatch(plain):
        return SayAloud((match["words"] or match["quoted"]).strip('"“” '))
    if _TRANSFER.fullmatch(plain):
        return Order.TRANSFER
    if _END.fullmatch(plain):
        return Order.END
    if not modelled and (match := _PLAIN.fullmatch(plain)):
        return SayAloud(match["words"])
    return None
