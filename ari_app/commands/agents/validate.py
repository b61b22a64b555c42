"""``patchcord agents validate``."""

import sys
from collections.abc import Sequence
from pathlib import Path

from agents.library import AgentError, load_agent
from agents.rehearsal.conversation_file import ConversationError, read_conversation
from agents.rehearsal.finding import find_conversations, has_steps
from ari_app.commands.agents.places import find_agent, flow_files, only_extended, shown


def validate(which: Sequence[str], folder: Path | None) -> int:
    """One line per file that is right; every mistake of the others. Returns 1 when there is one."""
    wrong = 0
    for path in _files(which, folder):
        try:
            print(f"{shown(path)}: {_verdict(path)}", flush=True)
        except (AgentError, ConversationError) as error:
            wrong += 1
            sys.stderr.write(f"{error}\n")
    if wrong:
        sys.stderr.write(f"{wrong} {'file' if wrong == 1 else 'files'} with mistakes\n")
    return 1 if wrong else 0


def _files(which: Sequence[str], folder: Path | None) -> list[Path]:
    if not which:
        return flow_files(folder)
    found: dict[Path, None] = {}
    for name in which:
        path = Path(name)
        if path.is_dir():
            found |= dict.fromkeys([*sorted(path.glob("*.yaml")), *find_conversations([path])])
        else:
            found[find_agent(name, folder)] = None
    if not found:
        raise AgentError(f"{', '.join(which)}: no YAML files there")
    return list(found)


def _verdict(path: Path) -> str:
    if has_steps(path):
        conversation = read_conversation(path)
        load_agent(conversation.agent_file)
        return f"right: a conversation of {len(conversation.file.steps)} steps with {conversation.file.agent}"
    if only_extended(path):
        return "only there to be extended; it is checked with each flow that extends it"
    agent = load_agent(path)
    return f"right: {agent.name}, {len(agent.nodes)} nodes, {len(agent.intents)} intents, {', '.join(agent.languages)}"
