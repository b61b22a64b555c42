"""One configuration, read once, for all checks."""

import difflib
import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from .contexts import Dialplan, build
from .finding import Finding, Place
from .reading import Reading, Section, read
from .surroundings import Surroundings, Words, documented

_AEL_CONTEXT = re.compile(r"^\s*(?:abstract\s+)?context\s+([\w-]+)", re.MULTILINE)
_LUA_CONTEXT = re.compile(r"""^\s*(?:\[["']([\w-]+)["']\]|([\w-]+))\s*=\s*\{""", re.MULTILINE)


class View:
    """``files``: name below Asterisk's configuration folder to text."""

    def __init__(self, files: Mapping[str, str], surroundings: Surroundings) -> None:
        self.files = files
        self.around = surroundings
        self._readings: dict[str, Reading] = {}

    def config(self, name: str) -> Reading:
        """Return a file with its includes; without sections when it does not exist."""
        if name not in self._readings:
            self._readings[name] = read(self.files, name, self.around.root)
        return self._readings[name]

    @cached_property
    def words(self) -> Words:
        """Applications and functions that exist, those of func_odbc.conf among them."""
        known = self.around.words or documented()
        return Words(known.applications, {**known.functions, **dict.fromkeys(self._odbc(), ())})

    def _odbc(self) -> Iterable[str]:
        for section in self.config("func_odbc.conf").plain():
            yield f"{section.value('prefix', 'ODBC').upper()}_{section.name}"

    @cached_property
    def dialplan(self) -> Dialplan:
        """All contexts; those of other dialects and of parking are known by name only."""
        others = _AEL_CONTEXT.findall(self.files.get("extensions.ael", ""))
        others += [first or second for first, second in _LUA_CONTEXT.findall(self.files.get("extensions.lua", ""))]
        if "res_parking.conf" in self.files:
            lots = [section.value("context") for section in self.config("res_parking.conf").plain()]
            others += ["parkedcalls", *(name for name in lots if name)]
        plan = build(self.config("extensions.conf"), tuple(others))
        plan.unseen |= self.realtime("extensions")
        return plan

    def realtime(self, family: str) -> bool:
        """Tell whether things of this family may come from a database."""
        for file in ("extconfig.conf", "sorcery.conf"):
            for section in self.config(file).plain():
                if any(entry.name.lower() in (family, family.removeprefix("ps_").rstrip("s")) for entry in section.entries) and not (
                    file == "sorcery.conf" and all("config," in e.value or "astdb" in e.value for e in section.entries)
                ):
                    return True
        return False

    @cached_property
    def queues(self) -> dict[str, Section]:
        """Queues of queues.conf by name."""
        return {section.name: section for section in self.config("queues.conf").plain() if section.name.lower() != "general"}

    @cached_property
    def loads(self) -> "Modules":
        """Which modules Asterisk loads."""
        return Modules(self.config("modules.conf"), self.around.modules)

    def sip(self, kind: str) -> list[Section]:
        """Return the sections of pjsip.conf with ``type = kind``."""
        found = [section for section in self.config("pjsip.conf").plain() if section.value("type").lower() == kind]
        if kind == "endpoint":
            found += [section for section in self.config("pjsip_wizard.conf").plain() if section.value("type").lower() == "wizard"]
        return found

    @cached_property
    def endpoints(self) -> dict[str, Section]:
        """SIP endpoints by name."""
        return {section.name: section for section in self.sip("endpoint")}


class Modules:
    """What modules.conf has loaded."""

    def __init__(self, reading: Reading, available: frozenset[str] | None) -> None:
        section = reading.named("modules") or Section("modules", Place("modules.conf", 0))
        self._available = available
        self.known = bool(section.entries)
        self._auto = section.value("autoload", "yes").lower() in ("yes", "true", "1", "on")
        words = [(entry.name.lower(), entry.value.removesuffix(".so"), entry.at) for entry in section.entries]
        self._loaded = {name for kind, name, _ in words if kind in ("load", "preload", "require", "preload-require", "load-preload")}
        self._kept_out = {name: at for kind, name, at in words if kind == "noload"}

    def missing(self, modules: tuple[str, ...]) -> Place | None:
        """Return the place that keeps all of these modules from being loaded; None when one of them is loaded, or that is not known."""
        if not self.known or not modules:
            return None
        reasons = [self._reason(name) for name in modules]
        return None if any(reason is None for reason in reasons) else reasons[0]

    def _reason(self, name: str) -> Place | None:
        if name in self._kept_out:
            return self._kept_out[name]
        if name in self._loaded or (self._auto and (self._available is None or name in self._available)):
            return None
        return Place("modules.conf", 0)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence: ``; was 'x' meant?`` when something known is spelt nearly so, else a full stop."""
    found = difflib.get_close_matches(word, list(known), 1, 0.7)
    return f"; was '{found[0]}' meant?" if found else "."


def fault(at: Place, what: str, remedy: str) -> Finding:
    """Return a finding; both sentences end with a full stop or a question mark."""
    return Finding(at, what, remedy)
