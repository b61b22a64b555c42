"""Where dialplan applications send a call: by their arguments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .contexts import Step
from .expressions import application_of, split

_BRANCH = re.compile(r"\(([^()]*)\)\s*$")
_OPTION = re.compile(r"[bBUGF]\(([^()]*)\)")


@dataclass(frozen=True, slots=True)
class Jump:
    """A place that a step leads to; parts that depend on the call are left as they stand."""

    context: str
    exten: str
    priority: str
    """Number, label, or empty when only the context and the extension count."""


@dataclass(frozen=True, slots=True)
class Call:
    """An application that a step runs, itself or inside of ExecIf and the like."""

    application: str
    arguments: str


def calls(step: Step) -> Iterator[Call]:
    """Go through the applications that a step can run."""
    waiting = [(step.application, step.arguments)]
    while waiting:
        application, arguments = waiting.pop()
        yield Call(application, arguments)
        inner: list[str] = []
        match application.lower():
            case "execif" | "execiftime":
                _, yes, no = branches(arguments)
                inner = [yes, no]
            case "exec" | "tryexec":
                inner = [arguments]
        waiting += [application_of(one.strip()) for one in inner if "(" in one and "${" not in one.partition("(")[0]]


def branches(arguments: str) -> tuple[str, str, str]:
    """Take ``condition?yes:no`` apart."""
    condition, *rest = split(arguments, "?")
    yes, *no = split("?".join(rest), ":")
    return condition, yes, ":".join(no)


def jumps(step: Step) -> Iterator[Jump]:
    """Go through the places that a step leads to."""
    for call in calls(step):
        arguments = call.arguments
        match call.application.lower():
            case "goto":
                yield from _place(arguments, step)
            case "gosub":
                yield from _place(_BRANCH.sub("", arguments), step)
            case "gotoif" | "gotoiftime":
                for branch in branches(arguments)[1:]:
                    yield from _place(branch, step)
            case "gosubif":
                for branch in branches(arguments)[1:]:
                    yield from _place(_BRANCH.sub("", branch), step)
            case "dial" | "queue":
                position = 2 if call.application.lower() == "dial" else 1
                options = split(arguments)
                for found in _OPTION.finditer(options[position] if len(options) > position else ""):
                    yield from _place(",".join(found[1].split("^")[:3]), step)


def _place(text: str, step: Step) -> Iterator[Jump]:
    parts = [part.strip() for part in split(text)]
    if not any(parts):
        return
    match parts:
        case [priority]:
            yield Jump(step.context, step.exten, priority)
        case [exten, priority]:
            yield Jump(step.context, exten, priority)
        case [context, exten, priority, *_]:
            yield Jump(context, exten, priority)
