"""What each event turned out to be: plain values, one per event, ready for a JSON line."""

from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any


class Verdict(Enum):
    SKIPPED = "skipped"
    """Could not be played: no part of any figure."""

    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    CUT_IN = "cut-in"
    """The agent began to speak before the caller had finished."""

    YIELDED = "yielded"
    STILL = "still"
    """Nobody spoke at the onset and the agent kept silent: yielded, but there was no stop to be timed."""
    TALKED_ON = "talked-on"
    """The agent went on, or came back to the sentence that was interrupted."""

    KEPT = "kept"
    """The answer was not even paused."""
    RESUMED = "resumed"
    """The same answer went on with the very next sample, in time."""
    LATE = "late"
    """As RESUMED, but more than 600 ms after the sound."""
    SHIFTED = "shifted"
    """The same answer went on, but some of it was lost or came twice."""
    REPLACED = "replaced"
    """Another answer came."""
    DIED = "died"
    """Nothing came any more."""

    UNDISTURBED = "undisturbed"
    HELD = "held"
    """The agent paused although nobody spoke, and went on."""
    BROKEN = "broken"
    """The agent stopped for good, or said something else, although nobody spoke."""

    HEARD_OUT = "heard-out"
    """The legal text was heard to its end without a break and answered afterwards."""
    IGNORED = "ignored"
    """The legal text was heard to its end, but what the caller said got no answer."""


SURVIVED = frozenset({Verdict.KEPT, Verdict.RESUMED})


@dataclass(frozen=True, slots=True)
class Result:
    """All times in ms; None where there is nothing to tell."""

    event: str
    kind: str
    condition: str
    sound: str
    material: str
    """Kind of the sound."""
    source: str
    """Where the sound is from, and its voice."""
    verdict: Verdict
    call: str
    """Caller id of the call, and with it the name of its capture."""
    at_ms: float | None = None
    """From the first word of the agent's turn to the sound's onset."""
    gap_ms: float | None = None
    """Last speech frame of the caller to the first of the agent's answer."""
    stop_ms: float | None = None
    """First speech frame of the caller to the last one of the answer that it interrupts."""
    pause_ms: float | None = None
    """The longest pause inside the caller's utterance."""
    cut_in_at_ms: float | None = None
    """From the beginning of the pause to the first word of the agent's that came too early."""
    held_ms: float | None = None
    """All pauses of the agent's answer together, its own not counted."""
    resume_ms: float | None = None
    """Last speech frame of the caller's sound to the first sound of the answer that goes on; negative: it went on before."""
    resume_after_pause_ms: float | None = None
    """The same from the beginning of the pause."""
    lost_samples: int | None = None
    repeated_samples: int | None = None
    told_s: float | None = None
    """How much of the answer had been played when it stopped, by its reference."""
    reference: str = ""
    spoke_early: bool | None = None
    """The agent said something else before the caller who interrupted it had finished."""
    words_right: bool | None = None
    """Second opinion on RESUMED: what was recognised behind the pause is what the answer says there."""
    words_played: int | None = None
    """Of an interrupted answer, by an independent ear on the audio that was received."""
    words_recorded: int | None = None
    """Of the same, as the call history has it."""
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        tree = {name: value for name, value in asdict(self).items() if value not in (None, "")}
        return {**tree, "verdict": self.verdict.value}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the history knows of one call."""

    call: str
    turns: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    stats: dict[str, Any] = field(default_factory=dict)
    started_ns: int = 0
    """Start of the call's record on the monotonic clock of this machine; turn times count from here."""
