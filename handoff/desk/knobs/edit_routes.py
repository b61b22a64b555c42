"""Changing a draft: saving a form, checking it while it is typed, throwing it away, beginning from another version."""

import asyncio
import re

from aiohttp import web

from handoff.desk.access import requires, session_of
from handoff.desk.knobs.applying import apply
from handoff.desk.knobs.drafts import Draft
from handoff.desk.knobs.view import field_mistakes
from handoff.desk.knobs.work import CHANGERS, Work, drafts_of, versions_of, work_of
from handoff.desk.knobs.workspace import check
from handoff.desk.requests import audit, form, json_body, see_other
from handoff.records.agent_versions import VersionError

SECTIONS = ("texts", "knobs", "hours", "yaml")
_ANCHOR = re.compile(r"node-[a-z0-9_]{1,200}")
MOST_FIELDS = 2000
MOST_CHARACTERS = 4_000_000
"""Of a draft."""


def add(app: web.Application) -> None:
    app.router.add_post("/agents/{name}/draft", save)
    app.router.add_post("/agents/{name}/check", check_typed)
    app.router.add_post("/agents/{name}/discard", discard)
    app.router.add_post("/agents/{name}/begin", begin_from)


@requires(*CHANGERS)
async def save(request: web.Request) -> web.StreamResponse:
    """Into the draft, right or wrong; only what cannot be written at all comes back in the form."""
    from handoff.desk.knobs.routes import section_page  # it adds these routes

    work, given = await work_of(request), await form(request)
    section = given.get("section", "")
    if section not in SECTIONS:
        raise web.HTTPBadRequest(text="The form names no part of the agent. Load the page anew.")
    applied = await asyncio.to_thread(apply, work.name, work.texts, given)
    draft = work.with_texts(applied.texts, request)
    await audit(request, "agent_draft", agent=work.name, section=section, files=",".join(sorted(draft.files)))
    await _keep(request, work, draft)
    if applied.refused:
        return await section_page(request, await work_of(request), section, applied.refused, given, status=400)
    raise see_other(f"/agents/{work.name}/{section}{_place(work, given)}")


def _place(work: Work, given: dict[str, str]) -> str:
    """The part of the page that was worked on."""
    file = next((key.partition("|")[2] for key in given if key.startswith("yaml|")), "")
    if file in work.texts:
        return f"?file={file}"
    anchor = given.get("anchor", "")
    return f"#{anchor}" if _ANCHOR.fullmatch(anchor) else ""


@requires(*CHANGERS)
async def check_typed(request: web.Request) -> web.StreamResponse:
    """What would be wrong if ``fields`` were saved; nothing is kept."""
    work, body = await work_of(request), await json_body(request)
    given = body.get("fields")
    if not isinstance(given, dict) or len(given) > MOST_FIELDS or not all(isinstance(value, str) for value in given.values()):
        raise web.HTTPBadRequest(text="The request holds no fields of a form.")

    def look() -> dict[str, object]:
        applied = apply(work.name, work.texts, given)
        checked = check(work.name, applied.texts, work.port.describe)
        fields = {**field_mistakes(work.name, applied.texts, checked), **applied.refused}
        mistakes = [{"file": one.file, "line": one.line, "path": one.path, "what": one.what} for one in checked.mistakes]
        return {"mistakes": mistakes, "fields": fields}

    return web.json_response(await asyncio.to_thread(look))


@requires(*CHANGERS)
async def discard(request: web.Request) -> web.StreamResponse:
    work = await work_of(request)
    await audit(request, "agent_draft", agent=work.name, section="discard", files="")
    await _keep(request, work, Draft())
    raise see_other(f"/agents/{work.name}")


@requires(*CHANGERS)
async def begin_from(request: web.Request) -> web.StreamResponse:
    """A draft that holds the files of an earlier version."""
    work, given = await work_of(request), await form(request)
    version = number_in(given, "version")
    try:
        files = await asyncio.to_thread(versions_of(request).files, work.name, version)
    except VersionError as error:
        raise web.HTTPNotFound(text=str(error)) from error
    texts = {name.removesuffix(".yaml"): text for name, text in files.items()}
    await audit(request, "agent_draft", agent=work.name, section="begin", version=version)
    await _keep(request, work, work.with_texts(texts, request))
    raise see_other(f"/agents/{work.name}/publish")


async def _keep(request: web.Request, work: Work, draft: Draft) -> None:
    size = sum(len(text) for text in draft.files.values())
    if size > MOST_CHARACTERS:
        raise web.HTTPRequestEntityTooLarge(MOST_CHARACTERS, size, text="The draft is too large: write the agent in files of its own.")
    try:
        await asyncio.to_thread(drafts_of(request).put, session_of(request).user, work.name, draft)
    except OSError as error:
        raise web.HTTPInsufficientStorage(text=f"The draft could not be kept: {error}. Free some space, then save again.") from error


def number_in(given: dict[str, str], name: str) -> int:
    """Raises HTTPBadRequest."""
    text = given.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise web.HTTPBadRequest(text=f"{name} must be a whole number.")
    return int(text)
