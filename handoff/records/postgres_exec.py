"""Become the user that PostgreSQL runs as, tie its life to our own, and exec it. A program of its own: forking with code of ours in a
process that has threads is unsafe.

``python -I -S postgres_exec.py PARENT UID GID REACH PROGRAM [ARGUMENT…]``: ``PARENT`` is the process that must outlive PROGRAM (0: none);
``UID`` -1 keeps the user; ``REACH`` 1 keeps one capability, so that a user other than root reaches files below a folder like ``/root``
without anybody changing the modes of folders that are not ours.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


def main(arguments: list[str]) -> None:
    """Never returns: it execs, or raises and ends with a traceback on standard error, which the caller shows."""
    parent, uid, gid = int(arguments[0]), int(arguments[1]), int(arguments[2])
    reach, program = arguments[3] == "1", arguments[4:]
    libc = ctypes.CDLL(None, use_errno=True)
    os.umask(0o077)
    if uid >= 0:
        _become(libc, uid, gid, reach)
    if parent:
        # Last, because a change of user clears it. SIGINT is PostgreSQL's fast shutdown.
        _check(libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0), "PR_SET_PDEATHSIG")
        if os.getppid() != parent:
            sys.exit("the process that wanted this server has ended")
    os.execv(program[0], program)  # noqa: S606 - no shell is wanted


def _become(libc: ctypes.CDLL, uid: int, gid: int, reach: bool) -> None:
    if reach:
        _check(libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0), "PR_SET_KEEPCAPS")
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if reach:
        _keep(libc, _CAP_DAC_OVERRIDE)


def _keep(libc: ctypes.CDLL, capability: int) -> None:
    mask = 1 << capability
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    # Two triples of effective, permitted, inheritable: capabilities 0-31, then 32-63. capabilities(7), capset(2).
    data = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    _check(libc.capset(header, data), "capset")
    _check(libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0), "PR_CAP_AMBIENT_RAISE")


def _check(result: int, name: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    main(sys.argv[1:])
