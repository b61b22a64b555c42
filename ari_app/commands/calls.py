"""``patchcord calls``: call history as columns, and one call as a transcript with times."""

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

from agents.transcript import JsonValue
from ari_app.commands.call_mood import felt_json, felt_lines, is_told_apart, mood_of, ruling_lines
from handoff.records.store import CallReader

_ID_SHOWN = 12
"""Characters of an id in the list; ``calls show`` takes any unambiguous beginning."""
_BIDIRECTIONAL = frozenset(chr(code) for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))

Call = Mapping[str, JsonValue]


async def print_calls(reader: CallReader, as_json: bool, limit: int = 20) -> int:
    """Print the newest calls; returns the exit status. Raises RecordsUnavailable."""
    calls = await reader.list_calls(limit)
    if as_json:
        print(json.dumps(calls, indent=2))
    elif calls:
        print(_table(("ID", "STARTED", "LENGTH", "CALLER", "NUMBER", "ROUTE", "OUTCOME", "TURNS"), [_row(call) for call in calls]))
    else:
        print("no calls yet: ./patchcord call places one")
    return 0


async def print_call(reader: CallReader, call_id: str, as_json: bool) -> int:
    """Print one call; returns the exit status, 1 when there is none of that id. Raises RecordsUnavailable."""
    call = await reader.get_call(call_id)
    if call is None:
        sys.stderr.write(f"no call, or more than one, has an id that begins with {shown(call_id)!r}: ./patchcord calls lists them\n")
        return 1
    print(json.dumps(whole_call(call), indent=2) if as_json else "\n".join(_whole(call)))
    return 0


def whole_call(call: Call) -> dict[str, JsonValue]:
    """What ``calls show --json`` prints of a call of the records."""
    return {**call, **felt_json(call)}


def shown(value: object) -> str:
    """``value`` on one line of a terminal: what a caller sends as a name cannot move the cursor, colour it or turn its direction."""
    return "".join(_visible(char) for char in str(value))


def _visible(char: str) -> str:
    if unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") and char not in _BIDIRECTIONAL:
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _row(call: Call) -> list[str]:
    names = ("caller", "number", "route", "outcome", "turns")
    length = _length(call)
    return [str(call["id"])[:_ID_SHOWN], _local(call["started_at"]), length, *(str(call[name]) or "-" for name in names)]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [list(head), *([shown(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def _whole(call: Call) -> list[str]:
    lines = [
        f"call      {shown(call['id'])}",
        f"started   {_local(call['started_at'])}, {_length(call)}",
        f"from      {shown(call['caller']) or '(withheld)'} to {shown(call['number'])}, route {shown(call['route'])}",
        f"outcome   {shown(call['outcome']) or '(not ended)'}" + (f" ({shown(call['reason'])})" if call["reason"] else ""),
    ]
    lines += _callback(call["callback"]) + _card(call["card"])
    lines += ["", *(_transcript(call) or ["(nothing was said)"])]
    lines += [shown(line) for line in ruling_lines(call)]
    return lines + _latency(call["latency"]) + _stats(call["stats"])


def _callback(callback: JsonValue) -> list[str]:
    if not isinstance(callback, dict):
        return []
    return [f"callback  {shown(callback['number'])}, queue {shown(callback['queue'])}, asked {_local(callback['asked_at'])}"]


def _card(card: JsonValue) -> list[str]:
    if not isinstance(card, dict):
        return []
    slots = card["slots"] if isinstance(card["slots"], dict) else {}
    told = ", ".join(f"{shown(name)} {shown(value)}" for name, value in slots.items())
    reason, intent = _code(card["reason"]), _code(card["intent"])
    line = f"card      {shown(card['id'])}: {shown(reason)}, queue {shown(card['queue'])}, intent {shown(intent) or 'unknown'}"
    return [line + (f" ({told})" if told else "")]


def _code(value: JsonValue) -> JsonValue:
    """Cards of version 1 hold the code itself, later ones an object with it."""
    return value["code"] if isinstance(value, dict) else value


def _transcript(call: Call) -> list[str]:
    """Turns and events in the order of their times."""
    moods = mood_of(call)
    turns = [
        (cast(int, turn["started_ms"]), 0, line)
        for turn in _objects(call["turns"])
        for line in _turn(turn, [shown(line) for line in felt_lines(moods, turn)])
    ]
    events = [(cast(int, event["at_ms"]), 1, _event(event)) for event in _objects(call["events"]) if not is_told_apart(event)]
    return [line for _, _, line in sorted(turns + events, key=lambda item: item[:2])]


def _turn(turn: Call, felt: Sequence[str]) -> list[str]:
    text = shown(turn["text"]) + (" [keypad]" if turn["via"] == "keypad" else "")
    latency = turn["latency_ms"]
    gap = f"  ({round(float(cast(float, latency['gap'])))} ms after the caller)" if isinstance(latency, dict) and "gap" in latency else ""
    lines = [f"{_clock(turn['started_ms'])} {_clock(turn['ended_ms'])}  {shown(turn['who']):<6}  {text}{gap}"]
    if turn["interrupted"]:
        lines.append(f"{'':19}  {'':6}  interrupted; heard: {shown(turn['heard']) or '(nothing)'}")
    return lines + [f"{'':19}  {'':6}  {line}" for line in felt]


def _event(event: Call) -> str:
    data = event["data"]
    told = ", ".join(f"{shown(name)}={shown(value)}" for name, value in data.items()) if isinstance(data, dict) else ""
    return f"{_clock(event['at_ms'])}{'':10}  -       {shown(event['kind'])}{f' ({told})' if told else ''}"


def _latency(latency: JsonValue) -> list[str]:
    if not isinstance(latency, dict) or not latency:
        return []
    rows = [
        [stage, *(str(figures[name]) for name in ("median_ms", "p95_ms", "count"))]
        for stage, figures in latency.items()
        if isinstance(figures, dict)
    ]
    return ["", _table(("LATENCY", "MEDIAN MS", "P95 MS", "TURNS"), rows)]


def _stats(stats: JsonValue) -> list[str]:
    if not isinstance(stats, dict) or not stats:
        return []
    return ["", "media     " + ", ".join(f"{shown(name)} {shown(value)}" for name, value in stats.items())]


def _objects(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _clock(milliseconds: JsonValue) -> str:
    """Minutes, seconds and tenths from the start of the call, nine characters; earlier than that is negative."""
    value = int(cast(int, milliseconds))
    minutes, rest = divmod(abs(value), 60_000)
    return f"{'-' if value < 0 else ''}{minutes:02}:{rest / 1000:06.3f}".rjust(9)


def _local(moment: JsonValue) -> str:
    return datetime.fromisoformat(str(moment)).astimezone().strftime("%Y-%m-%d %H:%M:%S") if moment else "-"


def _length(call: Call) -> str:
    if not call["started_at"] or not call["ended_at"]:
        return "-"
    seconds = (datetime.fromisoformat(str(call["ended_at"])) - datetime.fromisoformat(str(call["started_at"]))).total_seconds()
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
