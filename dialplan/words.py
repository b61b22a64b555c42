"""What may stand in a dialplan: anything else could end the word and start another instruction."""

import re
from typing import Final

from .errors import DialplanError

DRAFT_ROUTE: Final = "desk-draft"
"""The route of a call with an agent as it is in a draft; no agent has this name."""

_NUMBER = re.compile(r"\+?[0-9]{1,20}")
_QUEUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,63}|[0-9]")
_WORD = re.compile(r"[a-z][a-z0-9-]{0,31}")


def check_number(what: str, text: str) -> str:
    """Return ``text`` when it is digits that can be dialled.

    Raises:
        DialplanError: it is not.
    """
    if _NUMBER.fullmatch(text) is None:
        raise DialplanError(f"The {what} '{text[:40]}' is not one to twenty digits, with or without a leading +. Correct it.")
    return text


def check_queue(text: str) -> str:
    """Return ``text`` when it can name a queue, ours or somebody else's.

    Raises:
        DialplanError: it cannot.
    """
    if _QUEUE.fullmatch(text) is None:
        raise DialplanError(
            f"The queue '{text[:40]}' must be a digit, or two and more of A-Z, a-z, 0-9, '-' and '_' beginning with a letter or digit. "
            "Correct it."
        )
    return text


def check_word(what: str, text: str) -> str:
    """Return ``text`` when it is a lower-case name of letters, digits and hyphens.

    Raises:
        DialplanError: it is not.
    """
    if _WORD.fullmatch(text) is None:
        raise DialplanError(
            f"The {what} '{text[:40]}' must start with a lower-case letter and hold only a-z, 0-9 and '-' (32 at most). Correct it."
        )
    return text
