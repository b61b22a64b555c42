"""When a process that lives but does not work is to be killed. Pure: time is passed in."""

from dataclasses import dataclass


@dataclass(slots=True)
class HangWatch:
    """One process. It is only given up on when it has worked before: one that is starting may take its time."""

    limit_s: float
    """Since it was last known to work. One bad answer is never enough, however late it came: the one who asked may have stood still."""
    _pid: int | None = None
    """The process that was seen to work."""
    _well_at: float = 0.0
    _bad: int = 0
    """Answers in a row that were none, or said so."""

    def step(self, pid: int | None, well: bool | None, now: float) -> bool:
        """True when it is to be killed. ``well`` is None when nobody can tell now."""
        if well is None or pid is None:
            self._well_at, self._bad = now, 0
            return False
        if well:
            self._pid, self._well_at, self._bad = pid, now, 0
            return False
        if pid != self._pid:
            return False
        self._bad += 1
        if self._bad < 2 or now - self._well_at < self.limit_s:
            return False
        self._pid = None
        return True
