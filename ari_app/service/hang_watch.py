"""When a process that lives but does not work is to be killed. Pure: time is passed in."""

from dataclasses import dataclass


@dataclass(slots=True)
class HangWatch:
    """One process. It is only given up on when it has worked before: one that is starting may take its time."""

    limit_s: float
    _pid: int | None = None
    """The process that was seen to work."""
    _wrong_since: float | None = None

    def step(self, pid: int | None, well: bool | None, now: float) -> bool:
        """True when it is to be killed. ``well`` is None when nobody can tell now."""
        if well is None or pid is None:
            self._wrong_since = None
            return False
        if well:
            self._pid, self._wrong_since = pid, None
            return False
        if pid != self._pid:
            return False
        self._wrong_since = now if self._wrong_since is None else self._wrong_since
        if now - self._wrong_since < self.limit_s:
            return False
        self._pid = self._wrong_since = None
        return True
