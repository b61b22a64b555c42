"""From what somebody typed to files: agents by name or path, and the conversation files that belong to them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from agents.flows.loader import is_abstract
from agents.flows.names import nearest
from agents.flows.shelf import read_text
from agents.library import FOLDER as LIBRARY
from agents.library import AgentError
from agents.rehearsal.conversation_file import FOLDER as CONVERSATIONS
from agents.rehearsal.finding import find_conversations, names_agent


def agent_folders(folder: Path | None) -> list[Path]:
    """The user's own first, then the library. Raises AgentError."""
    if folder is not None and not folder.is_dir():
        raise AgentError(f"{folder}: there is no such folder; check the path given with --folder")
    return [*([folder] if folder else []), LIBRARY]


def flow_files(folder: Path | None) -> list[Path]:
    """Every agent's file, by name; one in the user's folder hides one of the library that is called the same."""
    found: dict[str, Path] = {}
    for place in reversed(agent_folders(folder)):
        found |= {path.stem: path for path in place.glob("*.yaml") if not only_extended(path)}
    return [found[name] for name in sorted(found)]


def only_extended(path: Path) -> bool:
    """No agent of its own. A file that cannot be read counts as one: whoever reads it tells what is wrong."""
    try:
        return is_abstract(read_text(path))
    except AgentError:
        return False


def find_agent(which: str, folder: Path | None) -> Path:
    """The flow file of an agent. Raises AgentError when there is none."""
    if _is_path(which):
        if not Path(which).is_file():
            raise AgentError(f"{which}: there is no such file; check the path, or give a name from: ./patchcord agents list")
        return Path(which)
    known = {path.stem: path for path in flow_files(folder)}
    if which not in known:
        raise AgentError(f"no agent {which!r}{nearest(which, known)}; ./patchcord agents list shows them, a file is given by its path")
    return known[which]


def conversations_of(path: Path) -> list[Path]:
    """The conversation files of one agent: those beside it that name it."""
    folder = path.parent / CONVERSATIONS
    return [file for file in find_conversations([folder]) if names_agent(file, path)] if folder.is_dir() else []


def find_tests(which: Sequence[str], folder: Path | None) -> list[Path]:
    """Conversation files for names, files and folders; nothing given: all that belong to the agents. Raises AgentError."""
    if not which:
        return find_conversations(place for root in agent_folders(folder) if (place := root / CONVERSATIONS).is_dir())
    found: dict[Path, None] = {}
    for name in which:
        found |= dict.fromkeys(_tests_of(name, folder))
    return list(found)


def _tests_of(name: str, folder: Path | None) -> Iterable[Path]:
    path = Path(name)
    if path.is_dir():
        return find_conversations([path])
    if _is_path(name) and not path.is_file():
        raise AgentError(f"{name}: there is no such file or folder")
    if _is_path(name) and path in find_conversations([path.parent]):
        return [path]
    return conversations_of(find_agent(name, folder))


def _is_path(text: str) -> bool:
    return "/" in text or text.endswith((".yaml", ".yml")) or Path(text).is_dir()


def shown(path: Path) -> str:
    """Relative to where the user is, when it lies below."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
