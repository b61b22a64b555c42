"""Calls as files for other programs. In CSV nothing can become a formula of a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")
"""What spreadsheets take for the beginning of a formula (OWASP, CSV injection), full-width forms included."""
CALL_COLUMNS: Final = ("id", "started_at", "ended_at", "caller", "number", "route", "intent", "outcome", "reason", "turns")
TURN_COLUMNS: Final = ("number", "started_ms", "ended_ms", "who", "text", "heard", "interrupted", "via", "gap_ms")


def calls_csv(calls: Iterable[Mapping[str, Any]]) -> str:
    return _table(CALL_COLUMNS, ([call.get(name) for name in CALL_COLUMNS] for call in calls))


def transcript_csv(call: Mapping[str, Any]) -> str:
    def row(turn: Mapping[str, Any]) -> list[object]:
        latency = turn["latency_ms"] if isinstance(turn["latency_ms"], dict) else {}
        return [latency.get("gap") if name == "gap_ms" else turn[name] for name in TURN_COLUMNS]

    return _table(TURN_COLUMNS, (row(turn) for turn in call["turns"]))


def defused(value: object) -> object:
    """A text that begins like a formula gets an apostrophe before it; numbers stay as they are."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return value
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) or text.startswith(_FORMULA) else text


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    # With the mark of its encoding, without which spreadsheets read it in another one.
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([defused(cell) for cell in row] for row in rows)
    return text.getvalue()
