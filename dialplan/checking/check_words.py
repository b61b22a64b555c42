"""Applications, functions and brackets: what the dialplan says, word by word."""

import re
from collections.abc import Iterator

from .contexts import Dialplan, Step
from .expressions import functions_in, unbalanced
from .finding import Finding
from .jumps import calls
from .patterns import Pattern
from .view import View, fault, nearest

_SET_FUNCTION = re.compile(r"\s*_{0,2}([A-Z][A-Z0-9_]*)\(")
_REMOVED = {
    "macro": (21, "Use Gosub() and Return() instead."),
    "monitor": (21, "Use MixMonitor() instead."),
    "imeetme": (21, "Use ConfBridge() instead."),
    "adsiprog": (22, "Take the line out."),
}
_REMOVED_CHANNELS = {"SIP": 21, "Skinny": 21, "MGCP": 21, "Alsa": 21}
_CHANNEL = re.compile(r"(?:^|[,&(])\s*(SIP|Skinny|MGCP|Alsa)/")


def check(view: View) -> Iterator[Finding]:
    """Find words that Asterisk does not know."""
    yield from view.dialplan.faults
    applications = {name.lower(): (name, modules) for name, modules in view.words.applications.items()}
    for step in view.dialplan.steps():
        if step.priority == 0:
            continue
        for call in calls(step):
            yield from _application(view, step, call.application, applications)
        yield from _functions(view, step)
        if sign := unbalanced(step.arguments):
            closing = "}" if sign == "${" else "]"
            yield fault(step.at, f"'{sign}' in the arguments of {step.application} is never closed.", f"Add the missing '{closing}'.")
        if step.application.lower() == "dial":
            yield from _channels(view, step)
    yield from _patterns(view.dialplan)


def _application(view: View, step: Step, name: str, known: dict[str, tuple[str, tuple[str, ...]]]) -> Iterator[Finding]:
    if "${" in name:
        return
    major = view.around.asterisk_major
    found = known.get(name.lower())
    if name.lower() in _REMOVED and found is None:
        since, remedy = _REMOVED[name.lower()]
        if major >= since:
            yield fault(step.at, f"The application {name}() is gone since Asterisk {since}, and this one is {major}.", remedy)
    elif found is None:
        names = [proper for proper, _ in known.values()]
        yield fault(
            step.at,
            f"Asterisk has no application '{name}'{nearest(name, names)}",
            "Correct the name; a call that gets here is hung up.",
        )
    elif place := view.loads.missing(found[1]):
        yield fault(
            step.at,
            f"The application {name}() comes with {' or '.join(found[1])}, which is not loaded ({place}).",
            f"Write 'load = {found[1][0]}.so' into modules.conf.",
        )


def _functions(view: View, step: Step) -> Iterator[Finding]:
    used = list(functions_in(step.arguments))
    if step.application.lower() in ("set", "mset") and (match := _SET_FUNCTION.match(step.arguments)):
        used.append(match[1])
    for name in dict.fromkeys(used):
        modules = view.words.functions.get(name)
        if modules is None:
            yield fault(
                step.at,
                f"Asterisk has no function '{name}'{nearest(name.upper(), view.words.functions)}",
                "Correct the name (functions are written in capitals), or take the parentheses off a variable.",
            )
        elif place := view.loads.missing(modules):
            yield fault(
                step.at,
                f"The function {name}() comes with {' or '.join(modules)}, which is not loaded ({place}).",
                f"Write 'load = {modules[0]}.so' into modules.conf.",
            )


def _channels(view: View, step: Step) -> Iterator[Finding]:
    for name in _CHANNEL.findall(step.arguments):
        if view.around.asterisk_major >= (since := _REMOVED_CHANNELS[name]):
            yield fault(
                step.at,
                f"Dial() uses {name}/…, whose channel driver is gone since Asterisk {since}.",
                "Write PJSIP/… and set the phone up in pjsip.conf." if name == "SIP" else "Use another kind of channel.",
            )


def _patterns(plan: Dialplan) -> Iterator[Finding]:
    for context in plan.contexts.values():
        seen: dict[tuple[str, ...], Step] = {}
        for name, steps in context.extens.items():
            if not name.startswith("_"):
                continue
            first = steps[0]
            if name in ("_.", "_!"):
                yield fault(
                    first.at,
                    f"The pattern '{name}' takes even h, i and t, which are Asterisk's own.",
                    "Write _X. for digits, or _[+0-9]. with a plus.",
                )
            if "[" in name and name.count("[") != name.count("]"):
                yield fault(first.at, f"The pattern '{name}' has a '[' that is not closed.", "Close it with ']'.")
            sets = tuple(Pattern(name).sets)
            if "/" not in name and (twin := seen.setdefault(sets, first)) is not first:
                yield fault(
                    first.at,
                    f"The pattern '{name}' takes exactly the numbers of '{twin.exten}' at {twin.at}; one of the two is never used.",
                    "Remove one of them.",
                )
