"""The one-screen view of ``patchcord up``: calls in progress and what is being said."""

import shutil
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

CLEAR = "\x1b[H\x1b[J"


def printable(text: str) -> str:
    """``text`` without control characters: a caller's name must not steer the terminal."""
    return "".join(character if unicodedata.category(character)[0] != "C" else "?" for character in text)


def _clip(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def render(header: Sequence[str], status: Mapping[str, Any] | None, live: Mapping[str, Any] | None, size: tuple[int, int]) -> str:
    """A whole screen of ``size`` (columns, lines), ready to be written behind CLEAR."""
    columns, lines = size
    rows = [*header, ""]
    if status is None or live is None:
        rows.append("The worker is starting …")
    elif not status.get("ready"):
        rows.append("NOT READY: " + "; ".join(str(reason) for reason in status.get("reasons", [])))
    else:
        calls: list[Mapping[str, Any]] = list(live.get("calls", []))
        rows.append(
            f"{len(calls)} call{'' if len(calls) == 1 else 's'} in progress" + ("" if calls else ". Dial 100 to talk to the agent.")
        )
        for call in calls:
            rows.append("")
            seconds = int(call.get("seconds", 0))
            who = f"{call.get('caller') or 'unknown'} -> {call.get('number', '')}"
            rows.append(f"  {seconds // 60:02d}:{seconds % 60:02d}  {who:<24} {call.get('route', ''):<14} {call.get('state', '')}")
            rows += [f"         {line.get('who', ''):>6}: {line.get('text', '')}" for line in list(call.get("lines", []))[-4:]]
    rows = [_clip(printable(row), columns) for row in rows]
    footer = "Ctrl-C ends everything that was started here."
    if len(rows) > lines - 2:
        rows = [*rows[: lines - 3], f"… {len(rows) - lines + 3} more lines"]
    return "\n".join([*rows, "", _clip(footer, columns)])


def terminal_size() -> tuple[int, int]:
    size = shutil.get_terminal_size((100, 30))
    return size.columns, size.lines
