"""Two legs of a recording into one stereo WAV, with what was keyed in secret silenced."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from agents.transcript import JsonValue
from handoff.desk.calls.wav import Recording

_BLOCK: Final = 480_000
"""Samples at once: a minute at 8 kHz."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a recording, in seconds from its start. ``end`` may be infinite."""

    start: float
    end: float


def secret_spans(events: Sequence[tuple[str, int, dict[str, JsonValue]]], margin_s: float) -> list[Span]:
    """From the call's events (kind, milliseconds since the start of the call, data), in order.

    The events count from the start of the call, the recording from its own. A caller who comes back from a queue is recorded anew; which
    start a file belongs to is not known: then each possible one is silenced. Where no start is known, everything up to the secret's end is.
    """
    starts = [at_ms for kind, at_ms, _ in events if kind == "recording_started"]
    spans = []
    for first, last in _entries(events):
        possible = [start for start in starts if last is None or start <= last]
        if not possible:
            spans.append(Span(0.0, _end(last, 0, margin_s)))
        spans += [Span(max(0.0, (first - start) / 1000 - margin_s), _end(last, start, margin_s)) for start in possible]
    return spans


def _entries(events: Sequence[tuple[str, int, dict[str, JsonValue]]]) -> list[tuple[int, int | None]]:
    """From when to when something secret was keyed, in milliseconds; None: it did not end."""
    found: list[tuple[int, int | None]] = []
    began: int | None = None
    for kind, at_ms, data in events:
        if kind != "secret_entry":
            continue
        if data.get("on"):
            began = at_ms if began is None else began
        elif began is not None:
            found.append((began, at_ms))
            began = None
    return [*found, (began, None)] if began is not None else found


def _end(last: int | None, start: int, margin_s: float) -> float:
    return float("inf") if last is None else max(0.0, (last - start) / 1000 + margin_s)


def write_stereo(recording: Recording, spans: Sequence[Span], target: Path) -> None:
    """``recording`` as one file, in both legs silent within ``spans``. ``target`` is there whole and on the disk, or not at all.

    One minute is in memory at a time. Raises OSError.
    """
    fresh = target.with_name(f".{target.name}.part")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(recording.header())
        for first in range(0, recording.samples, _BLOCK):
            count = min(_BLOCK, recording.samples - first)
            frames = np.stack([leg.read(first, count) for leg in recording.legs], axis=1).astype("<i2")
            for span in spans:
                begin = int(span.start * recording.rate) - first
                end = count if span.end == float("inf") else int(np.ceil(span.end * recording.rate)) - first
                frames[max(0, begin) : max(0, end)] = 0
            file.write(frames.tobytes())
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
