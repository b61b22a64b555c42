"""Agents: the list, one of them, and what belongs to it."""

import asyncio
from collections.abc import Mapping

from aiohttp import web
from markupsafe import Markup

from handoff.desk.access import requires, session_of
from handoff.desk.deps import NAV
from handoff.desk.knobs import edit_routes, try_routes, version_routes
from handoff.desk.knobs.applying import languages_of
from handoff.desk.knobs.rehearsals import Rehearsals
from handoff.desk.knobs.view import exactly, field_mistakes, hour_view, knob_view, text_views
from handoff.desk.knobs.work import LOOKERS, PUBLISHING, REHEARSALS, Work, drafts_of, may_change, port_of, versions_of, work_of
from handoff.desk.knobs.workspace import agent_paths, flows_of, read_all
from handoff.desk.nav import NavItem
from handoff.desk.pages import page


def add(app: web.Application) -> None:
    app[REHEARSALS] = Rehearsals()
    app[PUBLISHING] = asyncio.Lock()
    app[NAV].append(NavItem("Agents", "/agents", "g k", frozenset(LOOKERS), order=40))
    app.router.add_get("/agents", show_list)
    app.router.add_get("/agents/{name}", show_agent)
    for section in ("texts", "knobs", "hours", "yaml"):
        app.router.add_get(f"/agents/{{name}}/{section}", show_section)
    edit_routes.add(app)
    version_routes.add(app)
    try_routes.add(app)


@requires(*LOOKERS)
async def show_list(request: web.Request) -> web.StreamResponse:
    port, drafts, user = port_of(request), drafts_of(request), session_of(request).user

    def load() -> list[dict[str, object]]:
        live = versions_of(request).live()
        numbers, texts, mine = port.numbers(), read_all(port), drafts.agents(user)
        return [
            {
                "name": name,
                "own": path.parent == port.own,
                "languages": languages_of(name, texts),
                "numbers": [one.dialled for one in numbers if one.agent == name],
                "split": sorted(live.get(name, {}).items()),
                "draft": name in mine,
            }
            for name, path in agent_paths(port).items()
        ]

    return page(request, "knobs/list.html", agents=await asyncio.to_thread(load))


@requires(*LOOKERS)
async def show_agent(request: web.Request) -> web.StreamResponse:
    work = await work_of(request)
    files = (await asyncio.to_thread(flows_of, work.name, work.texts))[1]
    numbers = [one.dialled for one in await asyncio.to_thread(work.port.numbers) if one.agent == work.name]
    return page(request, "knobs/agent.html", status=200, tab="agent", files=files, numbers=numbers, **common(request, work))


@requires(*LOOKERS)
async def show_section(request: web.Request) -> web.StreamResponse:
    return await section_page(request, await work_of(request), request.path.rpartition("/")[2], {})


async def section_page(
    request: web.Request,
    work: Work,
    section: str,
    refused: Mapping[str, str],
    given: Mapping[str, str] | None = None,
    status: int = 200,
) -> web.StreamResponse:
    """``refused``: name of a field to why what was typed could not be taken into the draft. ``given``: what was typed."""
    values: dict[str, object] = {}
    match section:
        case "texts":
            values["nodes"] = await asyncio.to_thread(text_views, work)
        case "knobs":
            values["groups"] = await asyncio.to_thread(knob_view, work)
        case "hours":
            values["hours"] = await asyncio.to_thread(hour_view, work)
        case _:
            values |= await asyncio.to_thread(_yaml, request, work)
    wrong = {**await asyncio.to_thread(field_mistakes, work.name, work.texts, work.checked), **refused}
    context = {
        **common(request, work),
        **values,
        "tab": section,
        "wrong": wrong,
        "given": {name: value for name, value in (given or {}).items() if name in refused},
    }
    return page(request, f"knobs/{section}.html", status=status, **context)


def _yaml(request: web.Request, work: Work) -> dict[str, object]:
    files = flows_of(work.name, work.texts)[1]
    file = request.query.get("file", work.name)
    if file not in files:
        file = work.name
    text: Markup = exactly(work.texts.get(file, ""))
    return {"files": files, "file": file, "text": text}


def common(request: web.Request, work: Work) -> dict[str, object]:
    """What all pages of one agent show."""
    return {
        "work": work,
        "live": [one for one in work.versions if one.percent],
        "may_change": may_change(request),
    }
