"""The one-page HTML report: the table, the plots, what was lost and under which conditions. Self-contained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from tests.bench.turns.budget import SHORT_PAUSES_MS, at_budgets, curve
from tests.bench.turns.figures import Figure, choose, cut_ins, interruptions, survivals
from tests.bench.turns.outcomes import SURVIVED, Result, Verdict
from tests.bench.turns.plots import Axis, Mark, Series, bars, histogram, lines

_STYLE: Final = """
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:1040px;padding:0 1rem;color:#111;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%;font-size:13px}
th,td{text-align:left;padding:.3rem .5rem;border-bottom:1px solid #ddd;vertical-align:top}td.n{text-align:right}
.met{color:#047857;font-weight:600}.missed{color:#b91c1c;font-weight:600}.plots{display:grid;grid-template-columns:1fr 1fr;gap:1rem}
figure{margin:0}figcaption{font-weight:600;font-size:13px}svg{width:100%}.axis{stroke:#333}.grid{stroke:#eee}.mark{stroke:#b91c1c;
stroke-dasharray:4 3}.small{font:10px system-ui,sans-serif;fill:#333}.marked{fill:#b91c1c}.middle{text-anchor:middle}.end{text-anchor:end}
.legend{font-size:12px;margin:.2rem 0}.legend i{display:inline-block;width:.7em;height:.7em;margin-right:.3em}.legend span{margin-right:1em}
@media(max-width:700px){.plots{grid-template-columns:1fr}}
"""
_GOOD: Final = frozenset(
    {
        Verdict.ANSWERED,
        Verdict.YIELDED,
        Verdict.STILL,
        Verdict.UNDISTURBED,
        Verdict.HEARD_OUT,
        Verdict.SKIPPED,
        *SURVIVED,
    }
)
_MOST_FAILURES: Final = 60


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Under which a measurement was made: told in the report and in every JSON line of a figure."""

    facts: Mapping[str, str | int | float]
    problems: Sequence[str] = ()
    """Calls that broke off, events that could not be played."""


def page(figures: Sequence[Figure], results: Sequence[Result], circumstances: Circumstances) -> str:
    facts = " · ".join(f"{escape(name)} {escape(str(value))}" for name, value in circumstances.facts.items())
    problems = "".join(f"<li>{escape(problem)}</li>" for problem in circumstances.problems)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Turn taking, measured at the caller</title>'
        f"<style>{_STYLE}</style></head><body><h1>Turn taking, measured at the caller's RTP</h1><p>{facts}</p>"
        f"{_table([each for each in figures if each.bound or each.met is not None])}"
        f'<h2>Distributions</h2><div class="plots">{"".join(_plots(results))}</div>{_budgets(results)}'
        f"<h2>In detail</h2>{_table([each for each in figures if not each.bound])}"
        f"<h2>What went wrong</h2>{_failures(results)}<ul>{problems}</ul></body></html>\n"
    )


def _table(figures: Sequence[Figure]) -> str:
    rows = []
    for each in figures:
        verdict = "" if each.met is None else f'<span class="{"met" if each.met else "missed"}">{"met" if each.met else "not met"}</span>'
        rows.append(
            f"<tr><td>{escape(each.name)}<br><small>{escape(each.conditions)}</small></td><td class=n>{each.n}</td>"
            f"<td>{escape(told(each))}</td><td>{escape(each.bound)}</td><td>{verdict}</td></tr>"
        )
    return f"<table><tr><th>what</th><th>n</th><th>figures</th><th>bound</th><th></th></tr>{''.join(rows)}</table>"


def told(figure: Figure) -> str:
    """Its values in one line; those that are nothing left out."""
    return ", ".join(f"{_name(name)} {_value(name, value)}" for name, value in figure.values.items() if value is not None)


def _name(name: str) -> str:
    return name.removesuffix("_ms").removesuffix("_percent").replace("_", " ")


def _value(name: str, value: float) -> str:
    return f"{value:g} ms" if name.endswith("_ms") else f"{value:g} %" if name.endswith("_percent") else f"{value:g}"


def _plots(results: Sequence[Result]) -> list[str]:
    clean = [each for each in results if each.condition == "clean"]
    return [_gaps(clean), _pauses(clean), _curve(results), _selectivity(results), _stops(clean), _holds(clean)]


def _gaps(clean: Sequence[Result]) -> str:
    finished = choose(clean, ["finished"], lambda each: each.gap_ms is not None)
    groups: dict[str, list[float]] = {"synthetic": [], "human": [], "one word or digit": []}
    for each in finished:
        name = "one word or digit" if each.material in ("answer", "digit") else "human" if "/person:" in each.source else "synthetic"
        groups[name].append(each.gap_ms or 0.0)
    marks = (Mark(350, "p50"), Mark(800, "p95"))
    return histogram(
        "Response gap after finished sentences", Axis("ms, last speech frame to first", 0, 1500), list(groups.items()), marks=marks
    )


def _pauses(clean: Sequence[Result]) -> str:
    paused = choose(clean, ["pause"])
    edges = ((0, 300), (300, 500), (500, 700), (700, 1000), (1000, 1250), (1250, 1500))
    values: list[tuple[str, float | None]] = []
    for low, high in edges:
        figure = cut_ins(paused, low, high)
        values.append((f"≤ {high / 1000:g} s", figure.values["share_percent"]))
    return bars("Cut-ins by length of the pause", Axis("% of pauses", 0, 100), values, marks=(Mark(5, "5 % up to 0.7 s", vertical=False),))


def _curve(results: Sequence[Result]) -> str:
    series = []
    for name, lengths in (("pauses of 0.2 to 1.5 s", None), ("pauses up to 0.7 s", SHORT_PAUSES_MS)):
        points = curve(results, lengths) if lengths else curve(results)
        series.append(Series(f"p50, {name}", [(point.cut_in_percent, point.p50_ms) for point in points]))
    now = [(point.cut_in_percent, point.p50_ms) for point in curve(results) if abs(point.factor - 1) < 0.02][:1]
    series.append(Series("as measured", now, joined=False))
    return lines(
        "Latency against cut-ins, all waits scaled", Axis("cut-ins, % of pauses", 0, 60), Axis("response gap, ms", 0, 1200), series
    )


def _selectivity(results: Sequence[Result]) -> str:
    sounds = choose(results, ["backchannel", "noise"])
    alive = survivals("", sounds).values["survived_percent"]
    series = []
    for name in ("clean", "quiet", "line-noise"):
        chosen = [each for each in choose(results, ["interrupt"]) if each.condition == name]
        yielded = interruptions(name, chosen, name).values["yielded_percent"]
        if yielded is not None and alive is not None:
            series.append(Series(name, [(alive, yielded)], joined=False, labels=(name,)))
    marks = (Mark(90, "90 %"), Mark(97, "97 %", vertical=False))
    return lines(
        "Yield against backchannel selectivity",
        Axis("sounds survived, %", 0, 100),
        Axis("interruptions yielded to, %", 0, 100),
        series,
        marks=marks,
    )


def _stops(clean: Sequence[Result]) -> str:
    stops = [each.stop_ms for each in choose(clean, ["interrupt"]) if each.stop_ms is not None]
    return histogram(
        "Onset of an interruption to silence", Axis("ms", 0, 500), [("interruptions", stops)], marks=(Mark(100, "p50"), Mark(200, "p95"))
    )


def _holds(clean: Sequence[Result]) -> str:
    groups = [(kind, [each.held_ms for each in choose(clean, [kind]) if each.held_ms]) for kind in ("backchannel", "noise")]
    return histogram("Length of the pauses made for sounds that were no interruption", Axis("ms held", 0, 2000), groups)


def _budgets(results: Sequence[Result]) -> str:
    points = at_budgets(curve(results))
    if not any(points.values()):
        return ""
    cells = "".join(
        f"<tr><td>{budget:g} %</td><td>{'–' if point is None else f'{point.p50_ms:g} / {point.p95_ms:g} ms'}</td>"
        f"<td>{'–' if point is None else f'{point.factor:g}'}</td></tr>"
        for budget, point in points.items()
    )
    return (
        "<h2>Latency at fixed cut-in budgets</h2><p>Were all waits scaled by one factor; pauses of 0.2 to 1.5 s in equal parts.</p>"
        f"<table><tr><th>cut-ins allowed</th><th>gap p50 / p95</th><th>factor</th></tr>{cells}</table>"
    )


def _failures(results: Sequence[Result]) -> str:
    bad = [each for each in results if each.verdict not in _GOOD or each.words_right is False]
    rows = "".join(
        f"<tr><td>{escape(each.event)}</td><td>{escape(each.condition)}</td><td>{escape(each.sound)}</td><td>{each.verdict.value}</td>"
        f"<td>{escape(_about(each))}</td></tr>"
        for each in bad[:_MOST_FAILURES]
    )
    more = f"<p>{len(bad) - _MOST_FAILURES} more in events.jsonl</p>" if len(bad) > _MOST_FAILURES else ""
    return f"<table><tr><th>event</th><th>line</th><th>sound</th><th>verdict</th><th></th></tr>{rows}</table>{more}"


def _about(result: Result) -> str:
    names = ("at_ms", "pause_ms", "cut_in_at_ms", "stop_ms", "held_ms", "resume_ms", "lost_samples", "repeated_samples", "call")
    tree = result.to_json()
    return ", ".join(f"{name.removesuffix('_ms').replace('_', ' ')} {tree[name]}" for name in names if name in tree)
