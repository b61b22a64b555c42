"""The head of an AGI session: ``agi_name: value`` lines up to an empty one. Pure.

What a network says of a caller stands in it as it came, line breaks and all. A line that is said twice, or that is none, makes the whole
head foul, and so does an argument that is not at the end, where Asterisk writes them.
"""

import re
from dataclasses import dataclass
from typing import Final

END: Final = b"\n\n"
MOST_LINES: Final = 64
MOST_ARGUMENTS: Final = 8
_LINE: Final = re.compile(r"(agi_[a-z0-9_]{1,40}): ?(.*)")
_ARGUMENT: Final = "agi_arg_"
_COMMAND: Final = re.compile(r"[a-z][a-z_]{0,40}")


class HeadError(ValueError):
    """The head is not one that Asterisk writes; the message does not repeat it, since it may name a caller."""


@dataclass(frozen=True, slots=True)
class Head:
    """What Asterisk says of the call."""

    command: str
    """Path of the URL, e.g. ``patchcord_route``; empty when there is none."""
    arguments: tuple[str, ...]
    """``agi_arg_1`` and so on, up to the first that lacks."""
    extension: str
    caller: str
    """Empty when the caller has no number or withholds it."""


def read_head(data: bytes) -> Head:
    """Return what stands in ``data``, which ends before the empty line.

    Raises:
        HeadError: it is not a head.
    """
    found: dict[str, str] = {}
    lines = data.decode("utf-8", errors="replace").split("\n")
    if len(lines) > MOST_LINES:
        raise HeadError(f"the head has more than {MOST_LINES} lines")
    for line in lines:
        match = _LINE.fullmatch(line.rstrip("\r"))
        if match is None:
            raise HeadError("a line of the head is not 'agi_name: value'")
        if match[1] in found:
            raise HeadError(f"the head says {match[1]} twice")
        if found and next(reversed(found)).startswith(_ARGUMENT) and not match[1].startswith(_ARGUMENT):
            raise HeadError("an argument is not at the end of the head")
        found[match[1]] = match[2]
    arguments = []
    for number in range(1, MOST_ARGUMENTS + 1):
        if (argument := found.get(f"{_ARGUMENT}{number}")) is None:
            break
        arguments.append(argument)
    script = found.get("agi_network_script", "").partition("?")[0].strip("/")
    return Head(script if _COMMAND.fullmatch(script) else "", tuple(arguments), found.get("agi_extension", ""), _caller(found))


def _caller(found: dict[str, str]) -> str:
    presentation = found.get("agi_callingpres", "")
    # Q.931 4.5.10: bits 7 and 6 are 01 when the caller restricts it
    withheld = presentation.isascii() and presentation.isdigit() and int(presentation[:4]) & 0x60 == 0x20
    number = found.get("agi_callerid", "")
    return "" if withheld or number == "unknown" else number
