"""The agents that ship, ready to run: one YAML file each."""

from pathlib import Path

from agents.flows.check import Describe
from agents.flows.definition import AgentDefinition
from agents.flows.loader import AgentError, is_abstract, read_agent
from agents.flows.names import nearest
from agents.flows.shelf import read_text

__all__ = ["FOLDER", "AgentDefinition", "AgentError", "load_agent", "names"]

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Names of the agents in the library; those that are only there to be extended are not among them."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml") if not is_abstract(read_text(path)))


def load_agent(name_or_path: str | Path, *, describe: Describe | None = None) -> AgentDefinition:
    """An agent of the library by name, or any by the path of its YAML file. ``describe`` as in ``read_agent``. Raises AgentError."""
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or "/" in text or text.endswith((".yaml", ".yml")):
        return read_agent(Path(name_or_path), FOLDER, describe=describe)
    path = FOLDER / f"{text}.yaml"
    if not path.is_file():
        raise AgentError(f"no agent {text!r} in the library{nearest(text, names())} To use a file, give its path ending in .yaml.")
    return read_agent(path, FOLDER, describe=describe)
