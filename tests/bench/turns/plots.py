"""Small plots as inline SVG: what one page needs, no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 460
HEIGHT: Final = 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 14, 40
COLOURS: Final = ("#2563eb", "#d97706", "#059669", "#b91c1c", "#7c3aed", "#475569")


@dataclass(frozen=True, slots=True)
class Axis:
    label: str
    least: float
    most: float

    def ticks(self) -> list[float]:
        """Four to eight round values."""
        span = self.most - self.least
        step = next(size * 10**power for power in range(-3, 7) for size in (1, 2, 5) if span / (size * 10**power) <= 8)
        first = -(-self.least // step)
        return [round((first + index) * step, 6) for index in range(int((self.most - first * step) / step + 1e-9) + 1)]

    def place(self, value: float, start: float, end: float) -> float:
        share = (min(max(value, self.least), self.most) - self.least) / (self.most - self.least or 1)
        return round(start + share * (end - start), 1)


@dataclass(frozen=True, slots=True)
class Mark:
    """A value worth a line across the plot, such as a bound."""

    value: float
    label: str
    vertical: bool = True


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    points: Sequence[tuple[float, float]]
    joined: bool = True
    """A line; otherwise dots, each with its label when there is one."""
    labels: Sequence[str] = ()


def histogram(title: str, x: Axis, groups: Sequence[tuple[str, Sequence[float]]], *, bins: int = 30, marks: Sequence[Mark] = ()) -> str:
    """Counts of values, groups stacked; what lies beyond the axis is counted at its end."""
    size = (x.most - x.least) / bins
    counts = [[0] * bins for _ in groups]
    for row, (_, values) in zip(counts, groups, strict=True):
        for value in values:
            row[min(bins - 1, max(0, int((value - x.least) / size)))] += 1
    highest = max((sum(column) for column in zip(*counts, strict=True)), default=0) if counts else 0
    y = Axis("events", 0, max(highest, 1))
    parts = []
    for index in range(bins):
        base = 0
        for colour, row in enumerate(counts):
            if row[index]:
                left, right = _x(x, x.least + index * size), _x(x, x.least + (index + 1) * size)
                top, bottom = _y(y, base + row[index]), _y(y, base)
                parts.append(_bar(left, top, right, bottom, COLOURS[colour % len(COLOURS)]))
                base += row[index]
    return _plot(title, x, y, parts, [(name, len(values)) for name, values in groups], marks)


def lines(title: str, x: Axis, y: Axis, series: Sequence[Series], *, marks: Sequence[Mark] = ()) -> str:
    parts = []
    for index, each in enumerate(series):
        colour = COLOURS[index % len(COLOURS)]
        places = [(_x(x, across), _y(y, up)) for across, up in each.points]
        if each.joined and places:
            path = " ".join(f"{across},{up}" for across, up in places)
            parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
            continue
        parts += [f'<circle cx="{across}" cy="{up}" r="4" fill="{colour}"/>' for across, up in places]
        parts += [
            f'<text x="{across + 7}" y="{up + 4}" class="small">{escape(label)}</text>'
            for (across, up), label in zip(places, each.labels, strict=False)
        ]
    return _plot(title, x, y, parts, [(each.name, None) for each in series], marks)


def bars(title: str, y: Axis, values: Sequence[tuple[str, float | None]], *, marks: Sequence[Mark] = ()) -> str:
    """One bar per name, nothing where there is no value."""
    x = Axis("", 0, max(len(values), 1))
    parts = []
    for index, (name, value) in enumerate(values):
        left, right = _x(x, index + 0.15), _x(x, index + 0.85)
        if value is not None:
            parts.append(_bar(left, _y(y, value), right, _y(y, 0), COLOURS[0]))
            parts.append(f'<text x="{(left + right) / 2}" y="{_y(y, value) - 3}" class="small middle">{value:g}</text>')
        parts.append(f'<text x="{(left + right) / 2}" y="{HEIGHT - _BOTTOM + 14}" class="small middle">{escape(name)}</text>')
    return _plot(title, x, y, parts, [], marks, named=True)


def _bar(left: float, top: float, right: float, bottom: float, colour: str) -> str:
    return f'<rect x="{left}" y="{top}" width="{max(right - left - 0.5, 0.5):.1f}" height="{bottom - top:.1f}" fill="{colour}"/>'


def _x(axis: Axis, value: float) -> float:
    return axis.place(value, _LEFT, WIDTH - _RIGHT)


def _y(axis: Axis, value: float) -> float:
    return axis.place(value, HEIGHT - _BOTTOM, _TOP)


def _plot(
    title: str, x: Axis, y: Axis, parts: Sequence[str], legend: Sequence[tuple[str, int | None]], marks: Sequence[Mark], named: bool = False
) -> str:
    bottom = HEIGHT - _BOTTOM
    frame = [f'<line x1="{_LEFT}" y1="{bottom}" x2="{WIDTH - _RIGHT}" y2="{bottom}" class="axis"/>']
    for tick in [] if named else x.ticks():
        frame.append(f'<text x="{_x(x, tick)}" y="{bottom + 14}" class="small middle">{tick:g}</text>')
    for tick in y.ticks():
        up = _y(y, tick)
        frame.append(f'<line x1="{_LEFT}" y1="{up}" x2="{WIDTH - _RIGHT}" y2="{up}" class="grid"/>')
        frame.append(f'<text x="{_LEFT - 5}" y="{up + 4}" class="small end">{tick:g}</text>')
    frame.append(f'<text x="{(_LEFT + WIDTH - _RIGHT) / 2}" y="{HEIGHT - 8}" class="small middle">{escape(x.label)}</text>')
    middle = (_TOP + bottom) / 2
    turned = f'transform="rotate(-90 12 {middle})"'
    frame.append(f'<text x="12" y="{middle}" class="small middle" {turned}>{escape(y.label)}</text>')
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"{''.join(frame)}{''.join(parts)}{''.join(_mark(mark, x, y) for mark in marks)}</svg>{_legend(legend)}</figure>"
    )


def _mark(mark: Mark, x: Axis, y: Axis) -> str:
    if mark.vertical:
        at = _x(x, mark.value)
        line, text = f'x1="{at}" y1="{_TOP}" x2="{at}" y2="{HEIGHT - _BOTTOM}"', f'x="{at + 3}" y="{_TOP + 8}"'
    else:
        at = _y(y, mark.value)
        line, text = f'x1="{_LEFT}" y1="{at}" x2="{WIDTH - _RIGHT}" y2="{at}"', f'x="{_LEFT + 4}" y="{at - 4}"'
    return f'<line {line} class="mark"/><text {text} class="small marked">{escape(mark.label)}</text>'


def _legend(entries: Sequence[tuple[str, int | None]]) -> str:
    if not entries:
        return ""
    told = [
        f'<span><i style="background:{COLOURS[index % len(COLOURS)]}"></i>{escape(name)}{"" if count is None else f" ({count})"}</span>'
        for index, (name, count) in enumerate(entries)
    ]
    return f'<p class="legend">{" ".join(told)}</p>'
