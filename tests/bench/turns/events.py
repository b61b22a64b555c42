"""What happens in a measurement: events in scenes, scenes in calls, calls on lines of a given quality. Plain values."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from ari_app.caller.line_conditions import BurstLoss, Echo, LineConditions
from tests.bench.turns.agent import Place

SPEECH_DBOV: Final = -20.0
"""Active level of every sound of the catalogue."""


class Kind(Enum):
    FINISHED = "finished"
    """A finished sentence, word or number: the agent should answer soon."""
    PAUSE = "pause"
    """A sentence, number or address with pauses inside: the agent should wait."""
    HANGING = "hanging"
    """A sentence that breaks off: how long the agent waits."""
    INTERRUPT = "interrupt"
    """The caller wants the floor while the agent speaks."""
    KEY = "key"
    """A key while the agent speaks."""
    BACKCHANNEL = "backchannel"
    """ "mm-hm" while the agent speaks, which should go on."""
    NOISE = "noise"
    """A cough, a door while the agent speaks, which should go on."""
    LISTEN = "listen"
    """A turn of the agent that nobody disturbs: echo or noise of the line must not."""
    LEGAL = "legal"
    """The caller speaks over a text that must be heard to its end; the answer comes after it."""


OVER_AGENT: Final = frozenset({Kind.INTERRUPT, Kind.KEY, Kind.BACKCHANNEL, Kind.NOISE, Kind.LEGAL})
"""Kinds whose moment counts from the first word of the agent's turn."""
SURVIVING: Final = frozenset({Kind.BACKCHANNEL, Kind.NOISE})


@dataclass(frozen=True, slots=True)
class Event:
    id: str
    kind: Kind
    sound: str
    """Name in the catalogue; a key; empty: silence."""
    at_s: float
    """OVER_AGENT: from the first word of the agent's turn. Otherwise: quiet before the caller speaks."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Events at one place, in order."""

    place: Place
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """The line that a call uses."""

    name: str = "clean"
    level_dbov: float = SPEECH_DBOV
    """Active level of the caller's speech."""
    noise_dbov: float | None = None
    echo_db: float | None = None
    """Level of the echo against what was received; negative."""
    echo_ms: float = 0.0
    loss: float = 0.0
    """Share of the caller's packets, lost in bursts of 3 on average."""

    def line(self, seed: int) -> LineConditions:
        """As the scripted caller takes it."""
        return LineConditions(
            speech_gain_db=self.level_dbov - SPEECH_DBOV,
            noise_dbov=self.noise_dbov,
            echo=None if self.echo_db is None else Echo(-self.echo_db, self.echo_ms),
            loss=BurstLoss(self.loss) if self.loss else None,
            seed=seed,
        )


@dataclass(frozen=True, slots=True)
class Call:
    number: int
    condition: Condition
    scenes: tuple[Scene, ...]

    @property
    def events(self) -> list[Event]:
        return [event for scene in self.scenes for event in scene.events]
