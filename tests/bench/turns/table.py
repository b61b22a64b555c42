"""The rows of the report in their order: which results go into which figure."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from tests.bench.turns import figures
from tests.bench.turns.figures import Figure, Inside, choose
from tests.bench.turns.outcomes import Result

_PAUSES_MS: Final = (0.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0, 850.0, 1000.0, 1250.0, 1500.0)


def all_figures(results: Sequence[Result], inside: Inside) -> list[Figure]:
    """Every row that something was measured for; those with a bound first."""
    found = [*_bounded(results, inside), *_reported(results)]
    return [each for each in found if each.n]


def _on(condition: str) -> Callable[[Result], bool]:
    return lambda each: each.condition == condition


def _clean(material: str) -> Callable[[Result], bool]:
    return lambda each: each.condition == "clean" and each.material == material


def _short(each: Result) -> bool:
    return each.condition == "clean" and each.material in ("answer", "digit")


def _bounded(results: Sequence[Result], inside: Inside) -> list[Figure]:
    interrupted = choose(results, ["interrupt"], _on("clean"))
    listened = choose(results, ["listen"])
    weak = [each for each in listened if each.condition.startswith("echo") and _echo_db(each) <= figures.WEAK_ECHO_DB]
    rows = [
        figures.response(
            "response gap", choose(results, ["finished"], _on("clean")), "finished sentences, words, digits", p50=350, p95=800
        ),
        figures.cut_ins(choose(results, ["pause"]), 0.0, figures.SHORT_PAUSE_MS, bound=5),
        figures.interruptions("interruptions", interrupted, "from the first word on, greeting included"),
        figures.silent_packets(inside.silenced),
    ]
    for condition, name in (("quiet", "-34 dBov caller"), ("line-noise", "-38 dBov line noise")):
        rows.append(figures.response(f"response gap, {name}", choose(results, ["finished"], _on(condition)), name, p50=350, p95=800))
        rows.append(figures.interruptions(f"interruptions, {name}", choose(results, ["interrupt"], _on(condition)), name))
    return [
        *rows,
        figures.undisturbed("noise alone", [each for each in listened if each.condition == "line-noise"], "-38 dBov", holds=True),
        figures.response(
            "response gap, one word or digit", choose(results, ["finished"], _short), "yes, no, single digits", p50=350, p95=800
        ),
        figures.survivals("backchannels, coughs and noises survived", choose(results, ["backchannel", "noise"])),
        figures.undisturbed("echo at -15 dB or weaker", weak, "20 to 200 ms"),
        figures.recorded_words(choose(results, ["interrupt", "key"])),
        figures.speculation(inside.recorded),
        figures.cost(inside),
    ]


def _reported(results: Sequence[Result]) -> list[Figure]:
    rows = [
        figures.response(
            "gap: synthetic voices", choose(results, ["finished"], lambda e: _clean("sentence")(e) and not _human(e)), "sentences"
        ),
        figures.response("gap: human voices", choose(results, ["finished"], lambda e: _clean("sentence")(e) and _human(e)), "sentences"),
        figures.response("gap: yes, no and the like", choose(results, ["finished"], _clean("answer")), "one word"),
        figures.response("gap: single digits", choose(results, ["finished"], _clean("digit")), "one word"),
        figures.response("gap: after a pause inside", choose(results, ["pause"]), "sentences, numbers, addresses"),
        figures.response("wait: after half a sentence", choose(results, ["hanging"]), "what follows never comes"),
    ]
    paused = choose(results, ["pause"])
    rows += [figures.cut_ins(paused, low, high) for low, high in pairwise(_PAUSES_MS)]
    greeted = choose(results, ["interrupt"], lambda each: each.condition == "clean" and "greeting" in each.reference)
    rows.append(figures.interruptions("interruptions of the greeting", greeted, "clean", bound=False))
    early = choose(results, ["interrupt"], lambda each: each.condition == "clean" and each.at_ms is not None and each.at_ms <= 1000)
    rows.append(figures.interruptions("interruptions in the first second", early, "clean", bound=False))
    rows.append(figures.interruptions("keys over the agent", choose(results, ["key"]), "clean", bound=False))
    for name in ("snr-20", "snr-10", "snr-5", "loss-1", "loss-2", "loss-3"):
        rows.append(figures.response(f"gap: {name}", choose(results, ["finished"], _on(name)), name))
        rows.append(figures.interruptions(f"interruptions: {name}", choose(results, ["interrupt"], _on(name)), name, bound=False))
    echoes = choose(results, ["interrupt"], lambda each: each.condition.startswith("echo"))
    rows.append(figures.interruptions("interruptions under echo", echoes, "-15 to -30 dB", bound=False))
    rows.append(figures.survivals("survived: backchannels", choose(results, ["backchannel"]), bound=False))
    rows.append(figures.survivals("survived: coughs and noises", choose(results, ["noise"]), bound=False))
    listened = choose(results, ["listen"], lambda each: each.condition.startswith("echo"))
    for level in sorted({_echo_db(each) for each in listened}):
        chosen = [each for each in listened if _echo_db(each) == level]
        rows.append(figures.undisturbed(f"echo at {level:g} dB", chosen, "20 to 200 ms", bound=False))
    return [*rows, figures.legal(choose(results, ["legal"]))]


def _human(result: Result) -> bool:
    return "/person:" in result.source


def _echo_db(result: Result) -> float:
    """From the name of the condition: ``echo-15-60ms``."""
    return float(result.condition.removeprefix("echo").rsplit("-", 1)[0])
