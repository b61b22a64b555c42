"""The marks above our lines in their files, and the way back to a file without them."""

import re
from typing import Final

from dialplan.generated import FILES, FOLDER

_TAIL: Final = "'./patchcord dialplan remove' takes this and the next line out again."
MARK: Final = f"; Patchcord: {_TAIL}"
MARK_UNENDED: Final = f"; Patchcord, with the line break before this: {_TAIL}"
MARK_MADE: Final = f"; Patchcord made this file: {_TAIL}"
_MARKS: Final = (MARK.encode(), MARK_UNENDED.encode(), MARK_MADE.encode())


def include_line(name: str) -> str:
    """Return the line that includes our file of that name, e.g. ``extensions.conf``."""
    return f'#tryinclude "{FOLDER}/{name}"'


_LINES: Final = frozenset(include_line(name).encode() for name in FILES)


def without_lines(content: bytes) -> tuple[bytes, bool]:
    """Return a file without Patchcord's marks and the lines below them, and whether Patchcord had made it.

    A line that the admin has moved away from its mark, or written without one, is theirs and stays.
    """
    lines = [line for line in re.split(rb"(?<=\n)", content) if line]
    kept: list[bytes] = []
    made, index = False, 0
    while index < len(lines):
        mark, crlf = lines[index].strip(), lines[index].endswith(b"\r\n")
        if mark not in _MARKS:
            kept.append(lines[index])
            index += 1
            continue
        made |= mark == MARK_MADE.encode()
        index += 2 if index + 1 < len(lines) and lines[index + 1].strip() in _LINES else 1
        if mark == MARK_UNENDED.encode() and index >= len(lines) and kept:
            # only at the end is the line break ours still; before something else it ends their line
            kept[-1] = kept[-1].removesuffix(b"\r\n" if crlf else b"\n")
    return b"".join(kept), made
