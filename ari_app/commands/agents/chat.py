"""``patchcord agents chat``: a call in the terminal."""

import argparse
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from agents.flows.definition import AgentDefinition, LlmNode
from agents.library import load_agent
from agents.llm.task import ModelTurns
from agents.rehearsal.script_files import Scripts, scripts_in
from agents.rehearsal.scripted_tools import ScriptedTools
from agents.rehearsal.terminal import talk
from agents.rehearsal.text_call import TextCall
from agents.tools import Toolbox
from ari_app.commands.agents.places import find_agent
from ari_app.commands.agents.scripts import scripts_beside


async def chat(options: argparse.Namespace) -> int:
    """Raises AgentError; with --live NotRunning, RecordsUnavailable."""
    path = find_agent(options.which, options.folder)
    agent = load_agent(path)
    async with AsyncExitStack() as stack:
        tools: Toolbox
        model: ModelTurns | None = None
        if options.live:
            from ari_app.commands.agents.live import live_parts

            live = await stack.enter_async_context(live_parts(options.data))
            tools, model = live.tools, live.model
        else:
            scripts = _scripts(options.tools, path)
            tools = ScriptedTools(scripts)
            _say_where_from(agent, scripts)
        call = TextCall(agent, tools, model)
        await talk(call, interactive=sys.stdin.isatty(), lines=sys.stdin.readline, write=_write, verbose=options.verbose)
    return 0


def _scripts(file: Path | None, agent: Path) -> Scripts:
    return scripts_in(file) if file is not None else scripts_beside(agent)


def _say_where_from(agent: AgentDefinition, scripts: Mapping[str, object]) -> None:
    wanted = {tool for node in agent.nodes.values() for tool in (getattr(node, "tool", None), *getattr(node, "tools", ())) if tool}
    missing = sorted(wanted - set(scripts))
    if missing:
        sys.stderr.write(f"these tools will fail, nothing is scripted for them: {', '.join(missing)} (--tools FILE or --live)\n")
    if any(isinstance(node, LlmNode) for node in agent.nodes.values()):
        sys.stderr.write("this agent has llm nodes: without --live they go on as if no model could answer\n")


def _write(text: str) -> None:
    print(text, flush=True)
