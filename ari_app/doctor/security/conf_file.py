"""Asterisk's configuration files as it reads them: includes, templates, comments. Nothing is written."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_SECTION: Final = re.compile(r"^\[([^\]]+)\]\s*(?:\(([^)]*)\))?")
_INCLUDE: Final = re.compile(r"^#(try)?include\s+[\"<]?([^\">]+?)[\">]?\s*$")
_DEEPEST: Final = 8
"""Files that include each other, before it is taken for a circle."""


class Unreadable(Exception):
    """A file cannot be read; the message names it and the remedy."""


@dataclass(frozen=True, slots=True)
class Line:
    """One ``key = value``; the key is in lower case."""

    key: str
    value: str
    place: str
    """File and line, such as ``pjsip.conf:12``."""


@dataclass(slots=True)
class Section:
    name: str
    template: bool = False
    lines: list[Line] = field(default_factory=list)
    """Those of its templates first."""

    def get(self, key: str, default: str = "") -> str:
        """The last value, which is the one in force."""
        return next((line.value for line in reversed(self.lines) if line.key == key), default)

    def all(self, key: str) -> list[str]:
        return [line.value for line in self.lines if line.key == key]

    def on(self, key: str, default: bool = False) -> bool:
        """A yes or no, as Asterisk has it."""
        value = self.get(key).lower()
        return value in ("yes", "true", "y", "t", "1", "on") if value else default


@dataclass(frozen=True, slots=True)
class ConfFile:
    sections: Sequence[Section]
    executes: Sequence[str] = ()
    """``#exec`` lines, which run a program at each reload."""

    def real(self) -> list[Section]:
        """Without templates."""
        return [section for section in self.sections if not section.template]

    def named(self, name: str) -> Section:
        """The first of that name; an empty one when there is none."""
        return next((section for section in self.real() if section.name == name), Section(name))


def read_conf(folder: Path, name: str) -> ConfFile:
    """A file of Asterisk's configuration folder with all that it includes; without any section when it is not there.

    Raises Unreadable: permissions, or includes in a circle.
    """
    sections: list[Section] = []
    executes: list[str] = []
    for place, text in _lines(folder, folder / name, 0):
        if text.startswith("#exec"):
            executes.append(place)
        elif match := _SECTION.match(text):
            _begin(sections, match[1], match[2] or "")
        elif "=" in text and sections:
            key, _, value = text.partition("=")
            sections[-1].lines.append(Line(key.strip().lower(), value.removeprefix(">").strip(), place))
    return ConfFile(tuple(sections), tuple(executes))


def _begin(sections: list[Section], name: str, options: str) -> None:
    words = [word.strip() for word in options.split(",") if word.strip()]
    if "+" in words and (known := next((each for each in sections if each.name == name), None)) is not None:
        sections.append(Section(name, known.template))
        return
    made = Section(name, "!" in words)
    for parent in (word for word in words if word not in ("!", "+")):
        source = next((each for each in sections if each.name == parent), None)
        made.lines.extend(source.lines if source is not None else ())
    sections.append(made)


def _lines(folder: Path, path: Path, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        raise Unreadable(f"{path} is included in a circle; take one #include out")
    try:
        content = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    except OSError as error:
        raise Unreadable(f"{path} cannot be read ({error.strerror}); run this as a user who may, such as asterisk or root") from error
    for number, text in _without_comments(content.splitlines()):
        if (match := _INCLUDE.match(text)) is None:
            yield f"{path.relative_to(folder) if path.is_relative_to(folder) else path}:{number}", text
            continue
        for found in _included(folder, match[2]):
            yield from _lines(folder, found, depth + 1)


def _included(folder: Path, name: str) -> list[Path]:
    if Path(name).is_absolute():
        root, pattern = Path("/"), name.lstrip("/")
    else:
        root, pattern = folder, name
    return sorted(root.glob(pattern)) if any(letter in name for letter in "*?[") else [root / pattern]


def _without_comments(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    inside = False
    for number, line in enumerate(lines, 1):
        text = line
        if inside:
            _, end, text = text.partition("--;")
            inside = not end
            if inside:
                continue
        if text.lstrip().startswith(";--") and not text.lstrip().startswith(";---"):
            inside = "--;" not in text
            continue
        stripped = re.split(r"(?<!\\);", text, maxsplit=1)[0].replace("\\;", ";").strip()
        if stripped:
            yield number, stripped
