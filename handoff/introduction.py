"""What the agent says to the caller and the person together, before it leaves them (mode ``consult``)."""

from typing import Final

from handoff.card_types import Card

_BOTH: Final = {"en": "You are both on the line.", "es": "Ya están los dos en la línea."}
_KNOWN: Final = {"en": "I have told the reason for the call.", "es": "Ya he contado el motivo de la llamada."}
_LEAVING: Final = {"en": "I leave you now.", "es": "Les dejo."}


def introduction(card: Card, language: str) -> str:
    """Three short sentences in ``language`` (English for one that is not spoken here); what was said in private stays out of it."""
    tongue = language.partition("-")[0]
    tongue = tongue if tongue in _BOTH else "en"
    known = (_KNOWN[tongue],) if card.turns else ()
    return " ".join((_BOTH[tongue], *known, _LEAVING[tongue]))
