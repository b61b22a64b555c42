"""What a rule has decided, and on what grounds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

from agents.manner import Manner
from agents.transcript import JsonValue

Act: TypeAlias = Literal["escalate", "try_once", "adapt", "flag"]
"""escalate: a person takes over. try_once: an apology and one more try; the next time the rule holds, a person takes over.
adapt: another manner. flag: somebody looks at the call later."""
Value: TypeAlias = float | str | bool | None


@dataclass(frozen=True, slots=True)
class Ground:
    """One comparison that spoke for the decision."""

    signal: str
    """Dotted, such as ``emotion.frustrated``, ``concern.asks_person``, ``events.no_input``, ``fact.tier``."""
    value: Value
    """What it was; None: not known."""
    op: str
    """``>=``, ``<=``, ``is``, ``is not``, ``one of``, ``known``; ``not `` before it where the rule wants the opposite."""
    threshold: Value
    turn: int | None = None
    """Number of the caller's turn it is read out of."""
    start_ms: int | None = None
    """Where that turn begins in the call's audio, milliseconds from the start of the call."""
    end_ms: int | None = None
    held_s: float | None = None
    """For how long it had held without a break."""


@dataclass(frozen=True, slots=True)
class Decision:
    rule: str
    act: Act
    queue: str
    """Empty: the agent's own."""
    priority: int | None
    """In the queue, higher comes first; None: as usual."""
    reason: str
    """Machine-readable."""
    say: Mapping[str, str]
    """Language to what the caller hears first; may be empty."""
    manner: Manner | None
    grounds: tuple[Ground, ...]
    """Never empty."""
    shadow: bool = False
    """To be written down only: nobody may act on it."""
    at_ms: int = 0
    """Milliseconds from the start of the call."""

    def words(self, language: str) -> str:
        """What the caller hears first, in ``language`` such as ``es`` or ``es-MX``; empty where the rule has nothing in it."""
        return self.say.get(language) or self.say.get(language[:2], "")

    def event(self) -> dict[str, JsonValue]:
        """The data of the event ``escalation_rule``."""
        return {
            "rule": self.rule,
            "act": self.act,
            "queue": self.queue,
            "priority": self.priority,
            "reason": self.reason,
            "shadow": self.shadow,
            "grounds": [asdict(ground) for ground in self.grounds],
        }
