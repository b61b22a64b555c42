"""What the recogniser makes of the audio at the caller: words told of interrupted answers, and whether a resumed answer says the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from agents.audio import silence
from ari_app.caller.report import upsample
from ari_app.media.g711 import RATE
from tests.bench.turns.alignment import Reference, trace
from tests.bench.turns.capture import Capture, Played
from tests.bench.turns.history import turn_at
from tests.bench.turns.outcomes import Recorded, Result, Verdict
from tests.bench.turns.words import Recognise, WordClock, same_words, word_clock, words

_YIELDING: Final = frozenset({Verdict.YIELDED, Verdict.STILL})
_RETURNING: Final = frozenset({Verdict.RESUMED, Verdict.LATE})
_LISTEN_S: Final = 2.0
"""So much of a resumed answer is recognised."""


class SecondOpinion:
    """``recognise`` must not be the instance under test; ``cache`` keeps what the references cost."""

    def __init__(self, references: Sequence[Reference], recorded: Mapping[str, Recorded], recognise: Recognise, cache: Path) -> None:
        self._references = {reference.name: reference for reference in references}
        self._recorded = recorded
        self._recognise = recognise
        self._cache = cache
        self._clocks: dict[str, WordClock] = {}

    async def prepare(self, results: Sequence[Result], tell: Callable[[int, int], None]) -> None:
        """Learn when each word is played in the references that were interrupted."""
        names = sorted({each.reference for each in results if each.verdict in _YIELDING and each.told_s is not None})
        for done, name in enumerate(names):
            tell(done, len(names))
            self._clocks[name] = await word_clock(self._references[name], self._recognise, self._cache)

    async def of(self, result: Result, capture: Capture, played: Played) -> Result:
        """The result with what can be added to it."""
        if result.verdict in _YIELDING and result.reference in self._clocks and result.told_s is not None:
            return self._compared(result, played)
        if result.verdict in _RETURNING:
            return await self._listened(result, capture, played)
        return result

    def _compared(self, result: Result, played: Played) -> Result:
        told = self._clocks[result.reference].at(result.told_s or 0.0)
        if told is None:
            return result
        recorded = self._recorded.get(result.call)
        turn = turn_at(recorded, played.onset_ns) if recorded is not None else None
        if turn is None:
            return replace(result, words_played=told, note="the history has no such turn")
        if words(turn["text"]) != words(self._references[result.reference].text):
            return replace(result, words_played=told, note=f"the history has another turn there: {turn['text'][:40]}")
        return replace(result, words_played=told, words_recorded=len(words(turn["heard"])))

    async def _listened(self, result: Result, capture: Capture, played: Played) -> Result:
        reference = self._references[result.reference]
        end = capture.sample_at(played.until_ns)
        pieces = trace(capture.pcm, capture.sample_at(played.turn_ns), end, reference).pieces
        after = next((piece for piece in reversed(pieces) if piece.heard > capture.sample_at(played.onset_ns)), None)
        if after is None:
            return result
        count = min(after.length, round(_LISTEN_S * RATE))
        heard, told = capture.pcm[after.heard : after.heard + count], reference.pcm[after.told : after.told + count]
        texts = [await self._recognise(np.concatenate((silence(0.1), upsample(pcm), silence(0.3)))) for pcm in (heard, told)]
        return replace(result, words_right=same_words(*texts))
