"""``/audit``: who did what, and whether the chain of the audit is whole."""

from aiohttp import web

from handoff.desk.access import Role, requires
from handoff.desk.deps import DEPS, NAV
from handoff.desk.nav import NavItem
from handoff.desk.pages import page
from handoff.desk.requests import audit

READERS = (Role.ADMIN, Role.AUDITOR)
_PAGE = 100


def add(app: web.Application) -> None:
    app[NAV].append(NavItem("Audit", "/audit", "g u", frozenset(READERS), order=90))
    app.router.add_get("/audit", show)
    app.router.add_post("/audit", verify)


@requires(*READERS)
async def show(request: web.Request) -> web.StreamResponse:
    return await _page(request, None)


@requires(*READERS)
async def verify(request: web.Request) -> web.StreamResponse:
    """Goes through the whole chain; a POST, for it is work."""
    await audit(request, "verify_audit")
    return await _page(request, await request.app[DEPS].audit.verify())


async def _page(request: web.Request, verified: object) -> web.StreamResponse:
    given = {name: request.query.get(name, "")[:64] for name in ("actor", "action", "call_id")}
    before = request.query.get("before", "")
    rows = await request.app[DEPS].audit.entries(
        **given, before=int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None, limit=_PAGE
    )
    older = rows[-1]["seq"] if len(rows) == _PAGE else None
    return page(request, "audit/list.html", rows=rows, given=given, older=older, verified=verified)
