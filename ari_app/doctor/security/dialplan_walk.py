"""Where a call can get to from a context, step by step, and whether the caller's id was cleaned on the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ari_app.doctor.security.dialplan_text import Dialplan, Step, parts, step

_SPECIAL: Final = ("i", "t", "T", "h", "e", "next")
"""Extensions that Asterisk, or the application, goes to by itself."""
_INNER: Final = ("exec", "tryexec", "execif", "execiftime")
_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Reached:
    context: str
    extension: str
    step: Step
    cleaned: bool
    """CALLERID has gone through FILTER on the way."""
    entry: str
    """Where the call came in: context and extension."""


@dataclass(frozen=True, slots=True)
class _At:
    context: str
    extension: str
    index: int
    cleaned: bool


def reachable(dialplan: Dialplan, context: str) -> Iterator[Reached]:
    """Every step that a call which arrives in ``context`` may come to, each once for a cleaned and once for an uncleaned caller id."""
    for entry, extension in _extensions(dialplan, context):
        yield from _from(dialplan, _At(entry, extension, 0, False), f"{context},{extension}")


def _from(dialplan: Dialplan, start: _At, entry: str) -> Iterator[Reached]:
    seen, open_ = {start}, [start]
    while open_ and len(seen) < _MOST:
        at = open_.pop()
        steps = dialplan[at.context].extensions[at.extension]
        if at.index >= len(steps):
            continue
        here = steps[at.index]
        yield Reached(at.context, at.extension, here, at.cleaned, entry)
        for then in _then(dialplan, at, here):
            if then not in seen:
                seen.add(then)
                open_.append(then)


def _then(dialplan: Dialplan, at: _At, here: Step) -> Iterator[_At]:
    cleaned = at.cleaned or _cleans(dialplan, here)
    if here.app not in ("goto", "hangup", "return") or (not here.arguments and here.app == "goto"):
        yield _At(at.context, at.extension, at.index + 1, cleaned)
    for context, extension, priority in targets(here, at.context, at.extension):
        for place, found in _matches(dialplan, context, extension):
            yield _At(place, found, _index(dialplan[place].extensions[found], priority), cleaned)
    for special in _SPECIAL:
        if special in dialplan[at.context].extensions and special != at.extension:
            yield _At(at.context, special, 0, cleaned)


def targets(here: Step, context: str, extension: str) -> list[tuple[str, str, str]]:
    """(context, extension, priority) that a step may jump to; what is decided in the call stays as it is written."""
    if here.app in ("goto", "gosub"):
        return [_place(here.arguments, context, extension)]
    if here.app in ("gotoif", "gotoiftime", "gosubif"):
        _, _, ways = _split_condition(here.arguments)
        return [_place(way, context, extension) for way in ways if way]
    if here.app == "macro":
        return [(f"macro-{parts(here.arguments)[0]}", "s", "1")]
    return [place for each in inner(here) for place in targets(each, context, extension)]


def inner(here: Step) -> list[Step]:
    """The applications that Exec and its like run."""
    if here.app not in _INNER:
        return []
    if here.app in ("exec", "tryexec"):
        return [step(here.arguments, place=here.place)]
    _, _, ways = _split_condition(here.arguments)
    return [step(way, place=here.place) for way in ways if way]


def _split_condition(arguments: str) -> tuple[str, str, list[str]]:
    condition, *rest = parts(arguments, "?")
    return condition, "?", parts("?".join(rest), ":") if rest else []


def _place(text: str, context: str, extension: str) -> tuple[str, str, str]:
    words = parts(text)
    words[-1] = words[-1].partition("(")[0] if words[-1] and not words[-1].startswith("$") else words[-1]
    if len(words) == 1:
        return context, extension, words[0]
    if len(words) == 2:
        return context, words[0], words[1]
    return words[0], words[1], words[2]


def _cleans(dialplan: Dialplan, here: Step) -> bool:
    if here.app == "set":
        return here.arguments.lower().replace(" ", "").startswith("callerid(num)=${filter(")
    if here.app != "gosub":
        return False
    context, extension, _ = _place(here.arguments, "", "")
    inside = dialplan[context].extensions.get(extension, []) if context in dialplan else []
    return any(_cleans(dialplan, each) for each in inside if each.app == "set")


def _extensions(dialplan: Dialplan, context: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    if context not in dialplan or depth > 8:
        return
    for extension in dialplan[context].extensions:
        yield context, extension
    for included in dialplan[context].includes:
        yield from _extensions(dialplan, included, depth + 1)


def _matches(dialplan: Dialplan, context: str, extension: str) -> list[tuple[str, str]]:
    known = list(_extensions(dialplan, context))
    exact = [found for found in known if found[1] == extension]
    return exact or [found for found in known if "$" in extension or found[1].startswith("_")]


def _index(steps: list[Step], priority: str) -> int:
    if priority.isdigit():
        return int(priority) - 1
    return next((index for index, each in enumerate(steps) if each.label == priority), 0)
