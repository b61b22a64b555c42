"""A plot as SVG text, with no library: some lines over one axis, one panel below the other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

_WIDTH: Final = 760
_PANEL: Final = 230
_LEFT: Final = 64
_RIGHT: Final = 150
_TOP: Final = 34
_BOTTOM: Final = 36
_COLOURS: Final = ("#0b6bcb", "#c2410c", "#15803d", "#7c3aed", "#475569")


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    lines: Sequence[Line]
    limit: float | None = None
    """Drawn across: where the figure breaks."""


def plot(heading: str, x_name: str, panels: Sequence[Panel]) -> str:
    """A whole SVG document. Panels without a point are left out."""
    shown = [panel for panel in panels if any(line.points for line in panel.lines)]
    height = 30 + _PANEL * len(shown)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
        f'<text x="{_LEFT}" y="20" font-size="15" font-weight="bold">{escape(heading)}</text>',
    ]
    for number, panel in enumerate(shown):
        parts += _panel(panel, x_name, 24 + number * _PANEL)
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, x_name: str, top: float) -> list[str]:
    points = [point for line in panel.lines for point in line.points]
    most_x = max(x for x, _ in points) or 1.0
    most_y = _round_up(max([y for _, y in points] + ([panel.limit] if panel.limit is not None else [])))
    width, height = _WIDTH - _LEFT - _RIGHT, _PANEL - _TOP - _BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        return round(_LEFT + x / most_x * width, 1), round(top + _TOP + height - y / most_y * height, 1)

    out = [f'<text x="{_LEFT}" y="{top + 22}" font-weight="bold">{escape(panel.title)}</text>']
    for step in range(5):
        (left, y), value = place(0, most_y * step / 4), most_y * step / 4
        out.append(f'<line x1="{left}" y1="{y}" x2="{left + width}" y2="{y}" stroke="#e5e7eb"/>')
        out.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{value:g}</text>')
        (x, bottom), at = place(most_x * step / 4, 0), most_x * step / 4
        out.append(f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{at:.4g}</text>')
    out.append(f'<text x="{_LEFT + width}" y="{top + _PANEL - 4}" text-anchor="end">{escape(x_name)}</text>')
    if panel.limit is not None:
        left, y = place(0, panel.limit)
        out.append(f'<line x1="{left}" y1="{y}" x2="{left + width}" y2="{y}" stroke="#b91c1c" stroke-dasharray="5 4"/>')
    for number, line in enumerate(panel.lines):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(f"{x},{y}" for x, y in (place(*point) for point in sorted(line.points)))
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in (place(*point) for point in line.points)]
        out.append(f'<text x="{_LEFT + width + 10}" y="{top + _TOP + 14 + 18 * number}" fill="{colour}">{escape(line.name)}</text>')
    return out


def _round_up(value: float) -> float:
    """The next 1, 2, 4 or 8 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return float(next(step * power for step in (1, 2, 4, 8, 10) if step * power >= value))
