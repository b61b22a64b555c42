"""What a leg does with the audio: talk with an agent, or echo."""

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from agents.transcript import JsonValue
from ari_app.media.echo import EchoQueue
from ari_app.media.g711 import Law, decode
from ari_app.media.listen import Heard, Listener, SpurtStarted
from ari_app.media.playout import Playout, PlayoutEvent


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


SpurtReport: TypeAlias = Callable[[Heard, int | None], None]
"""What was heard, and for the start of a spurt the clip that was playing."""


class AgentMode:
    """Reports the caller's talk spurts, plays clips; the caller's voice stops an interruptible clip at once when ``reflex`` is set."""

    realtime = True

    def __init__(self, law: Law, session: Any, *, reflex: bool, on_spurt: SpurtReport, on_playout: Callable[[PlayoutEvent], None]) -> None:
        self.playout = Playout(law)
        self.reflex = reflex
        self._law = law
        self._listener = Listener(session)
        self._on_spurt = on_spurt
        self._on_playout = on_playout

    def heard(self, payload: bytes, now: float) -> None:
        for heard in self._listener.feed(decode(payload, self._law), now):
            if isinstance(heard, SpurtStarted):
                self._voice_started(heard, now)
            else:
                self._on_spurt(heard, None)

    def _voice_started(self, heard: SpurtStarted, now: float) -> None:
        playing = self.playout.playing
        stopped = self.playout.stop(now, only_interruptible=True) if self.reflex and self.playout.interruptible else []
        self._on_spurt(heard, playing)
        self._report(stopped)

    def frame(self, now: float) -> tuple[bytes | None, float]:
        frame, events = self.playout.frame(now)
        self._report(events)
        return frame, 0.0

    def stop(self, now: float) -> None:
        """Silence at the next frame."""
        self._report(self.playout.stop(now))

    def close(self, now: float) -> None:
        self.stop(now)

    def _report(self, events: list[PlayoutEvent]) -> None:
        for event in events:
            self._on_playout(event)

    def statistics(self) -> dict[str, JsonValue]:
        return {"underruns": self.playout.underruns}
