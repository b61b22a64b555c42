"""How the caller feels, judged on the emotion events of the call."""

from collections.abc import Mapping, Sequence

from handoff.rules.conditions import EmotionPart
from handoff.rules.decisions import Ground, Value
from handoff.rules.state import Point, WatchState
from handoff.rules.verdicts import Verdict, all_of

LEAST_POINTS = 3
"""Utterances that make a slope."""


def emotion(part: EmotionPart, state: WatchState) -> Verdict:
    """Not known before the first utterance is judged; of an utterance not until the last one is."""
    if not state.points:
        return Verdict(None)
    point = state.points[-1]
    if part.of == "utterance" and point.turn < state.turn:
        return Verdict(None)
    return all_of(_Tests(part, state, point).all())


class _Tests:
    """Each comparison of the condition, as a verdict of its own."""

    def __init__(self, part: EmotionPart, state: WatchState, point: Point) -> None:
        self._part, self._state, self._point = part, state, point
        self._name = str(part.state or part.measure)
        self._signal = f"emotion.{self._name}" + (".said" if part.of == "utterance" else "")
        self._row = _row(state.points, part, self._name)
        self._held_s = (state.now_ms - self._row[0].at_ms) / 1000 if self._row else 0.0

    def all(self) -> list[Verdict]:
        part, value = self._part, _levels(self._point, self._part).get(self._name)
        tests: list[Verdict] = []
        if part.on is not None:
            on = self._name in self._point.on
            tests.append(self._test(f"emotion.{self._name}.on", on, "is", part.on, on is part.on, held_s=self._held_s))
        if part.at_least is not None:
            holds = None if value is None else value >= part.at_least
            tests.append(self._test(self._signal, value, ">=", part.at_least, holds, held_s=self._held_s))
        if part.at_most is not None:
            holds = None if value is None else value <= part.at_most
            tests.append(self._test(self._signal, value, "<=", part.at_most, holds, held_s=self._held_s))
        if part.held_s is not None:
            tests.append(self._test(f"{self._signal}.held_s", self._held_s, ">=", part.held_s, self._held_s >= part.held_s))
        if part.rises_per_min is not None:
            tests.append(self._slope(part.rises_per_min))
        return tests + self._sources()

    def _sources(self) -> list[Verdict]:
        part, point = self._part, self._point
        tests: list[Verdict] = []
        if part.confidence is not None:
            confidence = point.confidence.get(self._name, 0.0)
            tests.append(self._test(f"emotion.{self._name}.confidence", confidence, ">=", part.confidence, confidence >= part.confidence))
        if part.method is not None:
            # What is smoothed or followed over time has in it whatever went into it before.
            lasting = part.of == "course" or part.held_s is not None or part.rises_per_min is not None
            voice = any(one.voice for one in self._state.points) if lasting and part.method == "text" else point.voice
            method = "audio" if voice else "text"
            tests.append(self._test("emotion.method", method, "is", part.method, method == part.method))
        if part.besides_voice:
            spoken = any(one.besides_voice for one in (self._row if part.of == "course" and self._row else (point,)))
            tests.append(self._test("emotion.besides_voice", spoken, "is", True, spoken))
        return tests

    def _slope(self, least: float) -> Verdict:
        since = self._state.now_ms - self._part.over_s * 1000
        seen = [(point.at_ms / 60_000, _levels(point, self._part).get(self._name)) for point in self._state.points if point.at_ms >= since]
        slope = _slope([(minute, level) for minute, level in seen if level is not None])
        holds = None if slope is None else slope >= least
        return self._test(f"{self._signal}.per_min", None if slope is None else round(slope, 4), ">=", least, holds)

    def _test(self, signal: str, value: Value, op: str, threshold: Value, holds: bool | None, *, held_s: float | None = None) -> Verdict:
        point = self._point
        turn = point.turn or None
        return Verdict(holds, (Ground(signal, value, op, threshold, turn, point.start_ms, point.end_ms, held_s),), point.at_ms)


def _levels(point: Point, part: EmotionPart) -> Mapping[str, float]:
    return point.course if part.of == "course" else point.said


def _row(points: Sequence[Point], part: EmotionPart, name: str) -> list[Point]:
    """The last utterances in a row at which the level, or ``on``, was as asked, the earliest first."""
    row: list[Point] = []
    for point in reversed(points):
        if not _as_asked(point, part, name):
            break
        row.append(point)
    return row[::-1]


def _as_asked(point: Point, part: EmotionPart, name: str) -> bool:
    value = _levels(point, part).get(name)
    if part.on is not None and (name in point.on) is not part.on:
        return False
    if part.at_least is None and part.at_most is None:
        return part.on is not None
    if value is None:
        return False
    return (part.at_least is None or value >= part.at_least) and (part.at_most is None or value <= part.at_most)


def _slope(points: Sequence[tuple[float, float]]) -> float | None:
    """Of the line with the least squares, per unit of time; None for too few points or all at one time."""
    if len(points) < LEAST_POINTS:
        return None
    middle = sum(time for time, _ in points) / len(points)
    spread = sum((time - middle) ** 2 for time, _ in points)
    return sum((time - middle) * level for time, level in points) / spread if spread > 0 else None
