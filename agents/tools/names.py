"""Names of tools and of their arguments."""

import difflib
import re
from collections.abc import Collection
from typing import Final

TOOL_NAME: Final = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")
"""Lower case, with dots between a subject and what is done with it: ``orders.find``."""


def nearest(wrong: str, known: Collection[str]) -> str:
    """``did you mean '…'?`` with the closest known name, or the list of them."""
    if close := difflib.get_close_matches(wrong, known, n=1, cutoff=0.6):
        return f"did you mean '{close[0]}'?"
    return f"known: {', '.join(sorted(known)) or 'none'}"
