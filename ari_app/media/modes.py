"""What a leg does with the audio: talk with an agent, or echo."""

from collections.abc import Callable
from typing import Any, Final, Protocol, TypeAlias

from agents.bed import Leaving
from agents.transcript import JsonValue
from ari_app.media.bed import Bed
from ari_app.media.canceller import SILENT, EchoCanceller
from ari_app.media.echo import EchoQueue
from ari_app.media.g711 import DECODER, FRAME, SILENCE, Law, level_dbov
from ari_app.media.lateness import Lateness
from ari_app.media.listen import Listener, SpurtAudio, SpurtDoubted, SpurtPaused, SpurtStarted, SpurtSuspected
from ari_app.media.playout import ClipPaused, ClipStopped, Playout, PlayoutEvent
from ari_app.media.reflex import Order, Reflex
from ari_app.media.silence import LongestSilence
from ari_app.media.voice import VoiceSettings

_BEGINNING: Final = 2
"""Frames in which a clip that has just begun can be heard: until then a sound that has just begun holds it, and cannot be its echo."""
_AUDIBLE_DBOV: Final = -50.0
"""Voices begin with a few frames that are all but silent."""
_ECHO_OVER: Final = 25
"""Frames (0.5 s) of silence after which what is heard is no echo of the agent."""


class Mode(Protocol):
    """Pure but for what it reports through its callbacks."""

    realtime: bool
    """Whether silence must stand in for a peer that sends nothing."""

    def heard(self, payload: bytes, now: float) -> None:
        """Audio of the leg's law, in order."""

    def frame(self, now: float) -> tuple[bytes | None, float]:
        """160 bytes to send now, and the shift of the later ticks in seconds; None to be asked again after the shift."""

    def close(self, now: float) -> None:
        """Nothing more is heard or sent."""

    def statistics(self) -> dict[str, JsonValue]: ...


class EchoMode:
    """Sends back what comes in."""

    realtime = False

    def __init__(self, law: Law) -> None:
        self._queue = EchoQueue(law)

    def heard(self, payload: bytes, now: float) -> None:
        self._queue.push(payload, now)

    def frame(self, now: float) -> tuple[bytes | None, float]:
        return self._queue.frame(now)

    def close(self, now: float) -> None:
        pass

    def statistics(self) -> dict[str, JsonValue]:
        return {"underruns": self._queue.underruns, "dropped_samples": self._queue.dropped}


SpurtReport: TypeAlias = Callable[[SpurtStarted | SpurtAudio | SpurtPaused, int | None], None]
"""What was heard, and for the start of a spurt the clip that was playing."""


class AgentMode:
    """Reports the caller's talk spurts, plays clips; the caller's voice holds what may be interrupted at once when ``reflex`` is set."""

    realtime = True

    def __init__(
        self,
        law: Law,
        session: Any,
        *,
        reflex: bool,
        on_spurt: SpurtReport,
        on_playout: Callable[[PlayoutEvent], None],
        settings: VoiceSettings | None = None,
        canceller: EchoCanceller | None = None,
    ) -> None:
        self.playout = Playout(law)
        self.bed = Bed(law)
        self.reflex = Reflex(reflex)
        self.reaction = Lateness()
        """From a decision to hold or stop what is heard to the next frame."""
        self._decode = DECODER[law]
        self._quiet = SILENCE[law] * FRAME
        self._canceller = canceller
        self._listener = Listener(session, settings, canceller.explains if canceller else None)
        self._on_spurt = on_spurt
        self._on_playout = on_playout
        self._decided_at: float | None = None
        self._silence = LongestSilence()
        self._silent = _ECHO_OVER
        """Frames since something of a clip left."""
        self._begun = _BEGINNING
        """Frames in which a clip that began after silence could be heard, at most ``_BEGINNING``."""

    def heard(self, payload: bytes, now: float) -> None:
        pcm8 = self._decode(payload, 2)
        if self._canceller is not None:
            pcm8 = self._canceller.clean(pcm8, now)
        for heard in self._listener.feed(pcm8, now):
            if isinstance(heard, SpurtSuspected):
                self._obey(self.reflex.suspected(self.playout.interruptible), now)
            elif isinstance(heard, SpurtDoubted):
                self._obey(self.reflex.doubted(), now)
            elif isinstance(heard, SpurtStarted):
                self._obey(self.reflex.voice(self.playout.interruptible), now)
                self._on_spurt(heard, self.playout.playing)
            else:
                self._on_spurt(heard, None)
        if self._listener.stirring and self.playout.interruptible:
            self._hold_for_stir(now)

    def _hold_for_stir(self, now: float) -> None:
        """An agent who is about to speak, or has just begun, waits for a sound that has just begun: the caller may be going on."""
        if self.reflex.enabled and (self._silent >= _ECHO_OVER or self._begun < _BEGINNING):
            self._listener.suspect()
            self._obey(self.reflex.suspected(True), now)

    def frame(self, now: float) -> tuple[bytes | None, float]:
        frame, events = self.playout.frame(now)
        if self.playout.leaving is Leaving.NOTHING:
            self._silent += 1
        else:
            if self._silent >= _ECHO_OVER:
                self._begun = 0
            self._silent = 0
            if self._begun < _BEGINNING:
                self._begun += level_dbov(self._decode(frame, 2)) > _AUDIBLE_DBOV
        if self._decided_at is not None:
            self.reaction.add(now - self._decided_at)
            self._decided_at = None
        if not self.bed.idle:
            frame = self.bed.under(frame, self.playout.leaving, self._listener.speaking)
        if self._canceller is not None or self.bed.wanted:
            pcm8 = SILENT if frame == self._quiet else self._decode(frame, 2)
            if self._canceller is not None:
                self._canceller.played(pcm8, now)
            if self.bed.wanted or self._silence.counts:
                self._silence.left(pcm8, now, self.bed.wanted)
        for event in events:
            self._on_playout(event)
        return frame, 0.0

    def begin(self, number: int, interruptible: bool, now: float) -> None:
        """Queue a clip. It waits when the caller's voice, or what may be one, was there first."""
        self.playout.begin(number, interruptible)
        if not interruptible or not self.reflex.enabled:
            return
        if self._listener.speaking:
            self._obey(self.reflex.hold(), now)
        elif self._listener.suspecting:
            self._obey(self.reflex.suspected(self.playout.interruptible), now)
        elif self._listener.stirring:
            self._hold_for_stir(now)

    def hold(self, now: float) -> None:
        """Hold at the next frame what may be interrupted."""
        self._obey(self.reflex.hold(), now)

    def resume(self, now: float, voices: int) -> None:
        """Go on, decided knowing of ``voices`` talk spurts."""
        self._obey(self.reflex.resume(voices), now)

    def stop(self, now: float) -> None:
        """Silence at the next frame."""
        self.reflex.stopped()
        self._report(self.playout.stop(now), now)

    def close(self, now: float) -> None:
        self.stop(now)
        if self._canceller is not None:
            self._canceller.close()

    def _obey(self, order: Order | None, now: float) -> None:
        if order is Order.HOLD:
            self._report(self.playout.hold(now), now)
        elif order is Order.RESUME:
            self._report(self.playout.resume(now), now)

    def _report(self, events: list[PlayoutEvent], now: float) -> None:
        for event in events:
            if isinstance(event, ClipPaused | ClipStopped):
                self._decided_at = now
            self._on_playout(event)

    def statistics(self) -> dict[str, JsonValue]:
        reaction = self.reaction.summary()
        return {
            "underruns": self.playout.underruns,
            "silenced": self.reaction.count,
            "silenced_p99_ms": reaction["p99_ms"],
            "silenced_max_ms": reaction["max_ms"],
            "silence_longest_ms": self._silence.longest_ms,
            **(self._canceller.statistics() if self._canceller else {}),
        }
