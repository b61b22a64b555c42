"""Whether a condition holds, in three values: what is not known neither holds nor fails to, so no rule acts on it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from handoff.rules.decisions import Ground


@dataclass(frozen=True, slots=True)
class Verdict:
    holds: bool | None
    """None: not known."""
    grounds: tuple[Ground, ...] = ()
    """The comparisons that account for it."""
    evidence_ms: int | None = None
    """When the newest thing that speaks for it happened; None where it is a state of affairs, such as the time of day."""

    def opposite(self) -> "Verdict":
        grounds = tuple(replace(ground, op=f"not {ground.op}") for ground in self.grounds)
        return Verdict(None if self.holds is None else not self.holds, grounds)


def all_of(parts: Sequence[Verdict]) -> Verdict:
    if any(part.holds is False for part in parts):
        return _because([part for part in parts if part.holds is False], False)
    if any(part.holds is None for part in parts):
        return Verdict(None)
    return _because(parts, True)


def any_of(parts: Sequence[Verdict]) -> Verdict:
    if any(part.holds is True for part in parts):
        return _because([part for part in parts if part.holds is True], True)
    if any(part.holds is None for part in parts):
        return Verdict(None)
    return _because(parts, False)


def _because(parts: Sequence[Verdict], holds: bool) -> Verdict:
    grounds = tuple(dict.fromkeys(ground for part in parts for ground in part.grounds))
    return Verdict(holds, grounds, max((part.evidence_ms for part in parts if part.evidence_ms is not None), default=None))
