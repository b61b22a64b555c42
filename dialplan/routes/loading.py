"""Reads ``routes.yaml``; every mistake is told with its line, its key and what to do."""

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from dialplan.errors import DialplanError
from dialplan.yaml_lines import YamlLines, read_yaml

from .calendar import Hours
from .callers import Callers, Vip
from .model import Route, Routes
from .queues import Queue, Queues
from .targets import Closed, Exit, Lead

_PARTS: Final[Mapping[str, type[BaseModel]]] = {
    "": Routes,
    "routes.*": Route,
    "routes.*.hours": Hours,
    "routes.*.closed": Closed,
    "routes.*.overflow": Exit,
    "routes.*.callers": Callers,
    "routes.*.callers.vip.*": Vip,
    "routes.*.callers.anonymous": Exit,
    "queues": Queues,
    "queues.ours.*": Queue,
}
_KINDS: Final = {
    "missing": "is missing; add it",
    "tuple_type": "must be a list; write [ ] around it",
    "list_type": "must be a list; write [ ] around it",
    "dict_type": "must be keys with values, indented below it",
    "model_type": "must be keys with values, indented below it",
    "string_type": "must be text",
    "bool_parsing": "must be true or false",
    "int_parsing": "must be a whole number",
}


def load_routes(path: Path, *, fallback_queue: str = "support", agents: Collection[str] = ()) -> Routes:
    """Return the routes of a file.

    ``fallback_queue`` may be named without being declared; ``agents`` are the known names, none: they are not checked.

    Raises:
        DialplanError: one line per mistake, ``FILE:LINE: key: what; remedy``.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise DialplanError(f"{path}: cannot be read: {error.strerror}. Make it readable, or correct dialplan.routes.") from error
    except UnicodeDecodeError as error:
        raise DialplanError(f"{path}: is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from error
    return parse_routes(text, str(path), fallback_queue=fallback_queue, agents=agents)


def parse_routes(text: str, source: str, *, fallback_queue: str = "support", agents: Collection[str] = ()) -> Routes:
    """As ``load_routes``, from text that is called ``source`` in messages."""
    lines = read_yaml(text, source, "start from dialplan/routes/example.yaml")
    try:
        routes = Routes.model_validate(lines.data)
    except ValidationError as error:
        raise DialplanError("\n".join(sorted(_told(error, lines), key=_line_of))) from error
    if problems := sorted((_at(lines, path, what) for path, what in _loose_ends(routes, fallback_queue, agents)), key=_line_of):
        raise DialplanError("\n".join(dict.fromkeys(problems)))
    return routes


def _line_of(message: str) -> int:
    return int(message.split(": ", 1)[0].rpartition(":")[2])


def _at(lines: YamlLines, path: Sequence[str | int], what: str) -> str:
    return f"{lines.source}:{lines.line(path)}: {'.'.join(map(str, path)) or 'the file'}: {what}"


def _told(error: ValidationError, lines: YamlLines) -> Iterator[str]:
    told: set[str] = set()
    for each in error.errors(include_url=False):
        path = _real_path(each["loc"], lines.data)
        kind = each["type"]
        if kind == "extra_forbidden":
            what = f"is not known here; {nearest(str(path[-1]), _keys_at(path[:-1]))}"
        elif kind == "literal_error" and "anonymous" in map(str, path):
            what = "must be accept, refuse, or keys queue: or goto: below it"
        elif kind == "literal_error":
            what = f"'{str(each['input'])[:40]}' is not possible; use {each['ctx']['expected']}"
        elif kind == "value_error":
            what = str(each["ctx"]["error"])
        elif "anonymous" in map(str, path) and kind == "model_type":
            continue
        elif each["input"] is None:
            what = "is empty; give it a value or remove the key"
        else:
            what = _KINDS.get(kind) or f"{each['msg'][0].lower()}{each['msg'][1:]}; correct it"
        message = _at(lines, path, what)
        if message not in told:
            told.add(message)
            yield message


def _real_path(loc: Sequence[str | int], data: Any) -> list[str | int]:
    """Leave out what pydantic adds to a place: names of alternatives and ``[key]``."""
    path: list[str | int] = []
    for index, part in enumerate(loc):
        inside = isinstance(data, dict) and part in data
        if inside or (isinstance(data, list) and isinstance(part, int)):
            data = data[part]
        elif index + 1 < len(loc) or part == "[key]" or not isinstance(data, dict):
            continue
        path.append(part)
    return path


def _keys_at(path: Sequence[str | int]) -> list[str]:
    parts = list(map(str, path))
    for pattern, model in _PARTS.items():
        wanted = pattern.split(".") if pattern else []
        if len(wanted) == len(parts) and all(want in ("*", part) for want, part in zip(wanted, parts, strict=True)):
            return list(model.model_fields)
    return []


def nearest(wrong: str, known: Collection[str]) -> str:
    """Return a hint with the closest known name, or the list of them."""
    close = difflib.get_close_matches(wrong, known, n=1, cutoff=0.5)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"known here: {', '.join(sorted(known))}" if known else "remove it"


def _loose_ends(routes: Routes, fallback_queue: str, agents: Collection[str]) -> Iterator[tuple[list[str | int], str]]:
    for index, queue in enumerate(routes.queues.theirs):
        if queue in routes.queues.ours:
            yield ["queues", "theirs", index], f"'{queue}' is among ours too; keep it in one of the two lists"
    queues = {*routes.queues.ours, *routes.queues.theirs, fallback_queue}
    for name, route in routes.routes.items():
        base: list[str | int] = ["routes", name]
        for index, day in enumerate(route.holidays):
            if not day[0].isdigit() and day not in routes.holidays:
                yield [*base, "holidays", index], f"there is no list of holidays '{day}'; {nearest(day, routes.holidays)}"
        for path, part in _leading(route):
            if (queue := part.queue) and queue not in queues:
                yield (
                    [*base, *path, "queue"],
                    f"there is no queue '{queue}'; {nearest(queue, queues)} - or declare it in queues.ours or queues.theirs",
                )
            if agents and isinstance(part, Route | Lead):
                named = [(["agent"], part.agent)] if part.agent else []
                named += [(["split", agent], agent) for agent in part.split] if isinstance(part, Route) else []
                for key, agent in named:
                    if agent not in agents:
                        yield [*base, *path, *key], f"there is no agent '{agent}'; {nearest(agent, agents)}"
    for name, number, other, why in routes.clashes():
        if name != other or "same numbers" in why:
            where = "this route" if other == name else f"route '{other}'"
            yield ["routes", name, "numbers", number], f"{why} (the other stands in {where}); keep one, or make one narrower than the other"


def _leading(route: Route) -> Iterator[tuple[list[str | int], Route | Lead | Exit]]:
    yield [], route
    if route.closed is not None:
        yield ["closed"], route.closed
    if route.overflow is not None:
        yield ["overflow"], route.overflow
    if isinstance(route.callers.anonymous, Exit):
        yield ["callers", "anonymous"], route.callers.anonymous
    for index, vip in enumerate(route.callers.vip):
        yield ["callers", "vip", index], vip
