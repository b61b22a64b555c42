"""``python -m ari_app.media``: the media process."""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Final

from ari_app.logs import configure
from ari_app.media.errors import MediaError
from ari_app.media.ports import PortPool
from ari_app.media.process import MediaProcess
from ari_app.media.speex_echo import NoCanceller, SpeexLibrary, find
from ari_app.media.vad import VadError

log = logging.getLogger(__name__)

_PRIORITY: Final = 11
"""Of SCHED_RR: one above Asterisk's own (ari_app/pbx/realtime.py), whose work grows with what strangers send to it, as ours does not."""


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ari_app.media", description="RTP, packet clock, voice activity and playout.")
    parser.add_argument("--socket", type=Path, required=True, help="Unix socket to make for the mind process")
    parser.add_argument("--host", default="127.0.0.1", help="address for RTP (default %(default)s)")
    parser.add_argument("--first-port", type=int, required=True, help="first RTP port; even ports are used, one per call")
    parser.add_argument("--last-port", type=int, required=True, help="last RTP port")
    parser.add_argument("--start-port", type=int, default=0, help="port to begin with (default: the first)")
    parser.add_argument("--jitter-ms", type=int, default=0, help="extra wait before a missing packet counts as lost (default %(default)s)")
    parser.add_argument("--libraries", type=Path, help="folder of unpacked packages with libspeexdsp (default: the system's)")
    parser.add_argument("--log-level", default="info", choices=["debug", "info", "warning", "error"])
    return parser.parse_args(argv)


def _echo_library(root: Path | None) -> SpeexLibrary | None:
    """The echo canceller's library; calls are possible without it."""
    try:
        return SpeexLibrary(find(root))
    except NoCanceller as error:
        log.warning("no_echo_canceller", extra={"why": str(error)})
        return None


def _quiet_collector() -> None:
    """What is loaded now stays for ever and is not searched again; full collections become rare. Legs leave no cycles behind."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 1_000)


def _raise_priority() -> None:
    """Real-time scheduling where the system allows it, else a better nice value, else nothing: the packet clock goes before all models."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(_PRIORITY))
    except OSError:
        with contextlib.suppress(OSError):
            os.nice(-10)


async def _serve(process: MediaProcess) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    process.start()
    await stopping.wait()
    process.stop()


def main(argv: list[str]) -> int:
    """Run until SIGTERM or SIGINT; exit status 0 then, 1 when it cannot start."""
    options = _arguments(argv)
    configure("media", options.log_level)
    _raise_priority()
    try:
        ports = PortPool(options.host, options.first_port, options.last_port, options.start_port)
        process = MediaProcess(options.socket, ports, options.jitter_ms, _echo_library(options.libraries))
        _quiet_collector()
        asyncio.run(_serve(process))
    except (MediaError, VadError, ValueError) as error:
        sys.stderr.write(f"media: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
