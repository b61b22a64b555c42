"""The desk as an aiohttp application. ``build_desk(deps)`` for a process or a test; the deps' database is opened and closed with it."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from aiohttp import web

from handoff.desk import audit_page, static_files, stream
from handoff.desk.agent import routes as agent
from handoff.desk.calls import routes as calls
from handoff.desk.cards import routes as cards
from handoff.desk.deps import DEPS, NAV, TOPICS, DeskDeps
from handoff.desk.floor import routes as floor
from handoff.desk.guard import add_headers, errors_as_pages, only_permitted
from handoff.desk.knobs import routes as knobs
from handoff.desk.listen import listening
from handoff.desk.live import Topics
from handoff.desk.login import routes as login

MOST_BYTES: Final = 1 << 20
"""Of a request; sections that take more read it themselves."""

SECTIONS: Final[Sequence[Callable[[web.Application], None]]] = (
    static_files.add,
    login.add,
    stream.add,
    agent.add,
    floor.add,
    calls.add,
    cards.add,
    knobs.add,
    audit_page.add,
)
"""Listed here, nowhere else. Sections add routes, menu entries and topics."""


def build_desk(deps: DeskDeps) -> web.Application:
    app = web.Application(middlewares=[errors_as_pages, only_permitted], client_max_size=MOST_BYTES)
    app[DEPS] = deps
    app[NAV] = []
    app[TOPICS] = Topics()
    app.cleanup_ctx.extend((_database, listening))
    for add in SECTIONS:
        add(app)
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(_let_readers_go)
    return app


async def _database(app: web.Application) -> AsyncIterator[None]:
    await app[DEPS].database.open()
    yield
    await app[DEPS].database.close()


async def _let_readers_go(app: web.Application) -> None:
    app[DEPS].hub.close()
