"""What we need of the Asterisk manager interface, and what may not be sent over it.

AmiError
├── AmiUnavailable   not connected, or no answer in time; the action may or may not have been done and is never repeated
└── AmiInvalid       a value that would break out of its line
"""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

AmiEvent: TypeAlias = Mapping[str, str]
"""Headers of one event, named as Asterisk names them (``Event``, ``Queue``, ``Position``)."""


class AmiError(Exception):
    """Base of everything this package raises."""


class AmiUnavailable(AmiError):
    """No answer from the manager interface."""


class AmiInvalid(AmiError, ValueError):
    """A value that must not be sent."""


def checked(field: str, value: str) -> str:
    """``value``, when it stays on its line. Raises AmiInvalid."""
    if any(ord(char) < 0x20 or char in "\x7f\x85\u2028\u2029" for char in value):
        raise AmiInvalid(f"{field} holds a control character, which could smuggle a second AMI header; send plain text only")
    return value


class AmiPort(Protocol):
    """Actions return False when Asterisk refuses them (the channel is gone); they raise AmiUnavailable and AmiInvalid."""

    @property
    def connected(self) -> bool: ...

    async def setvar(self, channel: str, name: str, value: str) -> bool:
        """Set a variable or function of a channel, by channel name; ``__NAME`` is inherited by the channels it dials."""
        ...

    async def queue_status(self, queue: str) -> list[AmiEvent]:
        """QueueParams, QueueMember and QueueEntry events of one queue; empty when there is no such queue."""
        ...

    async def redirect(self, channel: str, context: str, extension: str, priority: int = 1) -> bool: ...

    async def mixmonitor(self, channel: str, file: str, options: str) -> bool:
        """``file`` may be empty when ``options`` names files: ``r(FILE)`` received and ``t(FILE)`` sent audio."""
        ...

    async def mixmonitor_mute(self, channel: str, muted: bool) -> bool:
        """Have recordings of a channel go on in silence, both ways, or sound again."""
        ...

    async def stop_mixmonitor(self, channel: str) -> bool: ...

    async def queue_log(self, queue: str, unique_id: str, agent: str, event: str, message: str) -> bool:
        """A row of our own in Asterisk's queue_log."""
        ...

    async def queue_pause(self, interface: str, paused: bool, reason: str, queue: str = "") -> bool:
        """A member of ``queue`` takes no calls for a while, or takes them again; empty: in all their queues."""
        ...

    async def ping(self) -> float:
        """Seconds that the answer took."""
        ...

    def on_event(self, name: str, callback: Callable[[AmiEvent], None]) -> None:
        """Call back for every event of that name, across reconnects. Callbacks must not block."""
        ...
