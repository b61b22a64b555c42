"""``/card/{id}?e=…&s=…``: what the queue's URL opens. Needs a link that is still good *and* a login; an old or changed link is refused."""

from typing import Any, LiteralString

from aiohttp import web

from handoff.desk.access import Role, Session, requires, session_of
from handoff.desk.cards.signs import signs_of
from handoff.desk.cards.view import card_view
from handoff.desk.deps import DEPS, TOPICS
from handoff.desk.links import LinkState
from handoff.desk.pages import page
from handoff.desk.requests import audit

_CARD: LiteralString = "SELECT call_id, body FROM cards WHERE id = %s"


def add(app: web.Application) -> None:
    app[TOPICS].allow("cards", _may_hear)
    app.router.add_get("/card/{id}", show)


@requires(Role.AGENT, Role.SUPERVISOR, Role.ADMIN)
async def show(request: web.Request) -> web.StreamResponse:
    deps, card_id = request.app[DEPS], request.match_info["id"]
    state = deps.links.check(card_id, request.query.get("e", ""), request.query.get("s", ""), deps.clock().timestamp())
    if state is not LinkState.GOOD:
        await audit(request, "card_link_refused", why=state.value)
        return page(request, "cards/refused.html", status=403, expired=state is LinkState.EXPIRED)
    row = await deps.database.row(_CARD, (card_id,))
    if row is None:
        raise web.HTTPNotFound(text="This card is not there, or not any more.")
    body: dict[str, Any] = row["body"]
    await audit(request, "view_card", call_id=row["call_id"])
    signs = await signs_of(deps.database, row["call_id"])
    return page(request, "cards/page.html", card=card_view(body, signs), may_see_call=session_of(request).role is not Role.AGENT)


async def _may_hear(session: Session, rest: str) -> bool:
    """Everybody may hear of their own cards (``cards:@name``); those of a queue are for who oversees it."""
    return rest == f"@{session.user}" or (bool(rest) and not rest.startswith("@") and session.role in (Role.SUPERVISOR, Role.ADMIN))
