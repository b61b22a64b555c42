"""One measurement from end to end: materials, an instance of its own, calls, measures, report."""

import asyncio
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from agents.audio import Pcm
from agents.stt.moonshine import MoonshineTranscriber
from ari_app.caller.recording import write_wav
from ari_app.commands.progress import ProgressBar
from ari_app.media.g711 import RATE
from ari_app.service.layout import PROJECT
from tests.bench.turns import cost
from tests.bench.turns.agent import Place, said_at
from tests.bench.turns.alignment import Reference
from tests.bench.turns.capture import Capture, Played, Status
from tests.bench.turns.events import Call, Kind
from tests.bench.turns.figures import Figure, Inside
from tests.bench.turns.live import Placed, captures_in, place_calls
from tests.bench.turns.measures import Scene, measure, references_of
from tests.bench.turns.outcomes import Recorded, Result, Verdict
from tests.bench.turns.page import Circumstances, page
from tests.bench.turns.placing import reference_calls
from tests.bench.turns.plan import Size, plan
from tests.bench.turns.second_opinion import SecondOpinion
from tests.bench.turns.sounds import Purpose, Sound, catalogue
from tests.bench.turns.table import all_figures

CACHE: Final = PROJECT / ".patchcord" / "bench" / "understood"
_FINE: Final = frozenset(
    {Verdict.ANSWERED, Verdict.YIELDED, Verdict.STILL, Verdict.KEPT, Verdict.RESUMED, Verdict.UNDISTURBED, Verdict.HEARD_OUT}
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    out: Path
    seed: int = 1
    purpose: Purpose = "report"
    size: Size = "full"
    only: tuple[Kind, ...] = ()
    n: int | None = None
    parallel: int = 6
    keep: bool = False
    again: bool = False
    """Measure the captures that an earlier run with the same options has kept."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Of the instance, ``section.name`` -> value."""

    def told(self) -> dict[str, str | int | float]:
        facts: dict[str, str | int | float] = {"set": self.purpose, "seed": self.seed, "size": self.size, "calls at once": self.parallel}
        if self.only:
            facts["only"] = " ".join(kind.value for kind in self.only)
        if self.n is not None:
            facts["n"] = self.n
        return facts | {f"{name}": value for name, value in self.settings.items()}


@dataclass(slots=True)
class Made:
    """What a run leaves behind."""

    figures: list[Figure]
    results: list[Result]
    circumstances: Circumstances


async def run(wanted: Wanted) -> Made:
    """Raises what starting an instance raises, SpeechError without voices, ValueError when the references could not be recorded."""
    bar = ProgressBar()
    kept = wanted.out / "placed.json"
    try:
        sounds = await catalogue(wanted.purpose, seed=wanted.seed, tell=lambda kind, done, of: bar.show(f"sounds: {kind}", done, of))
        calls = plan(sounds, seed=wanted.seed, size=wanted.size, only=wanted.only, n=wanted.n)
        by_name = {sound.name: sound for sound in sounds}
        if wanted.again:
            placed = Placed.load(kept)
        else:
            wanted.out.mkdir(parents=True, exist_ok=True)
            placed = await place_calls(
                calls, by_name, out=wanted.out, seed=wanted.seed, parallel=wanted.parallel, settings=wanted.settings, bar=bar
            )
            placed.save(kept)
        results = await _measure(wanted, calls, by_name, placed.inside, bar)
        bar.show("processor time", 0, 1)
        inside = replace(placed.inside, parts=cost.measured(_talk(sounds)))
    finally:
        bar.close()
    events = sum(len(call.events) for call in calls)
    facts = {**wanted.told(), "events": events, "minutes": placed.minutes, "cores": os.cpu_count() or 0}
    made = Made(all_figures(results, inside), results, Circumstances(facts, placed.problems))
    _write(wanted, made)
    return made


def _talk(sounds: Sequence[Sound]) -> list[Sound]:
    return [sound for sound in sounds if sound.kind == "sentence"][:12]


async def _measure(wanted: Wanted, calls: Sequence[Call], sounds: Mapping[str, Sound], inside: Inside, bar: ProgressBar) -> list[Result]:
    events = {event.id: (event, call.condition.name) for call in [*reference_calls(), *calls] for event in call.events}
    captures = captures_in(wanted.out)
    references = references_of([each for each in captures if each.number == 0], reference_texts())
    found: dict[str, tuple[Result, Capture, Played]] = {}
    for done, capture in enumerate(captures):
        bar.show("measuring", done, len(captures))
        for played in capture.played if capture.number else []:
            if played.event not in events:
                raise ValueError(f"{wanted.out} holds the event {played.event}, which is not in this plan: give the options of its own run")
            event, condition = events[played.event]
            result = await asyncio.to_thread(measure, Scene(capture, played, event, condition, sounds.get(event.sound), references))
            # An event that was skipped came again in a later call.
            if played.status is Status.PLAYED or event.id not in found:
                found[event.id] = (result, capture, played)
    return await _with_second_opinions(wanted, references, inside.recorded, found, bar)


async def _with_second_opinions(
    wanted: Wanted,
    references: Sequence[Reference],
    recorded: Mapping[str, Recorded],
    found: Mapping[str, tuple[Result, Capture, Played]],
    bar: ProgressBar,
) -> list[Result]:
    ear = MoonshineTranscriber(1)
    await ear.warm_up()

    async def recognise(pcm: Pcm) -> str:
        return (await ear.transcribe(pcm)).text

    try:
        opinion = SecondOpinion(references, recorded, recognise, CACHE)
        await opinion.prepare([result for result, _, _ in found.values()], lambda done, of: bar.show("learning the answers", done, of))
        results = []
        for done, (result, capture, played) in enumerate(found.values()):
            bar.show("second opinions", done, len(found))
            results.append(await opinion.of(result, capture, played))
            if wanted.keep or results[-1].verdict not in _FINE:
                _keep_audio(wanted.out / "audio", results[-1], capture, played)
        return results
    finally:
        await ear.close()


def _keep_audio(folder: Path, result: Result, capture: Capture, played: Played) -> None:
    """The agent's side of an event, from its turn's beginning."""
    if played.status is Status.SKIPPED or not len(capture.pcm):
        return
    folder.mkdir(parents=True, exist_ok=True)
    start, end = capture.sample_at(min(played.turn_ns or played.start_ns, played.start_ns)), capture.sample_at(played.until_ns)
    write_wav(folder / f"{result.event}-{result.verdict.value}.wav", capture.pcm[start : max(end, start + RATE // 10)])


def reference_texts() -> dict[str, str]:
    """Name of each undisturbed recording to what is said in it."""
    places = (Place.GREETING, Place.LONG, Place.SHORT, Place.LEGAL)
    return {f"reference-{place.name.lower()}-{each}": text for place in places for each, text in enumerate(said_at(place))}


def _write(wanted: Wanted, made: Made) -> None:
    """``events.jsonl``, ``figures.jsonl``, ``report.html``; captures stay only when they are to be kept."""
    facts: dict[str, Any] = dict(made.circumstances.facts)
    lines = [json.dumps(result.to_json()) for result in made.results]
    (wanted.out / "events.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines = [json.dumps({**figure.to_json(), "circumstances": facts}) for figure in made.figures]
    (wanted.out / "figures.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (wanted.out / "report.html").write_text(page(made.figures, made.results, made.circumstances), encoding="utf-8")
    if not wanted.keep and not wanted.again:
        shutil.rmtree(wanted.out / "captures")
        shutil.copytree(wanted.out / "instance" / "logs", wanted.out / "logs", dirs_exist_ok=True)
        shutil.rmtree(wanted.out / "instance")
