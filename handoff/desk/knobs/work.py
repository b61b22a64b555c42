"""What a request is about: an agent, the draft of whoever asks laid over its files, and what the checks say of them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from aiohttp import web

from handoff.desk.access import Role, session_of
from handoff.desk.deps import DEPS
from handoff.desk.knobs.agents_port import AGENTS, AgentsPort
from handoff.desk.knobs.applying import languages_of
from handoff.desk.knobs.drafts import NAME, Draft, Drafts
from handoff.desk.knobs.publishing import Publisher
from handoff.desk.knobs.rehearsals import Rehearsals
from handoff.desk.knobs.workspace import Checked, agent_paths, check, read_all
from handoff.records.agent_versions import AgentVersion, AgentVersions

LOOKERS: Final = (Role.SUPERVISOR, Role.ADMIN)
CHANGERS: Final = (Role.ADMIN,)

REHEARSALS: Final = web.AppKey("knobs_rehearsals", Rehearsals)
PUBLISHING: Final = web.AppKey("knobs_publishing", asyncio.Lock)
"""One who changes what new calls get at a time."""


@dataclass(frozen=True, slots=True)
class Work:
    name: str
    port: AgentsPort
    own: bool
    """Whether its file lies in the folder of one's own agents."""
    disk: Mapping[str, str]
    draft: Draft
    checked: Checked
    versions: Sequence[AgentVersion]
    """Newest first."""

    @property
    def texts(self) -> dict[str, str]:
        """The files with the draft laid over them."""
        return {**self.disk, **self.draft.files}

    @property
    def languages(self) -> list[str]:
        return languages_of(self.name, self.texts)

    def with_texts(self, texts: Mapping[str, str], request: web.Request) -> Draft:
        """A draft that makes the files these texts."""
        now = request.app[DEPS].clock().astimezone(UTC).isoformat(timespec="seconds")
        return Draft({name: text for name, text in texts.items() if text != self.disk.get(name)}, now)


def port_of(request: web.Request) -> AgentsPort:
    """Raises HTTPServiceUnavailable."""
    port = request.app.get(AGENTS)
    if port is None:
        raise web.HTTPServiceUnavailable(text="This desk was started without the agents of a service. Start it with ./patchcord up.")
    return port


def drafts_of(request: web.Request) -> Drafts:
    return Drafts(port_of(request).drafts)


def versions_of(request: web.Request) -> AgentVersions:
    return AgentVersions(request.app[DEPS].database.url)


def publisher_of(request: web.Request) -> Publisher:
    return Publisher(port_of(request), versions_of(request))


async def work_of(request: web.Request) -> Work:
    """Raises HTTPNotFound for an agent that there is not, RecordsUnavailable."""
    port, name, user = port_of(request), request.match_info["name"], session_of(request).user
    drafts, store = drafts_of(request), versions_of(request)

    def load() -> Work | None:
        path = agent_paths(port).get(name) if NAME.fullmatch(name) else None
        if path is None:
            return None
        disk = read_all(port)
        draft = _without_idle(drafts.get(user, name), disk)
        checked = check(name, {**disk, **draft.files}, port.describe)
        return Work(name, port, path.parent == port.own, disk, draft, checked, store.versions(name))

    try:
        found = await asyncio.to_thread(load)
    except (OSError, ValueError, KeyError) as error:
        raise web.HTTPInternalServerError(text=f"The files of this agent cannot be read: {error}") from error
    if found is None:
        raise web.HTTPNotFound(text="There is no agent of this name. The list of agents shows those there are.")
    return found


def _without_idle(draft: Draft, disk: Mapping[str, str]) -> Draft:
    """Without files that somebody has meanwhile made the same."""
    return Draft({name: text for name, text in draft.files.items() if text != disk.get(name)}, draft.saved_at)


def may_change(request: web.Request) -> bool:
    return session_of(request).role in CHANGERS
