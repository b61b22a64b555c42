"""What a queue is measured by."""

from dataclasses import dataclass
from datetime import UTC, tzinfo

DEFAULT_ANSWER_WITHIN_S = 20


@dataclass(frozen=True, slots=True)
class QueueRules:
    """Of one queue, or the default of all."""

    zone: tzinfo = UTC
    """Its day begins at midnight here."""
    answer_within_s: int | None = None
    """The T of a service level X/T, in seconds; None takes ``servicelevel`` of queues.conf, or 20 until that is known."""
    short_abandon_s: int = 0
    """Callers who hang up in less than so many seconds are in no service level and no abandonment rate of ours; 0 counts them all."""
    count_flow_outs: bool = False
    """Whether those who were sent on without an answer (time out, exit key) lower our service level."""
    time_limit_s: float | None = None
    """The timeout given to Queue(), in seconds: a caller who waited that long timed out and did not abandon, though Asterisk reports both
    alike. None: only the user event of the dialplan tells them apart (board.py)."""
    wrap_up_s: int = 0
    """``wrapuptime`` of the queue in queues.conf, seconds: AMI tells only what single members have of their own."""
