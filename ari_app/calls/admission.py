"""Which calls may be served. Refused ones go to another worker or the queue at once: a full house must never answer badly, or crash
Asterisk.

Running out of RTP ports makes Asterisk 22.10.1 crash at the next external media leg, hence the margin.
"""

from dataclasses import dataclass

from agents.transcript import JsonValue

_PAIRS_PER_CALL = 2
"""RTP port pairs that an admitted call may still take: its media leg, and later a person's phone."""


@dataclass(frozen=True, slots=True)
class Load:
    served: int
    """Calls with the agent now."""
    rtp_pairs: int
    """RTP port pairs of Asterisk in use."""
    media: bool
    """The media process is connected."""
    ami: bool
    """The manager interface is connected: without heartbeats the dead-man timer would take the call away."""
    draining: bool = False
    number: int = 0
    """Calls with the agent now that dialled the same number."""
    number_max: int | None = None
    """How many of them there may be."""
    maintenance: bool = False
    """An operator wants no calls to be answered."""
    overloaded: bool = False
    """This worker is late with what it has to do already."""


@dataclass(frozen=True, slots=True)
class Admission:
    max_calls: int
    rtp_first: int
    rtp_last: int
    margin: int = 10
    """RTP port pairs that are never used up, for phones that call or ring meanwhile."""

    @property
    def rtp_pairs_total(self) -> int:
        return (self.rtp_last - self.rtp_first + 1) // 2

    def refusal(self, load: Load) -> str:
        """Why not: ``maintenance``, ``draining``, ``media_down``, ``ami_down``, ``max_calls``, ``overloaded``, ``number_full`` or
        ``rtp_ports``; empty when it is not.
        """
        if load.maintenance:
            return "maintenance"
        if load.draining:
            return "draining"
        if not load.media:
            return "media_down"
        if not load.ami:
            return "ami_down"
        if load.served >= self.max_calls:
            return "max_calls"
        if load.overloaded:
            return "overloaded"
        if load.number_max is not None and load.number >= load.number_max:
            return "number_full"
        if load.rtp_pairs + _PAIRS_PER_CALL + self.margin > self.rtp_pairs_total:
            return "rtp_ports"
        return ""

    def describe(self, load: Load) -> dict[str, JsonValue]:
        return {
            "served": load.served,
            "max_calls": self.max_calls,
            "rtp_pairs_used": load.rtp_pairs,
            "rtp_pairs_total": self.rtp_pairs_total,
        }


class RtpMeter:
    """RTP port pairs in use: as last counted at Asterisk, and what was admitted since.

    ``workers`` share the Asterisk and get calls in turn: each has admitted about as much as we have.
    """

    def __init__(self, workers: int = 1) -> None:
        self._counted = 0
        self._since = 0
        self._workers = workers

    @property
    def pairs(self) -> int:
        return self._counted + self._since * self._workers

    def admitted(self) -> None:
        self._since += _PAIRS_PER_CALL

    def count(self, technologies: list[str]) -> None:
        """``technologies`` of all channels, such as ``PJSIP``: those that hold a port pair are counted."""
        self._counted = sum(technology in ("PJSIP", "UnicastRTP", "SIP") for technology in technologies)
        self._since = 0
