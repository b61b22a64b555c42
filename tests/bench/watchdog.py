"""How soon broken audio is noticed, and when the caller hears somebody again: no RTP in, none out, a conversation that stands.

Real calls of real Local channels through an Asterisk of its own, with a media process of its own; no running instance is needed. The
faults: Asterisk's end of the leg goes deaf to us (packets are refused), the conversation takes nothing more, the media process stops
(SIGSTOP), and at the media process alone: a peer's packets stop.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from ari_app.media.g711 import SILENCE
from ari_app.media.link import MediaLink
from tests.ari_app.calls.call_rig import Rig, service
from tests.ari_app.calls.pbx_rig import running, until
from tests.ari_app.media.media_rig import media_process, rtp_peer
from tests.free_ports import free_port

_ROUNDS_S = 0.75
"""Until the next round, and two more of them for Asterisk's packet counts."""


async def _until_event(rig: Rig, kind: str) -> float:
    """Monotonic seconds at which it was on record."""
    actor = rig.manager._directory.actors()[0]
    while not any(name == kind for name, _, _ in actor.record._events):
        await asyncio.sleep(0.005)
    return next(at for name, at, _ in actor.record._events if name == kind)


async def _talking(rig: Rig) -> str:
    before, caller = len(rig.talks), await rig.dial()
    await rig.until_state("talking")
    await rig.talk(before)
    await asyncio.sleep(0.7)
    return caller


async def _over(rig: Rig, caller: str) -> None:
    await rig.ari.hangup(caller)
    await rig.until_idle()


async def _none_out(rig: Rig) -> tuple[float, float]:
    """Seconds to the decision, and to the second conversation."""
    caller, before = await _talking(rig), len(rig.talks)
    actor = rig.manager._directory.actors()[0]
    line = actor.shell.line(actor.machine.stage)
    assert line is not None
    await line.attach("127.0.0.1", free_port())
    broken = time.monotonic()
    found = await _until_event(rig, "audio_rebuilt") - broken
    await until(lambda: len(rig.talks) > before)
    again = time.monotonic() - broken
    await _over(rig, caller)
    return found, again


async def _stands(rig: Rig) -> tuple[float, float]:
    caller, before = await _talking(rig), len(rig.talks)
    await rig.press(caller, "9")
    await until(lambda: "9" in rig.talks[-1].digits)
    line = rig.talks[-1].line
    broken = time.monotonic()
    line.digit("8")  # type: ignore[attr-defined]  # something to take
    found = await _until_event(rig, "audio_rebuilt") - broken
    await until(lambda: len(rig.talks) > before)
    again = time.monotonic() - broken
    await _over(rig, caller)
    return found, again


async def _none_in(link: MediaLink) -> tuple[float, float]:
    """At the media process: seconds from the last packet to the stall, and the most that the watchdog adds until it is told."""
    line = await link.open("bench", law="ulaw")
    stalled = asyncio.Event()
    line.on_stalled = lambda on: stalled.set() if on else None
    async with rtp_peer(line.port) as peer:
        await line.attach("127.0.0.1", peer.port)
        await peer.speak(SILENCE["ulaw"] * 4000)
        last = time.monotonic()
        await stalled.wait()
        found = time.monotonic() - last
    await line.close()
    return found, found + _ROUNDS_S


async def _media_stops(rig: Rig) -> tuple[float, float]:
    """Seconds to the loss of the media process, and until the caller is on the way to the queue."""
    caller, queued = await _talking(rig), len(rig.seen("RigQueue"))
    os.kill(rig.media.process.pid, signal.SIGSTOP)
    broken = time.monotonic()
    try:
        while rig.manager._media.link is not None:
            await asyncio.sleep(0.005)
        found = time.monotonic() - broken
        await until(lambda: len(rig.seen("RigQueue")) > queued, 10)
        gone = time.monotonic() - broken
    finally:
        os.kill(rig.media.process.pid, signal.SIGCONT)
    await until(lambda: not rig.manager.not_ready(), 10)
    await _over(rig, caller)
    return found, gone


def _show(name: str, what: str, seconds: Sequence[tuple[float, float]]) -> None:
    found, then = [pair[0] for pair in seconds], [pair[1] for pair in seconds]
    figures = {"trials": len(seconds), "detected_p50_s": round(statistics.median(found), 2), "detected_max_s": round(max(found), 2)}
    figures |= {f"{what}_p50_s": round(statistics.median(then), 2), f"{what}_max_s": round(max(then), 2)}
    print(json.dumps({"bench": "watchdog", "fault": name, **figures}), flush=True)  # noqa: T201 - this is the output


async def measure(trials: int) -> None:
    with tempfile.TemporaryDirectory(prefix="watchdog-") as place:
        home = Path(place)
        async with media_process(home) as media:
            link = await MediaLink.connect(media.socket)
            _show("no packets from the caller", "told_at_most", [await _none_in(link) for _ in range(trials)])
            await link.close()
        with running(home / "pbx") as pbx:
            async with service(pbx, home, deadman_s=30) as rig:
                _show("no packets to the caller", "served_again", [await _none_out(rig) for _ in range(trials)])
                _show("conversation stands", "served_again", [await _stands(rig) for _ in range(trials)])
                _show("media process stands", "in_queue", [await _media_stops(rig) for _ in range(trials)])


def main(argv: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--trials", type=int, default=20, help="of each fault (default: 20)")
    asyncio.run(measure(max(1, made.parse_args(argv).trials)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
