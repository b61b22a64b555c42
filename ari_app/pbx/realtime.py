"""Real-time scheduling for Asterisk: its packets go before every model and page on the same machine."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

ASTERISK_PRIORITY: Final = 10
"""Of SCHED_RR, as Asterisk's own ``-p`` has it. The media process stands one higher: a flood of SIP must not take its clock away."""
_PASSES: Final = 5


def prefer(pid: int, priority: int = ASTERISK_PRIORITY) -> bool:
    """Give every thread of ``pid`` round-robin real-time scheduling (sched(7)); threads that they start later inherit it.

    Asterisk's ``highpriority`` does this for root alone, and only as long as a second program of its installation can be started.

    Returns:
        Whether all threads have it: False where the system does not allow it (neither CAP_SYS_NICE nor RLIMIT_RTPRIO), or it has ended.
    """
    for _ in range(_PASSES):  # a thread not yet changed may have started another one meanwhile
        plain = [thread for thread in _threads(pid) if not _has(thread, priority)]
        if not plain:
            return bool(_threads(pid))
        for thread in plain:
            try:
                os.sched_setscheduler(thread, os.SCHED_RR, os.sched_param(priority))
            except ProcessLookupError:
                continue  # it has ended meanwhile
            except OSError:
                return False
    return False


def preferred(pid: int) -> bool:
    """Return whether ``pid``'s first thread has real-time scheduling; False when it has ended."""
    try:
        return os.sched_getscheduler(pid) & ~os.SCHED_RESET_ON_FORK in (os.SCHED_RR, os.SCHED_FIFO)
    except ProcessLookupError:
        return False


def _threads(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(entry.name) for entry in Path(f"/proc/{pid}/task").iterdir()]
    return []


def _has(thread: int, priority: int) -> bool:
    try:
        return os.sched_getscheduler(thread) == os.SCHED_RR and os.sched_getparam(thread).sched_priority == priority
    except ProcessLookupError:
        return True
