"""Answers of tools for a chat without a service: those of the agent's conversation files."""

from pathlib import Path

from agents.rehearsal.conversation_file import ConversationError, read_conversation
from agents.rehearsal.script_files import Scripts, together
from ari_app.commands.agents.places import conversations_of


def scripts_beside(agent: Path) -> Scripts:
    """All together, answers for certain arguments first. Files with mistakes are left out."""
    found: Scripts = {}
    for path in conversations_of(agent):
        try:
            found = together(found, read_conversation(path).scripts)
        except ConversationError:
            continue
    return {name: tuple(sorted(answers, key=lambda answer: not answer.arguments)) for name, answers in found.items()}
