"""Whether a sound may be the caller beginning to speak: early, and taken back when it was not. Pure; steps are packets of 20 ms.

The tracker is sure of a voice 100 to 150 ms after its onset, which is too late to fall silent. So the agent is held for less: for
little evidence of a voice, or for a sound well above the noise of the line that lasts longer than a click. The tracker then confirms
it, or the sound ends, or it lasts for so long without a voice in it that it is a noise.
"""

from enum import Enum
from typing import Final

from ari_app.media.voice import VoiceSettings

_NO_RISE_DB: Final = 3.0
"""The least that ``suspect_rise_db`` may be; below it nothing is sound."""
_SOUND_DB: Final = 6.0
"""A packet this far above the noise floor is sound: a suspicion lives while it lasts, and a noise counts as over below it."""


class Verdict(Enum):
    HOLD = "hold"
    """It may be a voice."""
    GO_ON = "go on"
    """It was none."""


class Suspicion:
    """``step`` for every packet outside of a talk spurt, ``clear`` when one begins."""

    __slots__ = ("_age", "_likeliest", "_loud", "_noisy", "_patience", "_quiet", "_settings", "active")

    def __init__(self, settings: VoiceSettings) -> None:
        self._settings = settings
        self._patience = settings.doubt_packets
        self._age = 0
        self._loud = 0
        self._quiet = 0
        self._likeliest = 0.0
        """Of the windows of the sound that is heard now."""
        self._noisy = True
        """The sound counts as noise, as does whatever a call begins with: only the model can raise suspicion until it is over."""
        self.active = False

    def step(self, rise_db: float, probability: float, evidence: float) -> Verdict | None:
        """Level above the noise floor (0 for silence), probability of the window that ended here (0: none), evidence of the tracker."""
        if rise_db < _NO_RISE_DB and not self.active and not evidence:
            # Most packets of a call are this: as below, with nothing to hear.
            self._loud, self._likeliest = 0, 0.0
            self._quiet += 1
            if self._quiet >= self._patience:
                self._noisy = False
            return None
        settings = self._settings
        self._loud = self._loud + 1 if rise_db >= settings.suspect_rise_db else 0
        self._likeliest = max(self._likeliest, probability) if self._loud else 0.0
        sound = rise_db >= _SOUND_DB
        self._quiet = 0 if sound or evidence >= settings.suspect else self._quiet + 1
        if self.active:
            return self._while_active()
        if self._quiet >= settings.doubt_packets:
            self._noisy = False
        like_voice = self._loud >= settings.suspect_packets and self._likeliest >= settings.suspect_hint and not self._noisy
        if evidence < settings.suspect and not like_voice:
            return None
        self.active, self._age = True, 0
        return Verdict.HOLD

    def _while_active(self) -> Verdict | None:
        self._age += 1
        lasting = self._age >= self._settings.longest_doubt
        if self._quiet < self._settings.doubt_packets and not lasting:
            return None
        self._noisy = lasting
        self.active = False
        return Verdict.GO_ON

    def reject(self) -> None:
        """It is known to be no voice, whatever it sounds like."""
        self.active, self._noisy = False, True

    def clear(self) -> None:
        """A talk spurt has begun."""
        self.active, self._loud, self._quiet = False, 0, 0
