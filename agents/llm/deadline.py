"""How long the caller may wait for the next thing to be heard."""

import asyncio


class Deadline:
    """Runs from its making; on the running loop's clock."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self.begun_at = asyncio.get_running_loop().time()
        self._at: float | None = self.begun_at + limit_s

    @property
    def at(self) -> float | None:
        """None: it stands still."""
        return self._at

    @property
    def passed(self) -> bool:
        return self._at is not None and asyncio.get_running_loop().time() >= self._at

    def stop(self) -> None:
        """The wait is somebody else's: a tool's, or that of whoever takes the events."""
        self._at = None

    def renew(self) -> None:
        self._at = asyncio.get_running_loop().time() + self._limit_s
