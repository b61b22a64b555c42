"""What all warm transfers share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from agents.audio import Pcm
from ari_app.ami.port import AmiPort
from ari_app.ari.client import AriClient
from ari_app.calls.conversations import TransferTalks
from ari_app.calls.media_port import MediaLink
from handoff.card import Card, Summary
from handoff.transfer_limits import Mode, TransferLimits


class Line(Protocol):
    """What is known of the queues now."""

    def place(self, queue: str, channel_id: str) -> tuple[int | None, float | None]:
        """Position in line, from 1, and the expected wait in seconds; None for what is not known."""
        ...

    def deserted(self, queue: str) -> bool:
        """Nobody who could ever answer is logged in."""
        ...


@dataclass(frozen=True, slots=True)
class TransferDeps:
    app: str
    ari: AriClient
    ami: AmiPort
    media: Callable[[], MediaLink | None]
    media_host: str
    talks: TransferTalks
    line: Line
    mode: Mode
    limits: TransferLimits
    music: Callable[[], Pcm | None]
    """What a waiting caller hears; None for the first moments after a start, when it is still being made."""
    card_url: Callable[[str], str]
    summarise: Callable[[Card], Awaitable[Summary]] | None
    """A better summary than ours, or ours; None: there is no language model."""
