"""``patchcord status``: is it ready, and what does it hold."""

import argparse
import json
from typing import Any

from ari_app.commands.workers.command import table
from ari_app.service.layout import Layout
from ari_app.service.query import get_json
from ari_app.service.state import read_state


def _lines(tree: dict[str, Any], indent: str = "") -> list[str]:
    rows = []
    for key, value in tree.items():
        name = key.replace("_", " ")
        if isinstance(value, dict):
            rows += [f"{indent}{name}:", *_lines(value, indent + "  ")]
        elif key == "workers":
            rows += [f"{indent}{name}:", *(f"{indent}  {row}" for row in table(value))]
        else:
            rows.append(f"{indent}{name:<22} {', '.join(map(str, value)) if isinstance(value, list) else value}")
    return rows


async def status(options: argparse.Namespace) -> int:
    """Exit status 0 when calls are answered, 1 when not."""
    layout = Layout(options.data.resolve())
    state = read_state(layout.state_file, layout.data)
    answer = await get_json(state.http_port, "/status")
    answer["sip"] = f"{state.sip_host}:{state.sip_port}"
    answer["processes"] = state.processes
    print(json.dumps(answer, indent=2) if options.json else "\n".join(_lines(answer)))
    return 0 if answer.get("ready") else 1
