"""How much louder or softer a voice must become to sound like all the others."""

import math
from collections.abc import AsyncGenerator

import numpy as np

from agents.audio import Pcm, seconds
from agents.tts.leveling import TARGET_DBOV, Leveler, Samples, active_level_dbov
from agents.tts.speaker import SpeechError
from agents.tts.word_times import Timeline

CALIBRATION = "Good morning, thank you for waiting. One two three four."
"""Said in silence by a voice of unknown level when it starts."""
_LEAST_S = 1.0
"""Speech that is shorter says little of a voice's level."""
_MOST_DB = 30.0


class Gain:
    """``db`` as given, or learned from the first sentence of more than a second and kept, so that loudness does not jump."""

    def __init__(self, db: float | None) -> None:
        self._db = db

    @property
    def known(self) -> bool:
        return self._db is not None

    @property
    def db(self) -> float:
        return 0.0 if self._db is None else self._db

    def learn(self, pcm: Pcm, applied_db: float) -> None:
        """``pcm``: a whole sentence to which ``applied_db`` was added. Without effect once the gain is known."""
        level = active_level_dbov(pcm)
        if self._db is None and seconds(pcm) >= _LEAST_S and math.isfinite(level):
            self._db = min(max(applied_db + TARGET_DBOV - level, -_MOST_DB), _MOST_DB)


async def leveled(parts: AsyncGenerator[Samples, None], gain: Gain, timeline: Timeline, name: str) -> AsyncGenerator[Pcm, None]:
    """``parts`` of one sentence at telephone level, trimmed. Raises SpeechError when nothing sounded."""
    applied_db, learning = gain.db, not gain.known
    leveler, made = Leveler(applied_db), list[Pcm]()
    async for part in parts:
        if len(pcm := leveler.push(part)):
            timeline.made(pcm, leveler.trimmed_s)
            if learning:
                made.append(pcm)
            yield pcm
    if not len(pcm := leveler.finish()):
        raise SpeechError(f"{name}: the text holds nothing that can be spoken")
    timeline.made(pcm, leveler.trimmed_s)
    timeline.finish()
    if learning:
        gain.learn(np.concatenate([*made, pcm]), applied_db)
    yield pcm
