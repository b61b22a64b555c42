"""Pages of call history. Agents see their own calls."""

from typing import Any, Final

from aiohttp import web

from agents.emotion.signs import STATES
from handoff.desk.access import ALL_ROLES, Role, Session, requires, session_of
from handoff.desk.calls import recording
from handoff.desk.calls.export import calls_csv_pieces, calls_json_pieces, transcript_csv
from handoff.desk.calls.query import CallQuery, QueryRefused, query_from, query_to_json
from handoff.desk.calls.recording import FINDER
from handoff.desk.calls.search import CallFinder
from handoff.desk.calls.sending import send_pieces
from handoff.desk.calls.timeline import decisions, latency_table, recording_start_ms, timeline
from handoff.desk.cards.mood import MoodView, mood_of_events
from handoff.desk.cards.view import card_view
from handoff.desk.deps import DEPS, NAV, TOPICS
from handoff.desk.nav import NavItem
from handoff.desk.pages import fragment, page
from handoff.desk.requests import audit, form, see_other

MOODS: Final = ("calm", *STATES)


def add(app: web.Application) -> None:
    app[FINDER] = CallFinder(app[DEPS].database)
    app[NAV].append(NavItem("Calls", "/calls", "g c", ALL_ROLES, order=30))
    app[TOPICS].allow("calls", _sees_all)
    app[TOPICS].allow("call", app[FINDER].may_see)
    app.router.add_get("/calls", show_list)
    app.router.add_post("/calls/search", search)
    app.router.add_post("/calls/export", export_list)
    app.router.add_get("/calls/{id}", show_call)
    app.router.add_get("/calls/{id}/transcript", show_transcript)
    app.router.add_post("/calls/{id}/export", export_call)
    recording.add(app)


@requires(*ALL_ROLES)
async def show_list(request: web.Request) -> web.StreamResponse:
    query, number = await _kept_query(request), request.query.get("q", "")
    return await _list_page(request, query, number, _page_number(request))


@requires(*ALL_ROLES)
async def search(request: web.Request) -> web.StreamResponse:
    """Keeps what is searched for and leads to the list: the address holds no number and no words."""
    given = await form(request)
    try:
        query = query_from(given)
    except QueryRefused as refused:
        return await _list_page(request, CallQuery(), "", 1, problem=str(refused), status=400)
    if query.empty:
        raise see_other("/calls")
    raise see_other(f"/calls?q={await request.app[FINDER].keep(session_of(request), query)}")


@requires(Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
async def export_list(request: web.Request) -> web.StreamResponse:
    """What the list shows, all pages of it, however many; JSON on wish."""
    given = await form(request)
    query = await request.app[FINDER].kept(session_of(request), given.get("q", "")) or CallQuery()
    await audit(request, "export_calls", form=given.get("form", "csv")[:8], fields=",".join(query_to_json(query)))
    pages = request.app[FINDER].every(session_of(request), query)
    if given.get("form") == "json":
        return await send_pieces(request, calls_json_pieces(pages), "application/json", _attachment("calls.json"))
    return await send_pieces(request, calls_csv_pieces(pages), "text/csv", _attachment("calls.csv"))


@requires(*ALL_ROLES)
async def show_call(request: web.Request) -> web.StreamResponse:
    call = await _call(request)
    await audit(request, "view_call", call_id=str(call["id"]))
    card, mood = call["card"], mood_of_events(call["events"])
    view = card_view(card) if isinstance(card, dict) else None
    return page(
        request,
        "calls/call.html",
        call=call,
        entries=timeline(call),
        decisions=decisions(call),
        latency=latency_table(call["turns"]),
        card=view,
        mood=mood or (view.mood if view is not None else MoodView()),
        recorded=any(event["kind"] == "recording_started" for event in call["events"]),
        recording_start_ms=recording_start_ms(call),
        may_export=session_of(request).role is not Role.AGENT,
    )


@requires(*ALL_ROLES)
async def show_transcript(request: web.Request) -> web.StreamResponse:
    """The part of the page that grows while the call goes on."""
    call = await _call(request)
    return web.Response(text=fragment(request, "calls/transcript.html", entries=timeline(call)), content_type="text/html")


@requires(Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
async def export_call(request: web.Request) -> web.StreamResponse:
    call, given = await _call(request), await form(request)
    kind = "csv" if given.get("form") == "csv" else "json"
    await audit(request, "export_call", call_id=str(call["id"]), form=kind)
    headers = _attachment(f"call-{call['id']}.{kind}")
    if kind == "csv":
        return web.Response(text=transcript_csv(call), content_type="text/csv", headers=headers)
    return web.json_response(call, headers=headers)


async def _list_page(
    request: web.Request, query: CallQuery, number: str, at: int, *, problem: str = "", status: int = 200
) -> web.StreamResponse:
    finder, session = request.app[FINDER], session_of(request)
    found = await finder.find(session, query, page=at)
    return page(
        request,
        "calls/list.html",
        status=status,
        query=query,
        q=number if not query.empty else "",
        found=found,
        at=at,
        problem=problem,
        outcomes=await finder.outcomes(),
        moods=MOODS,
        rules=await finder.rules(),
        may_export=session.role is not Role.AGENT,
        own_only=session.role is Role.AGENT,
    )


async def _call(request: web.Request) -> dict[str, Any]:
    """Raises HTTPNotFound, for calls of others as well: who may not see one learns nothing of it."""
    call_id = request.match_info["id"]
    if await request.app[FINDER].may_see(session_of(request), call_id):
        call = await request.app[DEPS].reader.get_call(call_id)
        if call is not None and call["id"] == call_id:
            return call
    raise web.HTTPNotFound(text="There is no such call, or it is not yours.")


async def _kept_query(request: web.Request) -> CallQuery:
    number = request.query.get("q", "")
    return (await request.app[FINDER].kept(session_of(request), number) if number else None) or CallQuery()


async def _sees_all(session: Session, rest: str) -> bool:
    return session.role is not Role.AGENT and not rest


def _page_number(request: web.Request) -> int:
    given = request.query.get("page", "1")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 6 and 1 <= int(given) <= 100_000 else 1


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
