"""Which files are conversation files, and which of them belong to an agent."""

from collections.abc import Iterable
from pathlib import Path

from agents.rehearsal.conversation_file import ConversationError, read_conversation


def find_conversations(places: Iterable[Path]) -> list[Path]:
    """Conversation files among ``places``: files as they are, of folders every YAML file below that has steps. Sorted, each once."""
    found: dict[Path, None] = {}
    for place in places:
        if place.is_dir():
            found |= dict.fromkeys(path for path in sorted(place.rglob("*.yaml")) if has_steps(path))
        else:
            found[place] = None
    return list(found)


def has_steps(path: Path) -> bool:
    """Whether it is a conversation file. Cheaper than reading it as YAML: a flow file has no such key at the beginning of a line."""
    return any(line.startswith("steps:") for line in path.read_text("utf-8", errors="replace").splitlines())


def names_agent(conversation: Path, agent: Path) -> bool:
    """Whether a conversation file is about the agent of a flow file. One that cannot be used counts by what it is called."""
    try:
        named = read_conversation(conversation).agent_file
    except ConversationError:
        return conversation.stem.startswith(agent.stem)
    return named.resolve() == agent.resolve() if isinstance(named, Path) else named == agent.stem
