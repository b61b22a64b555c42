"""Where the flows are that another names: the folder of the file, the library, or texts that were kept of an earlier version."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Protocol, TypeAlias

from agents.flows.errors import AgentError
from agents.flows.names import nearest

Library: TypeAlias = Path | Mapping[str, str] | None
"""A folder of flow files, or name to text; None: there are no others."""


_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")


class FlowText(NamedTuple):
    text: str
    source: str
    """Its name in messages: the path of the file."""


class Shelf(Protocol):
    def find(self, name: str) -> FlowText | None:
        """None: there is no flow of this name. Raises AgentError when it cannot be read."""
        ...

    def names(self) -> list[str]: ...


def not_found(name: str, shelf: Shelf) -> str:
    """What to say of a name that is on no shelf."""
    return f"no flow {name!r}{nearest(name, shelf.names())}; it is looked for as {name}.yaml beside this file and in the library"


def read_text(path: Path) -> str:
    """Raises AgentError."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AgentError(f"{path}: cannot be read: {error}; check the path and that the file is UTF-8 text") from error


class Folders:
    """Flow files in folders; an earlier folder wins."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(dict.fromkeys(folders))

    def find(self, name: str) -> FlowText | None:
        for folder in self._folders if _NAME.fullmatch(name) else ():
            path = folder / f"{name}.yaml"
            if path.is_file():
                return FlowText(read_text(path), str(path))
        return None

    def names(self) -> list[str]:
        return sorted({path.stem for folder in self._folders if folder.is_dir() for path in folder.glob("*.yaml")})


class KeptTexts:
    """Flows as texts, by name."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def find(self, name: str) -> FlowText | None:
        return FlowText(self._texts[name], f"{name}.yaml") if name in self._texts else None

    def names(self) -> list[str]:
        return sorted(self._texts)


class Noting:
    """A shelf that remembers what was taken from it."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.taken: dict[str, FlowText] = {}

    def find(self, name: str) -> FlowText | None:
        found = self.taken.get(name) or self._shelf.find(name)
        if found:
            self.taken[name] = found
        return found

    def names(self) -> list[str]:
        return self._shelf.names()


def shelf(library: Library, beside: Path | None = None) -> Shelf:
    """The flows of ``library``, after those in the folder ``beside``."""
    if isinstance(library, Mapping):
        return KeptTexts(library)
    return Folders([folder for folder in (beside, library) if folder is not None])
