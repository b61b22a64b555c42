"""Calls as files for other programs. In CSV nothing can become a formula of a spreadsheet."""

import csv
import io
import json
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from typing import Any, Final

_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")
"""What spreadsheets take for the beginning of a formula (OWASP, CSV injection), full-width forms included."""
CALL_COLUMNS: Final = ("id", "started_at", "ended_at", "caller", "number", "route", "intent", "outcome", "reason", "turns")
TURN_COLUMNS: Final = ("number", "started_ms", "ended_ms", "who", "text", "heard", "interrupted", "via", "gap_ms")


_MARK: Final = "\ufeff"
"""Of the encoding, without which spreadsheets read it in another one."""

Pages = AsyncGenerator[Iterable[Mapping[str, Any]], None]
"""Closed by whoever goes through them."""


def calls_csv(calls: Iterable[Mapping[str, Any]]) -> str:
    return _MARK + _lines([CALL_COLUMNS]) + _calls_lines(calls)


async def calls_csv_pieces(pages: Pages) -> AsyncGenerator[str, None]:
    """What ``calls_csv`` gives of all the pages together; the first piece is there when the first page is."""
    head = calls_csv(())
    async with aclosing(pages):
        async for calls in pages:
            yield head + _calls_lines(map(_plain, calls))
            head = ""
    if head:
        yield head


async def calls_json_pieces(pages: Pages) -> AsyncGenerator[str, None]:
    """One JSON list of what is on all the pages, none of which is empty."""
    before = "["
    async with aclosing(pages):
        async for calls in pages:
            yield before + ", ".join(json.dumps(_plain(call)) for call in calls)
            before = ", "
    yield "[]" if before == "[" else "]"


def transcript_csv(call: Mapping[str, Any]) -> str:
    def row(turn: Mapping[str, Any]) -> list[object]:
        latency = turn["latency_ms"] if isinstance(turn["latency_ms"], dict) else {}
        return [latency.get("gap") if name == "gap_ms" else turn[name] for name in TURN_COLUMNS]

    return _MARK + _lines([TURN_COLUMNS, *(row(turn) for turn in call["turns"])])


def defused(value: object) -> object:
    """A text that begins like a formula gets an apostrophe before it; numbers stay as they are."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return value
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) or text.startswith(_FORMULA) else text


def _plain(call: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in call.items()}


def _calls_lines(calls: Iterable[Mapping[str, Any]]) -> str:
    return _lines([call.get(name) for name in CALL_COLUMNS] for call in calls)


def _lines(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([defused(cell) for cell in row] for row in rows)
    return text.getvalue()
