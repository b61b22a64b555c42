"""The agents that ship, ready to run: one YAML file each."""

from pathlib import Path

from agents.flows.check import nearest
from agents.flows.definition import AgentDefinition
from agents.flows.loader import AgentError, read_agent

__all__ = ["AgentDefinition", "AgentError", "load_agent", "names"]

_HERE = Path(__file__).parent


def names() -> list[str]:
    """Names of the agents in the library."""
    return sorted(path.stem for path in _HERE.glob("*.yaml"))


def load_agent(name_or_path: str | Path) -> AgentDefinition:
    """An agent of the library by name, or any by the path of its YAML file. Raises AgentError."""
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or "/" in text or text.endswith((".yaml", ".yml")):
        return read_agent(Path(name_or_path))
    if text not in names():
        raise AgentError(f"no agent {text!r} in the library{nearest(text, names())} To use a file, give its path ending in .yaml.")
    return read_agent(_HERE / f"{text}.yaml")
