"""What things in a flow file may be called, and the nearest right name when one is wrong."""

import difflib
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
"""Of a node, an intent, a slot, an exit or a field."""
FlowName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
"""Of a flow file and of a queue."""
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
"""ISO 639-1."""
ToolName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]


def nearest(name: str, known: Iterable[str]) -> str:
    """``"; did you mean 'x'?"`` or nothing."""
    match = difflib.get_close_matches(name, list(known), 1, 0.5)
    return f"; did you mean {match[0]!r}?" if match else ""
