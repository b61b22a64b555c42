"""The witness of the machine's own stalls: it sees a standstill of its processor, and not what ordinary programs do."""

import os
import subprocess
import sys
import time

import pytest

from ari_app.caller.machine_stalls import StallWatch

_HOG = """
import os, sys, time
os.sched_setaffinity(0, {int(sys.argv[1])})
if sys.argv[2] == "before": os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(90))
end = time.monotonic() + 0.03
while time.monotonic() < end: pass
"""


def _hogged(how: str) -> float:
    """Longest stall in ms, of an otherwise quiet machine, while a program takes a whole processor for 30 ms four times."""
    cpu = min(os.sched_getaffinity(0))
    with StallWatch() as watch:
        time.sleep(0.5)
        for _ in range(4):
            subprocess.run([sys.executable, "-S", "-c", _HOG, str(cpu), how], check=True)
        time.sleep(0.2)
    return max(((stall.end_ns - stall.start_ns) / 1e6 for stall in watch.stalls), default=0.0)


@pytest.mark.skipif(os.geteuid() != 0, reason="real-time scheduling is root's here")
def test_a_processor_that_is_taken_away_is_seen() -> None:
    assert _hogged("before") >= 20


def test_ordinary_programs_do_not_stop_the_witness() -> None:
    assert min(_hogged("beside") for _ in range(5)) < 20, "one undisturbed try is enough"
