"""Whether a sound may be the caller beginning to speak: early, and taken back when it was not. Pure; steps are packets of 20 ms.

The tracker is sure of a voice 100 to 150 ms after its onset, which is too late to fall silent. So the agent is held for less: for
little evidence of a voice, or for a sound well above the noise of the line that lasts longer than a click. The tracker then confirms
it, or the sound ends, or it lasts for so long without a voice in it that it is a noise.

Where the agent has not begun to speak, holding it costs next to nothing, and an agent who begins while the caller goes on after a pause
has cut in. There a single packet is enough (``stirring``, ``stirred``).
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

    __slots__ = ("_age", "_fresh", "_likeliest", "_longest", "_loud", "_noisy", "_patience", "_quiet", "_settings", "_sounds", "active")

    def __init__(self, settings: VoiceSettings) -> None:
        self._settings = settings
        self._patience = settings.doubt_packets
        self._age = 0
        self._longest = settings.longest_doubt
        """Age at which what is suspected now counts as noise."""
        self._loud = 0
        """Packets in a row of the loudness that can hold the agent."""
        self._sounds = 0
        """Packets in a row with a sound in them."""
        self._quiet = 0
        self._likeliest = 0.0
        """Of the windows of the sound that is heard now."""
        self._noisy = True
        """The sound counts as noise, as does whatever a call begins with: only the model can raise suspicion until it is over."""
        self._fresh = False
        """The sound began after silence."""
        self.active = False

    def step(self, rise_db: float, probability: float, evidence: float) -> Verdict | None:
        """Level above the noise floor (0 for silence), probability of the window that ended here (0: none), evidence of the tracker."""
        if rise_db < _NO_RISE_DB and not self.active and not evidence:
            # Most packets of a call are this: as below, with nothing to hear.
            self._loud, self._sounds, self._likeliest = 0, 0, 0.0
            self._quiet += 1
            if self._quiet >= self._patience:
                self._noisy, self._fresh = False, True
            return None
        settings = self._settings
        self._loud = self._loud + 1 if rise_db >= settings.suspect_rise_db else 0
        self._likeliest = max(self._likeliest, probability) if self._loud else 0.0
        sound = rise_db >= _SOUND_DB
        self._sounds = self._sounds + 1 if sound else 0
        self._quiet = 0 if sound or evidence >= settings.suspect else self._quiet + 1
        if self.active:
            return self._while_active(evidence)
        if self._quiet >= settings.doubt_packets:
            self._noisy, self._fresh = False, True
        like_voice = self._loud >= settings.suspect_packets and self._likeliest >= settings.suspect_hint and not self._noisy
        if evidence < settings.suspect and not like_voice:
            return None
        self._activate(settings.longest_doubt)
        return Verdict.HOLD

    def _activate(self, longest: int) -> None:
        self.active, self._age, self._longest = True, 0, longest

    @property
    def stirring(self) -> bool:
        """Whether a sound has just begun after silence, of which nothing else is known yet."""
        return self._fresh and not (self._noisy or self.active) and 0 < self._sounds < self._settings.suspect_packets

    def stirred(self) -> None:
        """Suspect the sound that is ``stirring``; without a sign of a voice in it not for long."""
        self._activate(self._settings.stir_packets)

    def _while_active(self, evidence: float) -> Verdict | None:
        self._age += 1
        if evidence or self._likeliest >= self._settings.suspect_hint:
            self._longest = self._settings.longest_doubt
        lasting = self._age >= self._longest
        if self._quiet < self._settings.doubt_packets and not lasting:
            return None
        self._noisy = lasting
        self.active, self._fresh = False, not lasting
        return Verdict.GO_ON

    def reject(self) -> None:
        """It is known to be no voice, whatever it sounds like."""
        self.active, self._noisy = False, True

    def clear(self) -> None:
        """A talk spurt has begun."""
        self.active, self._fresh = False, False
        self._loud = self._sounds = self._quiet = 0
