"""From captures to results: what became of each event, by the packets at the caller alone. Pure.

Conventions as in ``ari_app.caller.measures``: a frame is heard when its packet arrives, and spoken when its packet leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from ari_app.caller.speech_level import Spurt
from ari_app.media.g711 import RATE
from tests.bench.turns.alignment import SHORTEST, Piece, Reference, Trace, best_reference, seam, trace
from tests.bench.turns.capture import Capture, Played, Status
from tests.bench.turns.events import SURVIVING, Event, Kind
from tests.bench.turns.outcomes import Result, Verdict
from tests.bench.turns.sounds import Sound

RESUME_LIMIT_MS: Final = 600.0
YIELD_LIMIT_MS: Final = 1000.0
"""An agent that is still speaking so long after the onset has not yielded."""
LEAST_PAUSE_MS: Final = 40.0
"""Shorter breaks of an answer are a late packet or the seam of two sentences."""
IN_SPEECH_MS: Final = 250.0
"""The agent counts as speaking at an onset when its last speech frame is no older: longer are its pauses between sentences."""
_LAST_WORD: Final = RATE * 6 // 10
"""Samples: an answer of which no more than this is missing was heard to its end."""
_LONGEST_OWN_PAUSE: Final = RATE // 2
"""Samples: between two sentences of one answer there is less silence."""
_FRAME_NS: Final = 20_000_000


@dataclass(frozen=True, slots=True)
class Scene:
    """One event with all that is known of it."""

    capture: Capture
    played: Played
    event: Event
    condition: str
    sound: Sound | None
    references: Sequence[Reference]


def measure(scene: Scene) -> Result:
    """The result of one event."""
    event, sound = scene.event, scene.sound
    blank = Result(
        event.id,
        event.kind.value,
        scene.condition,
        event.sound,
        sound.kind if sound is not None else "",
        f"{sound.source}/{sound.voice}" if sound is not None else "",
        Verdict.SKIPPED,
        scene.capture.caller_id,
    )
    if scene.played.status is Status.SKIPPED:
        return blank
    if event.kind in (Kind.INTERRUPT, Kind.KEY, Kind.LEGAL, *SURVIVING):
        blank = replace(blank, at_ms=_ms(scene.played.onset_ns - scene.played.turn_ns))
    return _MEASURES[event.kind](scene, blank)


def _in_turn(scene: Scene, blank: Result) -> Result:
    """Finished sentences, sentences with pauses and sentences that break off: when did the agent begin?"""
    played = scene.played
    pauses = scene.sound.pauses if scene.sound is not None else ()
    longest = max(pauses, key=lambda pause: pause.length_s, default=None)
    blank = replace(blank, pause_ms=None if longest is None else round(longest.length_s * 1000, 1))
    begun = [spurt for spurt in scene.capture.spurts(played.start_ns, played.until_ns) if spurt.start_ns > played.onset_ns]
    early = [spurt for spurt in begun if spurt.start_ns <= played.end_ns]
    if early:
        paused_ns = _pause_before(scene, early[0].start_ns)
        return replace(blank, verdict=Verdict.CUT_IN, cut_in_at_ms=None if paused_ns is None else _ms(early[0].start_ns - paused_ns))
    if not begun:
        return replace(blank, verdict=Verdict.UNANSWERED)
    return replace(blank, verdict=Verdict.ANSWERED, gap_ms=_ms(begun[0].start_ns - played.end_ns))


def _pause_before(scene: Scene, at_ns: int) -> int | None:
    """Beginning of the pause of the caller's that a cut-in followed on."""
    starts = [scene.played.start_ns + round(pause.start_s * 1e9) for pause in (scene.sound.pauses if scene.sound else ())]
    return max((start for start in starts if start < at_ns), default=None)


def _interrupted(scene: Scene, blank: Result) -> Result:
    """Did the answer that was spoken over stop, and when?"""
    capture, played = scene.capture, scene.played
    turn_from = capture.sample_at(played.turn_ns)
    reference = _reference(scene, turn_from)
    if reference is None:
        return replace(blank, verdict=Verdict.SKIPPED, note="the agent was not speaking one of its known answers")
    traced = trace(capture.pcm, turn_from, capture.sample_at(played.until_ns), reference)
    if not traced.pieces:
        return replace(blank, verdict=Verdict.SKIPPED, note="the answer could not be found in what was received")
    last = traced.pieces[-1]
    last_ns = _last_speech(capture, played.turn_ns, capture.time_of(last.heard_end - 1))
    answer = _answer(capture, traced, played)
    told_s = round(last.told_end / RATE, 3)
    blank = replace(blank, told_s=told_s, reference=reference.name, gap_ms=None if answer is None else _ms(answer.start_ns - played.end_ns))
    early = any(played.onset_ns < capture.time_of(each.heard) <= played.end_ns for each in traced.foreign)
    blank = replace(blank, spoke_early=early)
    stop_ms = _ms(last_ns - played.onset_ns)
    if stop_ms > YIELD_LIMIT_MS:
        return replace(blank, verdict=Verdict.TALKED_ON, stop_ms=stop_ms)
    before = capture.speech_frames(played.onset_ns - round(IN_SPEECH_MS * 1e6), played.onset_ns)
    if not before and stop_ms <= 0:
        return replace(blank, verdict=Verdict.STILL)
    return replace(blank, verdict=Verdict.YIELDED, stop_ms=max(0.0, stop_ms), note="" if answer is not None else "no answer")


def _answer(capture: Capture, traced: Trace, played: Played) -> Spurt | None:
    """The agent's next turn after an interruption: the first talk spurt of other words that begins behind the caller's."""
    for each in traced.foreign:
        found = capture.spurts(capture.time_of(each.heard), played.until_ns)
        if found and found[0].start_ns > played.end_ns:
            return found[0]
    return None


def _survived(scene: Scene, blank: Result) -> Result:
    """Did the very same answer go on from the very same sample, in time?"""
    capture, played = scene.capture, scene.played
    onset, until = capture.sample_at(played.onset_ns), capture.sample_at(played.until_ns)
    turn_from = capture.sample_at(played.turn_ns)
    reference = _reference(scene, turn_from)
    if reference is None:
        return replace(blank, verdict=Verdict.SKIPPED, note="the agent was not speaking one of its known answers")
    traced = trace(capture.pcm, turn_from, until, reference)
    blank = replace(blank, reference=reference.name)
    before = [piece for piece in traced.pieces if piece.heard <= onset]
    if not before:
        return replace(blank, verdict=Verdict.SKIPPED, note="the answer had not begun")
    after = [piece for piece in traced.pieces if piece.heard > onset]
    strange = [each for each in traced.foreign if each.heard > onset and each.heard_end - each.heard > 2 * SHORTEST]
    blank = replace(blank, told_s=round(before[-1].told_end / RATE, 3))
    last = [*before, *after][-1]
    whole = last.told_end >= len(reference.pcm) - _LAST_WORD
    if strange and not whole:
        return replace(blank, verdict=Verdict.REPLACED, resume_ms=_ms(capture.time_of(strange[0].heard) - played.end_ns))
    if not whole and last.heard_end < until - _LONGEST_OWN_PAUSE:
        return replace(blank, verdict=Verdict.DIED)
    return _seams(scene, blank, [before[-1], *after])


def _seams(scene: Scene, blank: Result, pieces: Sequence[Piece]) -> Result:
    """Judge the pauses between pieces of one answer."""
    capture, played = scene.capture, scene.played
    pairs = list(pairwise(pieces))
    seams = [seam(capture.pcm, one, other) for one, other in pairs]
    lost, repeated = sum(each.lost for each in seams), sum(each.repeated for each in seams)
    held = sum(max(0, each.inserted) for each in seams)
    exact = all(each.exact for each in seams)
    breaks = [other for (_, other), each in zip(pairs, seams, strict=True) if not each.exact or each.inserted > LEAST_PAUSE_MS * 8]
    blank = replace(blank, held_ms=round(held / 8, 1), lost_samples=lost, repeated_samples=repeated)
    if not breaks:
        return replace(blank, verdict=Verdict.KEPT)
    resumed_ns = capture.time_of(breaks[-1].heard)
    paused = next(one for one, other in pairs if other in breaks)
    paused_ns = _last_speech(capture, played.turn_ns, capture.time_of(paused.heard_end - 1)) + _FRAME_NS
    resume_ms = _ms(resumed_ns - played.end_ns)
    blank = replace(blank, resume_ms=resume_ms, resume_after_pause_ms=_ms(resumed_ns - paused_ns))
    if not exact:
        return replace(blank, verdict=Verdict.SHIFTED)
    return replace(blank, verdict=Verdict.RESUMED if resume_ms <= RESUME_LIMIT_MS else Verdict.LATE)


def _listened(scene: Scene, blank: Result) -> Result:
    """A turn that nobody disturbed: it should be the reference from its beginning to its end."""
    capture, played = scene.capture, scene.played
    start, until = capture.sample_at(played.turn_ns), capture.sample_at(played.until_ns)
    reference = _reference(scene, start)
    if reference is None:
        return replace(blank, verdict=Verdict.SKIPPED, note="the agent was not speaking one of its known answers")
    traced = trace(capture.pcm, start, until, reference)
    blank = replace(blank, reference=reference.name)
    if not traced.pieces or traced.pieces[-1].told_end < len(reference.pcm) - _LAST_WORD:
        return replace(blank, verdict=Verdict.BROKEN, told_s=round(traced.pieces[-1].told_end / RATE, 3) if traced.pieces else 0.0)
    seams = [seam(capture.pcm, one, other) for one, other in pairwise(traced.pieces)]
    held = sum(each.inserted for each in seams if each.inserted > LEAST_PAUSE_MS * 8)
    if not all(each.exact for each in seams):
        return replace(blank, verdict=Verdict.BROKEN, held_ms=round(held / 8, 1))
    return replace(blank, verdict=Verdict.HELD if held else Verdict.UNDISTURBED, held_ms=round(held / 8, 1))


def _legal(scene: Scene, blank: Result) -> Result:
    """A legal text goes on without a break; the answer comes after it."""
    heard = _listened(scene, blank)
    if heard.verdict is not Verdict.UNDISTURBED:
        return heard if heard.verdict is Verdict.SKIPPED else replace(heard, verdict=Verdict.BROKEN)
    capture, played = scene.capture, scene.played
    reference = next(each for each in scene.references if each.name == heard.reference)
    traced = trace(capture.pcm, capture.sample_at(played.turn_ns), capture.sample_at(played.until_ns), reference)
    over = traced.pieces[-1].heard_end
    answers = [each for each in traced.foreign if each.heard >= over]
    if not answers:
        return replace(heard, verdict=Verdict.IGNORED)
    since = max(capture.time_of(over), played.end_ns)
    return replace(heard, verdict=Verdict.HEARD_OUT, gap_ms=_ms(capture.time_of(answers[0].heard) - since))


_MEASURES: Final = {
    Kind.FINISHED: _in_turn,
    Kind.PAUSE: _in_turn,
    Kind.HANGING: _in_turn,
    Kind.INTERRUPT: _interrupted,
    Kind.KEY: _interrupted,
    Kind.BACKCHANNEL: _survived,
    Kind.NOISE: _survived,
    Kind.LISTEN: _listened,
    Kind.LEGAL: _legal,
}


def references_of(captures: Sequence[Capture], texts: Mapping[str, str]) -> list[Reference]:
    """The undisturbed recordings; ``texts``: name of the event to what was said. Raises ValueError when one is missing."""
    found: dict[str, Reference] = {}
    for capture in captures:
        for played in capture.played:
            if played.event not in texts or played.status is Status.SKIPPED:
                continue
            frames = capture.speech_frames(played.turn_ns, played.until_ns)
            start, end = capture.sample_at(played.turn_ns), capture.sample_at(frames[-1] + 1) + RATE // 50
            found[played.event] = Reference(played.event, texts[played.event], capture.pcm[start:end].copy())
    missing = sorted(set(texts) - set(found))
    if missing:
        raise ValueError(f"no undisturbed recording of {', '.join(missing)}: the first calls of the measurement broke off")
    return list(found.values())


def _reference(scene: Scene, start: int) -> Reference | None:
    return best_reference(scene.capture.pcm, start, scene.capture.sample_at(scene.played.until_ns), scene.references)


def _last_speech(capture: Capture, start_ns: int, end_ns: int) -> int:
    """The agent's last speech frame up to a time, that one included."""
    frames = capture.speech_frames(start_ns, end_ns + 1)
    return frames[-1] if frames else start_ns


def _ms(nanoseconds: int) -> float:
    return round(nanoseconds / 1e6, 1)
