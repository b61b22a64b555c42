"""What new calls get: publishing a draft, the history, differences, rolling back, dividing calls among versions."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from handoff.desk.access import requires, session_of
from handoff.desk.deps import DEPS
from handoff.desk.knobs.differences import differences
from handoff.desk.knobs.drafts import Draft
from handoff.desk.knobs.edit_routes import number_in
from handoff.desk.knobs.publishing import PublishRefused, who_and_note
from handoff.desk.knobs.work import CHANGERS, LOOKERS, PUBLISHING, Work, drafts_of, may_change, publisher_of, versions_of, work_of
from handoff.desk.pages import page
from handoff.desk.requests import audit, form, see_other
from handoff.records.agent_versions import WHOLE, AgentVersion, VersionError

ACTIONS = ("agent_publish", "agent_share")
LONGEST_NOTE = 200


def add(app: web.Application) -> None:
    app.router.add_get("/agents/{name}/publish", preview)
    app.router.add_post("/agents/{name}/publish", publish)
    app.router.add_get("/agents/{name}/versions", show_versions)
    app.router.add_get("/agents/{name}/diff", show_diff)
    app.router.add_post("/agents/{name}/share", share)


@requires(*CHANGERS)
async def preview(request: web.Request) -> web.StreamResponse:
    return await _preview(request, await work_of(request), "")


async def _preview(request: web.Request, work: Work, problem: str, note: str = "", status: int = 200) -> web.StreamResponse:
    found = await asyncio.to_thread(publisher_of(request).preview, work.name, work.draft)
    return page(
        request, "knobs/publish.html", status=status, tab="publish", preview=found, problem=problem, note=note, **_common(request, work)
    )


@requires(*CHANGERS)
async def publish(request: web.Request) -> web.StreamResponse:
    given = await form(request)
    note = " ".join(given.get("note", "").split())[:LONGEST_NOTE]
    async with request.app[PUBLISHING]:
        work, user = await work_of(request), session_of(request).user
        await audit(
            request, "agent_publish", agent=work.name, files=",".join(sorted(work.draft.files)), preview=given.get("preview", "")[:32]
        )
        try:
            publisher = publisher_of(request)
            await asyncio.to_thread(publisher.publish, work.name, work.draft, given.get("preview", ""), user, note)
        except PublishRefused as refused:
            return await _preview(request, work, str(refused), note, status=409)
        except OSError as error:
            problem = f"Nothing was published: the folder of your own agents cannot be written to ({error.strerror}). Allow the service to."
            return await _preview(request, work, problem, note, status=507)
        await asyncio.to_thread(drafts_of(request).put, user, work.name, Draft())
    raise see_other(f"/agents/{work.name}/versions")


@requires(*LOOKERS)
async def show_versions(request: web.Request) -> web.StreamResponse:
    return await _versions(request, await work_of(request), "")


async def _versions(request: web.Request, work: Work, problem: str, status: int = 200) -> web.StreamResponse:
    values: dict[str, object] = {
        "tab": "versions",
        "rows": [(one, *who_and_note(one.note)) for one in work.versions],
        "problem": problem,
        "before": _before(work.versions),
        "acts": await _acts(request, work.name),
    }
    return page(request, "knobs/versions.html", status=status, **values, **_common(request, work))


@requires(*LOOKERS)
async def show_diff(request: web.Request) -> web.StreamResponse:
    work = await work_of(request)
    given = {name: request.query.get(name, "") for name in ("old", "new")}
    old, new = number_in(given, "old"), number_in(given, "new")
    store = versions_of(request)
    try:
        before, after = await asyncio.gather(asyncio.to_thread(store.files, work.name, old), asyncio.to_thread(store.files, work.name, new))
    except VersionError as error:
        raise web.HTTPNotFound(text=str(error)) from error
    diffs = await asyncio.to_thread(differences, before, after)
    return page(request, "knobs/diff.html", status=200, tab="versions", old=old, new=new, diffs=diffs, **_common(request, work))


@requires(*CHANGERS)
async def share(request: web.Request) -> web.StreamResponse:
    """Fields ``share-<version>`` in per cent; or ``whole``, the version that gets all new calls."""
    given = await form(request)
    async with request.app[PUBLISHING]:
        work = await work_of(request)
        try:
            split = _split(given)
            told = ", ".join(f"{version}={percent}" for version, percent in sorted(split.items()))
            await audit(request, "agent_share", agent=work.name, split=told[:200])
            await asyncio.to_thread(versions_of(request).share, work.name, split)
        except VersionError as error:
            return await _versions(request, work, f"Nothing was changed: {error}.", status=400)
    raise see_other(f"/agents/{work.name}/versions")


def _split(given: dict[str, str]) -> dict[int, int]:
    """Raises HTTPBadRequest, VersionError."""
    if "whole" in given:
        return {number_in(given, "whole"): WHOLE}
    fields = {name: value.strip() for name, value in given.items() if name.startswith("share-") and value.strip()}
    split: dict[int, int] = {}
    for name, value in fields.items():
        if not (value.isascii() and value.isdecimal() and len(value) <= 3):
            raise VersionError(f"{value[:20]!r} is no whole number from 0 to {WHOLE}")
        if int(value):
            split[number_in({"version": name.removeprefix("share-")}, "version")] = int(value)
    if sum(split.values()) != WHOLE:
        raise VersionError(f"the shares add up to {sum(split.values())}, they must add up to {WHOLE}")
    return split


def _before(versions: Sequence[AgentVersion]) -> int | None:
    """The version before the newest one in use, to roll back to."""
    live = max((one.version for one in versions if one.percent), default=0)
    return max((one.version for one in versions if one.version < live), default=None)


async def _acts(request: web.Request, name: str) -> list[dict[str, object]]:
    """Who published, rolled back and divided, newest first."""
    log = request.app[DEPS].audit
    entries = [entry for action in ACTIONS for entry in await log.entries(action=action, limit=200)]
    mine = [entry for entry in entries if entry["detail"].get("agent") == name]
    return sorted(mine, key=lambda entry: -int(entry["seq"]))[:20]


def _common(request: web.Request, work: Work) -> dict[str, object]:
    return {"work": work, "live": [one for one in work.versions if one.percent], "may_change": may_change(request)}
