"""The floor page and what it asks for. Every action is written to the audit before it is done."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web
from pydantic import ValidationError

from handoff.desk.access import Role, Session, requires, session_of
from handoff.desk.control import CallControl
from handoff.desk.deps import DEPS, NAV, TOPICS
from handoff.desk.floor.actions import (
    BODIES,
    ActionError,
    Body,
    ControlAway,
    NoSuchCall,
    NotPossible,
    NotUnderstood,
    PhoneBody,
    perform,
)
from handoff.desk.floor.alerts import AlertLimits
from handoff.desk.floor.broadcast import TOPIC, Broadcast
from handoff.desk.nav import NavItem
from handoff.desk.pages import page
from handoff.desk.requests import audit, json_body

SUPERVISING: Final = (Role.SUPERVISOR, Role.ADMIN)
BROADCAST: Final = web.AppKey("floor_broadcast", Broadcast)
_STATUS: Final[dict[type[ActionError], type[web.HTTPException]]] = {
    NoSuchCall: web.HTTPNotFound,
    NotPossible: web.HTTPConflict,
    NotUnderstood: web.HTTPUnprocessableEntity,
    ControlAway: web.HTTPServiceUnavailable,
}


def add(app: web.Application) -> None:
    deps = app[DEPS]
    app[BROADCAST] = Broadcast(deps.hub, deps.control, deps.board, AlertLimits(), lambda: deps.clock().timestamp(), deps.resting)
    app[NAV].append(NavItem("Floor", "/floor", "g f", frozenset(SUPERVISING), order=20))
    app[TOPICS].allow(TOPIC, _may_listen)
    app.router.add_get("/floor", show)
    app.router.add_get("/floor/state", state)
    app.router.add_post("/floor/calls/{call_id}/number", reveal)
    app.router.add_post("/floor/calls/{call_id}/{action}", act)
    app.cleanup_ctx.append(_broadcasting)


async def _may_listen(session: Session, rest: str) -> bool:
    return session.role in SUPERVISING and not rest


async def _broadcasting(app: web.Application) -> AsyncIterator[None]:
    telling = asyncio.create_task(app[BROADCAST].run(), name="floor")
    yield
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)


@requires(*SUPERVISING)
async def show(request: web.Request) -> web.StreamResponse:
    return page(request, "floor/floor.html", state=request.app[BROADCAST].state())


@requires(*SUPERVISING)
async def state(request: web.Request) -> web.StreamResponse:
    return web.json_response(request.app[BROADCAST].state())


@requires(*SUPERVISING)
async def reveal(request: web.Request) -> web.StreamResponse:
    """The caller's whole number."""
    control, call_id = _control(request), request.match_info["call_id"]
    call = control.state.live.calls.get(call_id)
    if call is None:
        raise web.HTTPNotFound(text=str(NoSuchCall()))
    await audit(request, "floor.number", call_id=call_id)
    return web.json_response({"caller": call.facts.get("caller", "")})


@requires(*SUPERVISING)
async def act(request: web.Request) -> web.StreamResponse:
    control, call_id, action = _control(request), request.match_info["call_id"], request.match_info["action"]
    kind = BODIES.get(action)
    if kind is None:
        raise web.HTTPNotFound(text="There is no such action.")
    if control.state.connected and call_id not in control.state.live.calls:
        raise web.HTTPNotFound(text=str(NoSuchCall()))
    body = await _body(request, kind)
    if queue := str(getattr(body, "queue", "")):
        _check_queue(request, queue)
    # Where to, but never what was said: the audit is kept longer than words may be.
    where = {name: value for name in ("queue", "phone") if (value := str(getattr(body, name, "")))}
    await audit(request, f"floor.{action}", call_id=call_id, **where)
    try:
        detail = await perform(control, action, call_id, body)
    except ActionError as error:
        await audit(request, f"floor.{action}.refused", call_id=call_id, why=type(error).__name__)
        raise _STATUS[type(error)](text=str(error)) from error
    return web.json_response({"detail": detail})


def _control(request: web.Request) -> CallControl:
    control = request.app[DEPS].control
    if control is None:
        raise web.HTTPServiceUnavailable(text="Live calls cannot be steered here: this desk runs without call control.")
    return control


async def _body(request: web.Request, kind: type[Body]) -> Body:
    """What the page sent, with who asks; a supervisor's phone is their own. Raises web.HTTPException."""
    session = session_of(request)
    given = {name: value for name, value in (await json_body(request)).items() if name in ("text", "queue")}
    if issubclass(kind, PhoneBody):
        if not session.phone:
            raise web.HTTPConflict(text="You have no phone to be called on: an admin gives your user one.")
        given = {"phone": session.phone}
    try:
        return kind.model_validate({**given, "by": session.user}, strict=True)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(str(part) for part in fault['loc']) or 'request'}: {fault['msg']}" for fault in error.errors())
        raise web.HTTPUnprocessableEntity(text=faults) from None


def _check_queue(request: web.Request, queue: str) -> None:
    deps = request.app[DEPS]
    if deps.board is not None and queue not in deps.board.view(deps.clock().timestamp()):
        raise web.HTTPUnprocessableEntity(text=f"There is no queue '{queue}' at Asterisk.")
