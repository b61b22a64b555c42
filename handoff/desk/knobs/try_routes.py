"""Trying an agent out: in writing against the draft, or by a call to a number that leads to it."""

import asyncio

from aiohttp import web

from handoff.desk.access import requires, session_of
from handoff.desk.knobs.agents_port import AgentsPort
from handoff.desk.knobs.draft_calls import CALLED, DIALLED, DraftCall, DraftCalls
from handoff.desk.knobs.rehearsals import NoSuchRehearsal
from handoff.desk.knobs.work import LOOKERS, REHEARSALS, may_change, port_of, work_of
from handoff.desk.knobs.workspace import flows_of, paths_of
from handoff.desk.pages import page
from handoff.desk.requests import audit, json_body


def add(app: web.Application) -> None:
    app.router.add_get("/agents/{name}/try", show)
    app.router.add_post("/agents/{name}/try", start)
    app.router.add_post("/agents/{name}/try/{rehearsal}", say)
    app.router.add_post("/agents/{name}/draft-calls", offer_call)
    app.router.add_get("/agents/{name}/draft-calls/{code}", call_state)


@requires(*LOOKERS)
async def show(request: web.Request) -> web.StreamResponse:
    work = await work_of(request)
    numbers = [one.dialled for one in await asyncio.to_thread(work.port.numbers) if one.agent == work.name]
    live = [one for one in work.versions if one.percent]
    return page(request, "knobs/try.html", tab="try", work=work, numbers=numbers, live=live, may_change=may_change(request))


@requires(*LOOKERS)
async def start(request: web.Request) -> web.StreamResponse:
    work = await work_of(request)
    if work.checked.definition is None:
        raise web.HTTPConflict(text=f"This cannot be tried yet: {work.checked.mistakes[0]}")
    scripts = await asyncio.to_thread(lambda: work.port.scripts(paths_of(work.port)[work.name]))
    return web.json_response(await request.app[REHEARSALS].start(session_of(request).user, work.checked.definition, scripts))


@requires(*LOOKERS)
async def say(request: web.Request) -> web.StreamResponse:
    body = await json_body(request)
    words = body.get("words")
    if not isinstance(words, str) or not words.strip():
        raise web.HTTPBadRequest(text="Type what the caller says.")
    try:
        return web.json_response(await request.app[REHEARSALS].say(session_of(request).user, request.match_info["rehearsal"], words))
    except NoSuchRehearsal as error:
        raise web.HTTPGone(text=str(error)) from error
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error


@requires(*LOOKERS)
async def offer_call(request: web.Request) -> web.StreamResponse:
    """What to dial to hear the agent as it is in the draft, once a worker has it ready."""
    work = await work_of(request)
    if work.checked.definition is None:
        raise web.HTTPConflict(text=f"This cannot be tried yet: {work.checked.mistakes[0]}")

    def keep() -> str:
        names = flows_of(work.name, work.texts)[1]
        files = {f"{name}.yaml": work.texts[name] for name in names if name in work.texts}
        return draft_calls_of(work.port).add(DraftCall(work.name, files, work.port.scripts(paths_of(work.port)[work.name])))

    code = await asyncio.to_thread(keep)
    await audit(request, "draft_call_offered", agent=work.name)
    return web.json_response({"code": code, "number": DIALLED + code})


@requires(*LOOKERS)
async def call_state(request: web.Request) -> web.StreamResponse:
    return web.json_response({"state": await asyncio.to_thread(draft_calls_of(port_of(request)).state, request.match_info["code"])})


def draft_calls_of(port: AgentsPort) -> DraftCalls:
    return DraftCalls(port.drafts / CALLED)
