"""Ready, pause, wrap-up and callbacks."""

from typing import Any
from uuid import UUID

from aiohttp import web

from handoff.desk.access import requires, session_of
from handoff.desk.agent.members import MEMBERS, PAUSE_REASONS, WRAP_UP, MembersAway
from handoff.desk.agent.store import DISPOSITIONS, LONGEST_NOTE, WrapUp
from handoff.desk.agent.who import ROLES, STORE, Place, card_for, may_see_queue, place_of, queues_of
from handoff.desk.pages import fragment
from handoff.desk.requests import audit, json_body

_LONGEST_DELAY_MIN = 7 * 24 * 60


def add(app: web.Application) -> None:
    app.router.add_get("/agent/state", state)
    app.router.add_post("/agent/state", set_state)
    app.router.add_post("/agent/wrap-up", save_wrap_up)
    app.router.add_get("/agent/callbacks", callbacks)
    app.router.add_post("/agent/callbacks/{callback}", work_callback)


def place_json(place: Place) -> dict[str, Any]:
    """What the page shows of where somebody stands: ``ready``, ``paused``, ``wrap-up`` or ``unknown``."""
    member = place.member
    if member is None:
        return {"state": "unknown", "reason": "", "line": "unavailable", "queues": [], "problem": place.problem}
    name = "ready" if not member.paused else "wrap-up" if member.reason == WRAP_UP else "paused"
    return {"state": name, "reason": member.reason, "line": member.line, "queues": list(member.queues), "problem": ""}


@requires(*ROLES)
async def state(request: web.Request) -> web.StreamResponse:
    return web.json_response(place_json(await place_of(request.app, session_of(request))))


@requires(*ROLES)
async def set_state(request: web.Request) -> web.StreamResponse:
    """``state``: ready, paused (with one of the reasons) or wrap-up."""
    body, session, members = await json_body(request), session_of(request), request.app.get(MEMBERS)
    wanted, reason = body.get("state"), body.get("reason", "")
    if members is None or not session.phone:
        raise web.HTTPConflict(text=(await place_of(request.app, session)).problem)
    if wanted not in ("ready", "paused", "wrap-up") or (wanted == "paused" and reason not in PAUSE_REASONS):
        raise web.HTTPBadRequest(text=f"Choose ready, wrap-up, or a pause for one of: {', '.join(PAUSE_REASONS)}.")
    interface = members.interface_of(session.phone)
    await audit(request, "agent_state", state=wanted, **({"reason": reason} if wanted == "paused" else {}))
    try:
        if wanted == "ready":
            await members.unpause(interface)
        else:
            await members.pause(interface, WRAP_UP if wanted == "wrap-up" else reason)
    except MembersAway as error:
        raise web.HTTPServiceUnavailable(text=str(error)) from error
    return web.json_response(place_json(await place_of(request.app, session)))


@requires(*ROLES)
async def save_wrap_up(request: web.Request) -> web.StreamResponse:
    """How the call of a card ended: ``card``, ``disposition``, ``notes``."""
    body = await json_body(request)
    disposition, notes, card_id = body.get("disposition"), body.get("notes", ""), body.get("card", "")
    if disposition not in DISPOSITIONS:
        raise web.HTTPBadRequest(text="Choose how the call ended.")
    if not isinstance(notes, str) or len(notes) > LONGEST_NOTE:
        raise web.HTTPBadRequest(text=f"Notes may have at most {LONGEST_NOTE} characters.")
    card = await card_for(request, str(card_id))
    call_id = str(card.get("call_id", ""))
    await audit(request, "wrap_up", call_id=call_id, disposition=disposition)
    await request.app[STORE].wrap_up(
        WrapUp(call_id, str(card_id), session_of(request).user, disposition, notes.replace("\0", "").encode("utf-8", "replace").decode())
    )
    return web.json_response({"saved": True})


@requires(*ROLES)
async def callbacks(request: web.Request) -> web.StreamResponse:
    """The list as a part of the page."""
    rows = await request.app[STORE].callbacks(await queues_of(request.app, session_of(request)))
    return web.Response(text=fragment(request, "agent/callbacks.html", callbacks=rows), content_type="text/html")


@requires(*ROLES)
async def work_callback(request: web.Request) -> web.StreamResponse:
    """``done: true``, or ``later`` with minutes."""
    body, store, session = await json_body(request), request.app[STORE], session_of(request)
    try:
        callback_id = str(UUID(request.match_info["callback"]))
    except ValueError:
        raise web.HTTPNotFound(text="There is no such callback.") from None
    row = await store.callback(callback_id)
    if row is None or not await may_see_queue(request.app, session, row["queue"]):
        raise web.HTTPNotFound(text="There is no such callback for you.")
    minutes = body.get("later")
    if body.get("done") is True:
        await audit(request, "callback_done", call_id=row["call_id"])
        changed = await store.callback_done(callback_id, session.user)
    elif isinstance(minutes, int) and not isinstance(minutes, bool) and 1 <= minutes <= _LONGEST_DELAY_MIN:
        await audit(request, "callback_later", call_id=row["call_id"], minutes=minutes)
        changed = await store.callback_later(callback_id, session.user, minutes)
    else:
        raise web.HTTPBadRequest(text="Say that the callback is done, or in how many minutes it is to come back (a week at most).")
    if not changed:
        raise web.HTTPConflict(text="Somebody else has done this callback.")
    return web.json_response({"saved": True})
