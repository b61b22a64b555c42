"""``patchcord down``: ends an instance that runs in the background."""

import argparse
import asyncio
import os
import signal
import time

from ari_app.commands.workers.asking import ask
from ari_app.service.layout import Layout
from ari_app.service.state import read_state

PATIENCE_S = 30.0


async def down(options: argparse.Namespace) -> int:
    """SIGTERM to the supervisor, which ends what it started; waits until it is gone. With ``--drain`` live calls end before.

    Raises NotRunning, ServiceUnreachable.
    """
    layout = Layout(options.data.resolve())
    state = read_state(layout.state_file, layout.data)
    if options.drain and not await ask(layout.command_socket, "/drain"):
        return 1
    os.kill(state.pid, signal.SIGTERM)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            os.kill(state.pid, 0)
        except ProcessLookupError:
            print("Patchcord has ended.")
            return 0
        await asyncio.sleep(0.1)
    print(f"Process {state.pid} still runs after {PATIENCE_S:.0f} s; see {layout.logs} for what it waits for.")
    return 1
