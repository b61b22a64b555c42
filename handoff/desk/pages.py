"""Templates: everything that is put into them is escaped, and marks that turn the direction of text are made visible."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from handoff.desk.access import find_session
from handoff.desk.deps import DEPS, NAV
from handoff.desk.moments import clock
from handoff.desk.nav import NavItem

FOLDER: Final = Path(__file__).parent
STATIC: Final = FOLDER / "static"

_TURNING: Final = {code: f"⟨U+{code:04X}⟩" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_CONTROL: Final = {code: f"⟨U+{code:04X}⟩" for code in (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0))}
_VISIBLE: Final = _TURNING | _CONTROL


def visible(value: Any) -> Any:
    """Text in which nothing hides: marks that override direction and control characters are shown by their code."""
    return value.translate(_VISIBLE) if isinstance(value, str) and not isinstance(value, Markup) else value


def page(request: web.Request, template: str, *, status: int = 200, **values: object) -> web.Response:
    """A whole page, for the browser of whoever asks."""
    return web.Response(text=fragment(request, template, **values), status=status, content_type="text/html")


def fragment(request: web.Request, template: str, **values: object) -> str:
    """HTML, for pages that fetch a part of themselves anew."""
    deps, session = request.app[DEPS], find_session(request)
    menu: list[NavItem] = request.app[NAV]
    nav = [item for item in sorted(menu, key=lambda item: item.order) if session is not None and session.role in item.roles]
    common: dict[str, object] = {
        "desk_title": deps.settings.title,
        "session": session,
        "nav": nav,
        "path": request.path,
        "live_id": deps.hub.last_id,
        "resting": deps.resting(),
        "csrf_field": lambda: Markup('<input type="hidden" name="csrf" value="{}">').format(session.csrf if session else ""),
    }
    return environment().get_template(template).render({**common, **values})


def error_page(request: web.Request, status: int, text: str, *, logged_in: bool) -> web.Response:
    return page(request, "error.html", status=status, code=status, name=HTTPStatus(status).phrase, text=text, logged_in=logged_in)


@lru_cache(maxsize=1)
def environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(static=static_url)
    found.filters.update(clock=clock, when=when, lasting=length_between, percent=percent, dictionary=_dictionary)
    # ``icon`` everywhere, without an import in each template.
    found.globals["icon"] = found.get_template("icons.html").module.icon  # type: ignore[attr-defined]
    return found


@lru_cache(maxsize=256)
def static_url(name: str) -> str:
    """The address of a file in ``static/``, with its digest: browsers keep it for ever and never keep an old one."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def when(moment: datetime | str | None) -> Markup:
    """A ``<time>`` that the browser turns into its own time zone; without JavaScript it is UTC."""
    if not moment:
        return Markup("–")
    value = (datetime.fromisoformat(moment) if isinstance(moment, str) else moment).astimezone(UTC)
    return Markup('<time datetime="{}" data-local>{} UTC</time>').format(
        value.isoformat(timespec="milliseconds"), value.strftime("%Y-%m-%d %H:%M:%S")
    )


def length_between(start: datetime | str | None, end: datetime | str | None) -> str:
    if not start or not end:
        return "–"
    first, last = (datetime.fromisoformat(moment) if isinstance(moment, str) else moment for moment in (start, end))
    return clock((last - first) / timedelta(milliseconds=1))


def percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.0f} %"


def _dictionary(value: object) -> Mapping[str, object]:
    """What came out of JSON and should be an object; empty when it is not."""
    return value if isinstance(value, Mapping) else {}
