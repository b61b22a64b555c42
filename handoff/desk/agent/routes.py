"""The agent's page and what it asks for."""

import asyncio

from aiohttp import web

from handoff.desk.access import Session, requires, session_of
from handoff.desk.agent import phone_routes, rung, work_routes
from handoff.desk.agent.line import PHONES
from handoff.desk.agent.members import PAUSE_REASONS
from handoff.desk.agent.spoken import COMING, IN_WORDS, spoken
from handoff.desk.agent.store import DISPOSITIONS, AgentStore
from handoff.desk.agent.who import GIVEN, KNOWN, ROLES, STORE, GivenCards, KnownQueues, card_for, may_see_queue, place_of, queues_of
from handoff.desk.agent.work_routes import place_json
from handoff.desk.cards.signs import signs_of
from handoff.desk.cards.view import card_view
from handoff.desk.deps import DEPS, NAV, TOPICS
from handoff.desk.nav import NavItem
from handoff.desk.pages import environment, fragment, page


def add(app: web.Application) -> None:
    app[STORE] = AgentStore(app[DEPS].database)
    app[KNOWN] = KnownQueues()
    app[GIVEN] = GivenCards()
    app[NAV].append(NavItem("My desk", "/agent", "g a", frozenset(ROLES), order=10))
    app.router.add_get("/agent", show)
    app.router.add_get("/agent/cards", cards)
    app.router.add_get("/agent/cards/{card}", card)
    app.router.add_get("/agent/cards/{card}/turns", turns)
    phone_routes.add(app)
    work_routes.add(app)
    rung.add(app)
    for template in ("agent/card.html", "cards/card.html", "agent/turns.html"):
        environment().get_template(template)  # the first caller's card is not to wait until it is compiled

    async def may_follow_queue(session: Session, queue: str) -> bool:
        return queue == f"@{session.user}" or (session.role in ROLES and await may_see_queue(app, session, queue))

    async def may_follow_call(session: Session, call_id: str) -> bool:
        """Whoever may see a card of a call that goes on may follow what is said in it."""
        if session.role not in ROLES:
            return False
        rows = await app[STORE].open_cards(await queues_of(app, session))
        given = [await app[STORE].card_head(card_id) for card_id in app[GIVEN].to(session.phone)]
        if any(row is not None and row["call_id"] == call_id for row in given):
            return await app[STORE].ended_at(call_id) is None
        return any(row["call_id"] == call_id for row in rows)

    app[TOPICS].allow("cards", may_follow_queue)
    app[TOPICS].allow("call", may_follow_call)


@requires(*ROLES)
async def show(request: web.Request) -> web.StreamResponse:
    session, phones = session_of(request), request.app.get(PHONES)
    place = await place_of(request.app, session)
    queues = await queues_of(request.app, session)
    return page(
        request,
        "agent/desk.html",
        place=place,
        state=place_json(place),
        queues=queues or (place.member.queues if place.member else ()),
        line=phones.line_of(session.phone) if phones is not None else None,
        reasons=PAUSE_REASONS,
        dispositions=DISPOSITIONS,
        callbacks=await request.app[STORE].callbacks(queues),
    )


@requires(*ROLES)
async def cards(request: web.Request) -> web.StreamResponse:
    """Cards of callers who are on the line now, the newest first."""
    rows = await request.app[STORE].open_cards(await queues_of(request.app, session_of(request)))
    views = [card_view(row["body"]) for row in rows]
    return web.json_response(
        {"cards": [{"id": view.id, "call_id": view.call_id, "queue": view.queue, "state": view.state} for view in views]}
    )


@requires(*ROLES)
async def card(request: web.Request) -> web.StreamResponse:
    """The card as a part of the page."""
    body = await card_for(request, request.match_info["card"])
    store, call_id = request.app[STORE], str(body.get("call_id", ""))
    turns_said, ended, signs = await asyncio.gather(
        store.turns(call_id), store.ended_at(call_id), signs_of(request.app[DEPS].database, call_id)
    )
    view = card_view(body, signs)
    html = fragment(
        request,
        "agent/card.html",
        card=view,
        coming=view.state in COMING,
        state=IN_WORDS.get(view.state, view.state),
        said=spoken(body, turns_said),
        ended=ended,
    )
    return web.Response(text=html, content_type="text/html")


@requires(*ROLES)
async def turns(request: web.Request) -> web.StreamResponse:
    """What was said up to now, as a part of the page."""
    body = await card_for(request, request.match_info["card"])
    said = spoken(body, await request.app[STORE].turns(str(body.get("call_id", ""))))
    return web.Response(text=fragment(request, "agent/turns.html", said=said), content_type="text/html")
