"""Reads Asterisk's configuration files with the line of everything, as main/config.c does.

Not by pyst2's ``asterisk.config``: that reader knows neither line numbers of included files, nor templates, ``+``, ``#include``, escaped
semicolons or ``;-- … --;``, and one wrong line ends it; here a wrong line is a finding and reading goes on.
"""

import fnmatch
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .comments import Uncommenter
from .finding import Finding, Place

_DEEPEST_INCLUDE = 10  # MAX_INCLUDE_LEVEL of main/config.c
_SECTION = re.compile(r"\[([^\]]*)\]\s*(?:\((.*)\))?\s*(.*)")
_DIRECTIVE = re.compile(r"#\s*(\w+)\s*(.*)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One ``name = value`` or ``name => value``."""

    name: str
    value: str
    at: Place
    cut: bool = False
    """A semicolon without a space before it has ended the value."""


@dataclass(slots=True)
class Section:
    """One ``[name](options)`` with its entries, those of its templates first."""

    name: str
    at: Place
    template: bool = False
    bases: tuple[str, ...] = ()
    entries: list[Entry] = field(default_factory=list)

    def get(self, name: str) -> Entry | None:
        """Return the entry of that name that holds, which is the last one."""
        return next((entry for entry in reversed(self.entries) if entry.name.lower() == name), None)

    def value(self, name: str, default: str = "") -> str:
        """Return the value that holds."""
        found = self.get(name)
        return default if found is None else found.value

    def words(self, name: str) -> list[tuple[str, Entry]]:
        """Return the comma-separated words of every entry of that name."""
        found = [entry for entry in self.entries if entry.name.lower() == name]
        return [(word.strip(), entry) for entry in found for word in entry.value.split(",") if word.strip()]


@dataclass(slots=True)
class Reading:
    """One file with all that it includes."""

    file: str
    sections: list[Section] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)
    includes: dict[str, Place] = field(default_factory=dict)
    """Every file that was read because of an include, and where it is asked for."""
    unseen: bool = False
    """It includes something that cannot be seen from here (a program's output, files elsewhere)."""

    def plain(self) -> Iterator[Section]:
        """Go through the sections that are no templates."""
        return (section for section in self.sections if not section.template)

    def named(self, name: str) -> Section | None:
        """Return the first section of that name that is no template."""
        return next((section for section in self.plain() if section.name == name), None)


def read(files: Mapping[str, str], name: str, root: str = "") -> Reading:
    """Read the file ``name`` of ``files``; includes are resolved in ``files``, absolute ones below ``root`` too."""
    reader = _Reader(files, name, root)
    if name in files:
        reader.file(name, None, 0)
    return reader.found


class _Reader:
    def __init__(self, files: Mapping[str, str], name: str, root: str) -> None:
        self._files, self._root = files, root.rstrip("/")
        self.found = Reading(name)
        self._current: Section | None = None

    def file(self, name: str, section: Section | None, depth: int) -> None:
        here, uncommenter = section, Uncommenter()
        for number, raw in enumerate(self._files[name].splitlines(), 1):
            line = uncommenter.line(raw)
            text, at = line.text.strip(), Place(name, number)
            if not text:
                continue
            if text[0] == "[":
                here = self._section(text, at)
                self._current = here
            elif text[0] == "#":
                self._directive(text, at, here, depth)
            elif here is None:
                self._fault(at, f"'{text[:40]}' stands before any [section].", "Move it below the section that it belongs to.")
            else:
                self._entry(text, at, here, line.cut)
        if uncommenter.opened_at:
            at = Place(name, uncommenter.opened_at)
            self._fault(at, "The comment that ';--' opens is never closed.", "Close it with '--;', or begin the line with ';' alone.")

    def _fault(self, at: Place, what: str, remedy: str) -> None:
        self.found.faults.append(Finding(at, what, remedy))

    def _section(self, text: str, at: Place) -> Section | None:
        match = _SECTION.fullmatch(text)
        if match is None or (match[3] and match[3][0] == "("):
            self._fault(at, f"'{text[:40]}' is not a whole section header.", "Write it as [name], [name](!) or [name](template).")
            return None
        options = [word.strip() for word in (match[2] or "").split(",") if word.strip()]
        name = match[1]
        if any(word == "+" or word.startswith("+") for word in options):
            base = next((one for one in self.found.sections if one.name == name), None)
            if base is None:
                self._fault(
                    at, f"[{name}](+) adds to a section '{name}' that does not come before it.", "Define it first, or take out the (+)."
                )
                return Section(name, at)
            return base
        section = Section(name, at, "!" in options, tuple(word for word in options if word != "!"))
        for base_name in section.bases:
            template = next((one for one in self.found.sections if one.name == base_name), None)
            if template is None:
                known = sorted({one.name for one in self.found.sections if one.template})
                self._fault(
                    at,
                    f"[{name}] is made from the template '{base_name}', which is not defined above; Asterisk refuses the whole file.",
                    f"Define [{base_name}](!) above it{', or use one of ' if known else ''}{', '.join(known[:6])}.",
                )
            else:
                section.entries += template.entries
        self.found.sections.append(section)
        return section

    def _entry(self, text: str, at: Place, section: Section, cut: bool) -> None:
        name, equals, value = text.partition("=")
        if not equals:
            self._fault(at, f"'{text[:40]}' has no '='; Asterisk ignores the line.", "Write it as name = value, or remove it.")
            return
        section.entries.append(Entry(name.rstrip("+").strip(), value.removeprefix(">").strip(), at, cut))

    def _directive(self, text: str, at: Place, section: Section | None, depth: int) -> None:
        match = _DIRECTIVE.fullmatch(text)
        kind = match[1].lower() if match else ""
        if match is None or kind not in ("include", "tryinclude", "exec"):
            self._fault(at, f"'{text[:40]}' is no directive.", "Use #include or #tryinclude, or begin a comment with ';'.")
            return
        wanted = match[2].strip().strip('"<>').strip()
        if not wanted:
            self._fault(at, f"#{kind} names no file.", 'Write it as #include "file.conf".')
        elif kind == "exec":
            self.found.unseen = True
        else:
            self._include(wanted, kind == "include", at, section, depth)

    def _include(self, wanted: str, must: bool, at: Place, section: Section | None, depth: int) -> None:
        if depth >= _DEEPEST_INCLUDE:
            self._fault(at, f"'{wanted}' is included more than {_DEEPEST_INCLUDE} deep.", "Look for a file that includes itself.")
            return
        path = self._below_root(wanted)
        found = fnmatch.filter(self._files, path) if any(sign in path for sign in "*?[") else [path] * (path in self._files)
        matching = sorted(name for name in found if name.count("/") == path.count("/"))  # * does not pass a slash
        if not matching and path.startswith("/"):
            self.found.unseen = True
        elif not matching and must:
            self._fault(
                at,
                f"The file '{wanted}' that is included here does not exist; Asterisk then refuses the whole file.",
                "Create it, correct the name, or write #tryinclude.",
            )
        for name in matching:
            self.found.includes.setdefault(name, at)
            self.file(name, section, depth + 1)

    def _below_root(self, wanted: str) -> str:
        path = posixpath.normpath(wanted)
        return path.removeprefix(f"{self._root}/") if self._root else path
