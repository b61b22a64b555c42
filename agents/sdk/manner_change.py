"""What an agent's own code changes about how the agent talks; what it leaves open stays as it is."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from agents.manner import Manner

SLOWEST: Final = 0.7
QUICKEST: Final = 1.1


@dataclass(frozen=True, slots=True)
class MannerChange:
    """None: as before. See ``agents.manner.Manner``."""

    pace: float | None = None
    slow_readback: bool | None = None
    short: bool | None = None
    tone: str | None = None

    def __post_init__(self) -> None:
        if self.pace is not None and not SLOWEST <= self.pace <= QUICKEST:
            raise ValueError(f"call.manner(pace={self.pace}) is out of range; give {SLOWEST} (slow) to {QUICKEST} (quick), 1 is usual")

    def over(self, manner: "Manner") -> "Manner":
        return replace(
            manner,
            pace=manner.pace if self.pace is None else self.pace,
            slow_readback=manner.slow_readback if self.slow_readback is None else self.slow_readback,
            short=manner.short if self.short is None else self.short,
            tone=manner.tone if self.tone is None else self.tone,
        )
