"""``patchcord workers list | add | remove N | restart [N …]``."""

import argparse
import json
from collections.abc import Mapping
from typing import Any

from ari_app.commands.workers.asking import ask
from ari_app.service.layout import Layout
from ari_app.service.query import get_json
from ari_app.service.state import read_state


async def workers(options: argparse.Namespace) -> int:
    """Exit status 0 when it was done. Raises NotRunning, ServiceUnreachable."""
    layout = Layout(options.data.resolve())
    state = read_state(layout.state_file, layout.data)
    match options.workers_action:
        case "list":
            found = (await get_json(state.http_port, "/status"))["workers"]
            print(json.dumps(found, indent=2) if options.json else "\n".join(table(found)))
            return 0
        case "add":
            done = await ask(layout.command_socket, "/workers/add")
        case "remove":
            done = await ask(layout.command_socket, "/workers/remove", {"worker": options.number})
        case _:
            done = await ask(layout.command_socket, "/workers/restart", {"workers": options.numbers})
    return 0 if done else 1


def table(found: list[Mapping[str, Any]]) -> list[str]:
    rows = [f"{'worker':<8}{'application':<22}{'calls':>6}  {'memory':>9}  state"]
    for each in found:
        state = "; ".join(each["reasons"]) or "answers calls"
        rows.append(f"{each['worker']:<8}{each.get('app', ''):<22}{each['live_calls']:>6}  {each['memory_mb']:>6.0f} MB  {state}")
    return rows
