"""``patchcord agents list``."""

import json
import sys
from pathlib import Path

from agents.flows.definition import AgentDefinition
from agents.library import AgentError, load_agent
from ari_app.commands.agents.places import conversations_of, flow_files, shown
from dialplan.routes import default_routes

_HEAD = ("NAME", "LANGUAGES", "NODES", "INTENTS", "TESTS", "NUMBERS", "FILE")


def list_agents(folder: Path | None, *, as_json: bool) -> int:
    """One line per agent; a file that cannot be used is named with its first mistake. Exit status 1 when there is one."""
    rows, broken = [], []
    for path in flow_files(folder):
        try:
            rows.append(_row(path, load_agent(path)))
        except AgentError as error:
            broken.append(str(error).splitlines()[0])
    if as_json:
        print(json.dumps({"agents": rows, "broken": broken}, indent=2))
    else:
        cells = [list(_HEAD), *([_cell(row[name.lower()]) for name in _HEAD] for row in rows)]
        widths = [max(len(line[column]) for line in cells) for column in range(len(_HEAD))]
        for line in cells:
            print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        for message in broken:
            sys.stderr.write(f"{message}\n")
    return 1 if broken else 0


def _row(path: Path, agent: AgentDefinition) -> dict[str, object]:
    return {
        "name": agent.name + (" (abstract)" if agent.abstract else ""),
        "languages": list(agent.languages),
        "nodes": len(agent.nodes),
        "intents": len(agent.intents),
        "tests": len(conversations_of(path)),
        "numbers": numbers_to(agent.name),
        "file": shown(path),
    }


def numbers_to(agent: str) -> list[str]:
    """Numbers that lead to this agent in a fresh installation."""
    return [number for number, answers in default_routes("support").agent_numbers() if answers == agent]


def _cell(value: object) -> str:
    return ", ".join(value) or "-" if isinstance(value, list) else str(value)
