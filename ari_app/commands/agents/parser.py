"""The words of ``patchcord agents``: one function per subcommand; nothing heavy is imported here."""

import argparse
from pathlib import Path
from typing import Any

from ari_app.service.layout import DEFAULT_DATA

_WHICH = "an agent's name (see: agents list) or the path of a flow file"

DESCRIPTION = """\
Looks at agents, talks to them in the terminal and tests them. None of this needs a running service, a telephone or a database.
"""
EPILOG = """\
from an idea to a tested agent:
  ./patchcord agents list                                which there are, and which numbers lead to them
  ./patchcord agents chat front-desk                     talk to one here: type what a caller would say
  ./patchcord agents validate my/orders.yaml             mistakes with file, line and remedy
  ./patchcord agents show my/orders.yaml                 its nodes, or --format mermaid for a diagram
  ./patchcord agents test my/                            run every conversation file below my/
what new calls get, once the service runs (a file that is saved in its folder of agents is published by itself):
  ./patchcord agents versions front-desk                 every version and its share of new calls
  ./patchcord agents rollback front-desk                 back to the version before
  ./patchcord agents split front-desk 3=90 4=10          try version 4 with every tenth call
"""
CHAT = """\
Talks to an agent in the terminal. What you type is what a caller says; beginning with # it is keys (#10482). In a pipe it reads lines.

  /keys 10482    press keys                 /slots     what the agent knows by now
  /silence       say nothing for a while    /back      come back from the queue: nobody answered
  /quit          hang up                    /help      these commands
"""
CHAT_TOOLS = """\
where tools get their answers:
  without an option   from the scripts in the agent's conversation files (its folder's subfolder conversations)
  --tools FILE        from the 'tools:' of this file
  --live              the real ones of the running service
"""
TEST = """\
Runs conversation files: YAML with what a caller says and what must come of it. NAME runs those of an agent, a folder all below it,
nothing all of the library. Exit status 0: all passed, 1: some failed or cannot be used.
"""
TEST_EXAMPLE = """\
a conversation file:
  agent: front-desk
  name: an order that is on its way
  tools:
    orders.find: {gives: {found: true, status: shipped, item: a lamp, expected_on: "2026-11-27"}}
  steps:
    - says: [How can I help]
    - caller: where is my order
      node: order_number
    - keys: "10482"
      says: [one zero four eight two]
    - caller: yes that is right
      tool: {name: orders.find, with: {number: "10482"}}
      says: [a lamp]
    - caller: goodbye
      ends: end

all keys: agents/rehearsal/conversation.schema.json
"""


def add_agents(commands: Any) -> None:
    """Add ``agents`` and its subcommands to the parsers of the command line."""
    agents = _parser(commands, "agents", "list, check, show, try and test agents", DESCRIPTION, EPILOG)
    subcommands = agents.add_subparsers(dest="agents_command", metavar="ACTION", required=True)
    _list(subcommands)
    _validate(subcommands)
    _show(subcommands)
    _chat(subcommands)
    _test(subcommands)
    _versions(subcommands)


def _parser(commands: Any, name: str, summary: str, description: str, epilog: str = "") -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=description, epilog=epilog, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    return parser


def _folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", type=Path, metavar="DIR", help="a folder with flow files of your own, looked in before the library")


def _live(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--live", action="store_true", help="use the real tools and model of the running service")
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="files of that service (default: .patchcord/data)")


def _list(subcommands: Any) -> None:
    parser = _parser(subcommands, "list", "which agents there are", "Every agent with its languages, size and the numbers that lead to it.")
    _folder(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def _validate(subcommands: Any) -> None:
    parser = _parser(
        subcommands,
        "validate",
        "check flow files",
        "Checks flow files and conversation files. Each mistake comes with its file, line and remedy; exit status 1 when there is one.",
    )
    _folder(parser)
    parser.add_argument(
        "which", nargs="*", metavar="NAME|FILE", help=f"{_WHICH}, a conversation file, or a folder of them; none: the library"
    )


def _show(subcommands: Any) -> None:
    parser = _parser(subcommands, "show", "the nodes of an agent and where they lead", "Shows how an agent's dialogue hangs together.")
    _folder(parser)
    parser.add_argument("which", metavar="NAME", help=_WHICH)
    parser.add_argument("--format", choices=["text", "mermaid"], default="text", help="text (default), or a diagram for Markdown pages")


def _chat(subcommands: Any) -> None:
    parser = _parser(subcommands, "chat", "talk to an agent in the terminal", CHAT, CHAT_TOOLS)
    _folder(parser)
    _live(parser)
    parser.add_argument("which", metavar="NAME", help=_WHICH)
    parser.add_argument(
        "--tools", type=Path, metavar="FILE", help="answers of the tools: a file with 'tools:', such as a conversation file"
    )
    parser.add_argument("--caller", default="", metavar="NUMBER", help="number of the caller")
    parser.add_argument("--verbose", action="store_true", help="show tools, slots, nodes and events too")


def _test(subcommands: Any) -> None:
    parser = _parser(subcommands, "test", "run conversation files", TEST, TEST_EXAMPLE)
    _folder(parser)
    _live(parser)
    parser.add_argument("which", nargs="*", metavar="NAME|FILE", help=f"{_WHICH}, a conversation file, or a folder of them")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _versions(subcommands: Any) -> None:
    found = _parser(subcommands, "versions", "what was published, and who gets it", "Every published version of an agent, newest first.")
    _stored(found)
    found.add_argument("--json", action="store_true", help="print JSON")
    compared = _parser(
        subcommands, "diff", "what changed between two versions", "Compares two versions; one: it and the one before; none: the newest two."
    )
    _stored(compared)
    compared.add_argument("versions", nargs="*", type=int, metavar="VERSION", help="one or two numbers (see: agents versions)")
    published = _parser(
        subcommands,
        "publish",
        "publish a flow file",
        "Checks a flow file and gives it to all new calls; the same text only once.",
    )
    _data(published)
    _folder(published)
    published.add_argument("which", metavar="NAME|FILE", help=_WHICH)
    published.add_argument("--note", default="", metavar="TEXT", help="why, for: agents versions")
    back = _parser(subcommands, "rollback", "give new calls an earlier version", "Without a number: the version before the one in use.")
    _stored(back)
    back.add_argument("version", nargs="?", type=int, metavar="VERSION", help="its number (see: agents versions)")
    divided = _parser(subcommands, "split", "divide new calls among versions", "Shares in per cent, 100 in all; a call keeps its version.")
    _stored(divided)
    divided.add_argument("shares", nargs="+", type=_share, metavar="VERSION=PERCENT", help="such as: 3=90 4=10")


def _stored(parser: argparse.ArgumentParser) -> None:
    _data(parser)
    parser.add_argument("name", metavar="NAME", help="the agent's name")


def _data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="files of the service (default: .patchcord/data)")


def _share(text: str) -> tuple[int, int]:
    version, _, percent = text.partition("=")
    if not (version.isdecimal() and percent.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is no share; write VERSION=PERCENT, such as 3=90")
    return int(version), int(percent)
