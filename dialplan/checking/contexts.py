"""The dialplan as a checker sees it: contexts, extensions, priorities, labels, and where each stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .expressions import application_of, split
from .finding import Finding, Place
from .patterns import Pattern
from .reading import Entry, Reading, Section

_NO_CONTEXTS = {"general", "globals"}
_PRIORITY = re.compile(r"(?P<number>\d+|n|s|hint)(?:\s*\+\s*(?P<plus>\d+))?\s*(?:\(\s*(?P<label>[^)]*?)\s*\))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Step:
    """One priority of an extension."""

    context: str
    exten: str
    priority: int
    """0 is a hint."""
    label: str
    application: str
    arguments: str
    at: Place
    cut: bool = False


@dataclass(slots=True)
class Context:
    """One context, from all the sections of that name."""

    name: str
    at: Place
    extens: dict[str, list[Step]] = field(default_factory=dict)
    includes: list[tuple[str, Place]] = field(default_factory=list)
    switches: bool = False
    """Some extensions come from elsewhere (switch =>, another dialect), so what is lacking here may be there."""

    def steps(self) -> Iterator[Step]:
        """Go through all steps, in the order of the file."""
        return (step for steps in self.extens.values() for step in steps)


@dataclass(slots=True)
class Dialplan:
    """All contexts of extensions.conf and its includes."""

    contexts: dict[str, Context] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)
    unseen: bool = False
    """Contexts may exist that cannot be seen from here."""

    def steps(self) -> Iterator[Step]:
        """Go through all steps of all contexts."""
        return (step for context in self.contexts.values() for step in context.steps())

    def reachable(self, name: str) -> Iterator[Context]:
        """Go through a context and all that it includes, each once."""
        waiting, seen = [name], set[str]()
        while waiting:
            current = waiting.pop(0)
            if current in seen or current not in self.contexts:
                continue
            seen.add(current)
            context = self.contexts[current]
            yield context
            waiting += [included for included, _ in context.includes]

    def find(self, context: str, exten: str) -> list[Step] | None:
        """Return the steps that a call to the extension runs; None when it may come from elsewhere, empty when there is none."""
        elsewhere, best = False, list[Step]()
        for one in self.reachable(context):
            elsewhere |= one.switches
            fitting = [name for name in one.extens if name.startswith("_") and Pattern(name).matches(exten)]
            by_pattern = [step for name in fitting for step in one.extens[name]]
            if exten in one.extens:
                # a priority that the extension itself lacks is taken from a pattern that fits
                return [*one.extens[exten], *by_pattern]
            best = best or by_pattern
        return best or (None if elsewhere or self.unseen else [])


def build(reading: Reading, others: tuple[str, ...] = ()) -> Dialplan:
    """Put the dialplan together; ``others`` are contexts that other files bring (AEL, Lua, parking)."""
    plan = Dialplan(faults=list(reading.faults), unseen=reading.unseen)
    for section in reading.plain():
        if section.name.lower() not in _NO_CONTEXTS:
            context = plan.contexts.setdefault(section.name, Context(section.name, section.at))
            _Extensions(context, plan.faults).read(section)
    for name in others:
        plan.contexts.setdefault(name, Context(name, Place(reading.file, 0), switches=True)).switches = True
    return plan


class _Extensions:
    """Reads the lines of one section."""

    def __init__(self, context: Context, faults: list[Finding]) -> None:
        self._context, self._faults = context, faults
        self._exten = ""
        self._last = 0

    def read(self, section: Section) -> None:
        for entry in section.entries:
            match entry.name.lower():
                case "exten":
                    name, _, rest = entry.value.partition(",")
                    if _is_new(name.strip(), self._exten):
                        self._exten, self._last = name.strip(), _last(self._context, name.strip())
                    self._step(entry, rest)
                case "same":
                    if not self._exten:
                        self._fault(
                            entry.at, "'same' stands before any 'exten' of this context.", "Begin the extension with exten => NAME,1,…"
                        )
                        continue
                    self._step(entry, entry.value)
                case "include":
                    self._context.includes.append((split(entry.value)[0].strip(), entry.at))
                case "switch" | "eswitch" | "lswitch":
                    self._context.switches = True
                case "ignorepat" | "autohints":
                    pass
                case other:
                    self._fault(
                        entry.at,
                        f"'{other}' is nothing that a context may hold.",
                        "Write exten, same, include, switch, ignorepat or autohints.",
                    )

    def _fault(self, at: Place, what: str, remedy: str) -> None:
        self._faults.append(Finding(at, what, remedy))

    def _step(self, entry: Entry, rest: str) -> None:
        priority, _, call = rest.partition(",")
        match = _PRIORITY.fullmatch(priority.strip())
        if match is None:
            self._fault(
                entry.at,
                f"'{priority.strip()[:30]}' is not a priority, so Asterisk leaves the line out.",
                "Write a number, n, n(label) or hint, then a comma and the application.",
            )
            return
        number = self._number(match["number"].lower(), int(match["plus"] or 0), entry)
        if number is None:
            return
        application, arguments = application_of(call.strip())
        if not application and number:
            self._fault(entry.at, "The line names no application.", "Write one after the priority, such as Answer().")
            return
        label = match["label"] or ""
        step = Step(self._context.name, self._exten, number, label, application, arguments, entry.at, entry.cut)
        steps = self._context.extens.setdefault(self._exten, [])
        if twin := next((one for one in steps if one.priority == number), None):
            self._fault(
                entry.at,
                f"Extension {self._exten} in [{self._context.name}] has priority {number} already, at {twin.at}; Asterisk keeps that one.",
                "Remove one of the two, or give this one another name or 'n'.",
            )
            return
        if label and (twin := next((one for one in steps if one.label == label), None)):
            self._fault(entry.at, f"Label '{label}' stands at {twin.at} too, in the same extension.", "Name one of them differently.")
        steps.append(step)
        self._last = number or self._last
        if number and call.count("(") and not call.rstrip().endswith(")"):
            self._fault(
                entry.at,
                f"The closing parenthesis of {application}(…) is missing.",
                "Write a semicolon that belongs to the value as \\;" if entry.cut else "Add it at the end of the line.",
            )

    def _number(self, kind: str, plus: int, entry: Entry) -> int | None:
        if kind == "hint":
            return 0
        if kind.isdigit():
            return int(kind) + plus
        if not self._last:
            self._fault(
                entry.at,
                f"Extension {self._exten} begins with priority '{kind}'; without a priority 1 a call never gets in.",
                "Let its first line have priority 1.",
            )
            return None
        return self._last + (1 if kind == "n" else 0) + plus


def _is_new(name: str, current: str) -> bool:
    return name != current


def _last(context: Context, exten: str) -> int:
    return max((step.priority for step in context.extens.get(exten, [])), default=0)
