"""What a synthesiser's library looks like to the helper that serves it."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

Tell: TypeAlias = Callable[[float], None]
"""Takes the megabytes of a voice that have been fetched so far."""


class Listener(Protocol):
    """Told what comes of one text."""

    def rate(self, samples_per_s: int) -> None:
        """Comes before the first audio."""
        ...

    def audio(self, samples: bytes) -> None:
        """Signed 16-bit little-endian, mono."""
        ...

    def word(self, start: int, end: int, starts: int, ends: int) -> None:
        """First character, the one behind the last, first sample, the one behind the last."""
        ...

    def goes_on(self, count: int) -> bool:
        """``count`` samples and the words that end in them were told; False to stop. Another text may be spoken meanwhile."""
        ...


class Engine(Protocol):
    """The library. Several texts may be under way, each in its own thread, but only one of these threads is inside at a time."""

    version: str

    def speak(self, number: int, text: str, voice: str, rate: float, listener: Listener) -> None:
        """Synthesise. ``number``, from 1, tells texts under way apart. Raises RuntimeError when the library refuses."""
        ...
