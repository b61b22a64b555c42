"""``patchcord agents …``: from the parsed words to the file of the subcommand."""

import argparse
import sys

from agents.library import AgentError
from agents.rehearsal.conversation_file import ConversationError


async def agents(options: argparse.Namespace) -> int:
    """Returns the exit status; mistakes in files are messages, not tracebacks."""
    try:
        return await _dispatch(options)
    except (AgentError, ConversationError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


async def _dispatch(options: argparse.Namespace) -> int:
    # Imported late: a list needs no dialogue engine, and a diagram no model.
    match options.agents_command:
        case "list":
            from ari_app.commands.agents.listing import list_agents

            return list_agents(options.folder, as_json=options.json)
        case "validate":
            from ari_app.commands.agents.validate import validate

            return validate(options.which, options.folder)
        case "show":
            from ari_app.commands.agents.show import show

            return show(options.which, options.folder, options.format)
        case "chat":
            from ari_app.commands.agents.chat import chat

            return await chat(options)
        case "test":
            from ari_app.commands.agents.conversation_tests import test

            return await test(options)
        case "versions" | "diff" | "publish" | "rollback" | "split":
            from ari_app.commands.agents.versions import versions

            return versions(options)
        case other:
            raise AssertionError(other)
