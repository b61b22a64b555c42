"""The agents that new calls get: read from files, published as versions when a file is saved, divided among versions as somebody decided.

A broken file never takes the place of a working one, and a call keeps the version with which it began.
"""

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agents.flows.check import Describe
from agents.flows.definition import AgentDefinition
from agents.flows.loader import AgentError, is_abstract, parse_agent, read_agent
from agents.flows.shelf import read_text
from agents.library import FOLDER as LIBRARY
from agents.rehearsal.script_files import Scripts
from handoff.desk.knobs.draft_calls import DraftCalls
from handoff.records.agent_versions import AgentVersions, Files, Split, VersionError, digest_of, version_for
from handoff.records.store import RecordsUnavailable

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 1.0
"""A saved file, a rollback and a split reach new calls within about this."""
_REMEMBERED: Final = 2000
"""Calls whose version is known when they come back from a queue."""
UNPUBLISHED: Final = 0
"""The version of an agent that the database has not taken yet."""

_OTHER_FLOW: Final = re.compile(r"""\b(?:extends|flow):\s*["']?([a-z][a-z0-9-]{0,31})""")
"""Takes a flow too many rather than one too few."""


@dataclass(frozen=True, slots=True)
class Served:
    definition: AgentDefinition
    version: int
    """``UNPUBLISHED`` while the database is away."""
    scripts: Scripts | None = None
    """Of a draft: what its tools answer. None: they are the real ones."""


class UnknownAgent(KeyError):
    """There is no agent of this name; the message lists those there are."""


class AgentCatalogue:
    """``folders``: where agents lie, the later ones stronger. ``versions`` None: there are none, what is saved is served."""

    def __init__(
        self,
        folders: Sequence[Path],
        versions: AgentVersions | None,
        fixed: Mapping[str, AgentDefinition] | None = None,
        describe: Describe | None = None,
        drafts: DraftCalls | None = None,
    ) -> None:
        """``fixed``: agents that come from no file and have no versions. ``describe``: tells what tools there are; None: all are.

        ``drafts``: those that somebody wants to call; None: nobody does.
        """
        self._folders = tuple(folders)
        self._versions = versions
        self._fixed = dict(fixed or {})
        self._describe = describe
        self._drafts = drafts
        self._draft_calls: dict[str, Served | None] = {}
        """By code; None: it cannot be used."""
        self._stamps: dict[Path, tuple[int, int]] = {}
        self._seen: dict[str, str] = {}
        self._latest: dict[str, AgentDefinition] = {}
        self._due: dict[str, Files] = {}
        self._numbers: dict[tuple[str, int], AgentDefinition] = {}
        self._splits: dict[str, Split] = {}
        self._unusable: set[tuple[str, int]] = set()
        self._kept: OrderedDict[str, Served] = OrderedDict()
        self.called: frozenset[str] = frozenset()
        """Agents that are made ready for their first call when they are read anew; the others wait for it."""
        self.on_new: Callable[[AgentDefinition], None] = lambda definition: None
        """Told of every definition that calls may get from now on, in the thread that read it."""

    def look(self, only: Collection[str] | None = None) -> None:
        """Read what has changed, or first of all ``only`` some agents; the first time that is everything.

        Blocks. Never raises for the sake of a file or the database.
        """
        agents = self._files()
        stamps = {path: stamp for path in self._all() if (stamp := _stamp(path)) is not None}
        changed = stamps != self._stamps
        if only is None:
            self._stamps = stamps
        for name, path in agents.items() if changed else ():
            if only is not None and name not in only:
                continue
            try:
                files = gather(path, self._folders)
            except OSError as error:
                log.error("agent_unreadable", extra={"agent": name, "error": str(error)})
                continue
            if self._seen.get(name) != digest_of(files):
                self._seen[name] = digest_of(files)
                self._read(name, path, files)
        self._publish()
        self._follow()
        if only is None and self._drafts is not None:
            self._follow_drafts(self._drafts)

    async def run(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await asyncio.to_thread(self.look)
            except Exception:
                log.exception("agents_look_failed")

    @property
    def fixed_names(self) -> list[str]:
        """Agents that come from no file."""
        return list(self._fixed)

    def names(self) -> list[str]:
        return sorted({*self._fixed, *self._latest})

    def definitions(self) -> list[AgentDefinition]:
        """Every one that a new call may get."""
        found = [*self._fixed.values(), *self._latest.values(), *self._numbers.values()]
        return list({id(definition): definition for definition in found}.values())

    def serve(self, agent: str, call_id: str) -> Served:
        """What this call gets: always the same for the same call. Raises UnknownAgent."""
        if call_id in self._kept and self._kept[call_id].definition.name == agent:
            return self._kept[call_id]
        served = self._choose(agent, call_id)
        self._kept[call_id] = served
        while len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)
        return served

    def draft(self, dialled: str) -> Served | None:
        """The draft whose code was dialled; None: there is none, or not yet."""
        return self._draft_calls.get(dialled[-6:])

    def _choose(self, agent: str, call_id: str) -> Served:
        if agent in self._fixed:
            return Served(self._fixed[agent], UNPUBLISHED)
        split = self._splits.get(agent, {})
        usable = {version: percent for version, percent in split.items() if (agent, version) in self._numbers}
        if usable and usable == dict(split) and agent not in self._due:
            version = version_for(call_id, split)
            return Served(self._numbers[agent, version], version)
        if agent in self._latest:
            return Served(self._latest[agent], UNPUBLISHED)
        if usable:
            version = max(usable)
            return Served(self._numbers[agent, version], version)
        raise UnknownAgent(f"no agent '{agent}'; known: {', '.join(self.names())}")

    # In the thread that looks

    def _all(self) -> list[Path]:
        return [path for folder in self._folders if folder.is_dir() for path in sorted(folder.glob("*.yaml"))]

    def _files(self) -> dict[str, Path]:
        return {path.stem: path for path in self._all()}

    def _read(self, name: str, path: Path, files: Files) -> None:
        try:
            if is_abstract(read_text(path)):
                return
            definition = read_agent(path, LIBRARY, describe=self._describe)
        except AgentError as error:
            log.error("agent_refused", extra={"agent": name, "kept": name in self._latest, "problems": str(error).splitlines()[:20]})
            return
        if name in self.called:
            definition.warm()
        self._latest[name] = definition
        self._due[name] = files
        self.on_new(definition)

    def _publish(self) -> None:
        if self._versions is None:
            return
        for name, files in list(self._due.items()):
            try:
                version = self._versions.publish(name, files)
            except RecordsUnavailable:
                return
            self._numbers[name, version] = self._latest[name]
            del self._due[name]
            log.info("agent_published", extra={"agent": name, "version": version})

    def _follow(self) -> None:
        """Take over what was decided about shares, and read the versions that it needs."""
        if self._versions is None:
            return
        try:
            splits = self._versions.live()
            for agent, split in splits.items():
                for version in split:
                    if (agent, version) not in self._numbers and (agent, version) not in self._unusable:
                        self._fetch(agent, version)
        except (RecordsUnavailable, VersionError):
            return
        self._splits = dict(splits)

    def _follow_drafts(self, drafts: DraftCalls) -> None:
        codes = drafts.codes()
        for gone in set(self._draft_calls) - set(codes):
            del self._draft_calls[gone]
        for code in codes:
            if code in self._draft_calls:
                continue
            self._draft_calls[code] = served = self._read_draft(drafts, code)
            try:
                drafts.became(code, "ready" if served is not None else "failed")
            except OSError as error:
                log.error("draft_not_marked", extra={"error": str(error)})

    def _read_draft(self, drafts: DraftCalls, code: str) -> Served | None:
        try:
            call = drafts.read(code)
            files = {Path(name).stem: text for name, text in call.files.items()}
            definition = parse_agent(files.pop(call.agent, ""), f"{call.agent}.yaml, a draft", files, describe=self._describe)
        except (OSError, ValueError, AgentError) as error:
            log.error("draft_unusable", extra={"problems": str(error).splitlines()[:20]})
            return None
        definition.warm()
        self.on_new(definition)
        return Served(definition, UNPUBLISHED, call.scripts)

    def _fetch(self, agent: str, version: int) -> None:
        assert self._versions is not None  # noqa: S101 - _follow asked
        files = {Path(name).stem: text for name, text in self._versions.files(agent, version).items()}
        try:
            definition = parse_agent(files.pop(agent, ""), f"{agent}.yaml, version {version}", files)
        except AgentError as error:
            self._unusable.add((agent, version))
            log.error("agent_version_unusable", extra={"agent": agent, "version": version, "problems": str(error).splitlines()[:20]})
            return
        if agent in self.called:
            definition.warm()
        self._numbers[agent, version] = definition
        self.on_new(definition)


def gather(path: Path, folders: Sequence[Path]) -> Files:
    """The file of an agent and every flow that it may be built of, by name, the agent's own first. Raises OSError."""
    found: dict[str, str] = {}
    todo = [path]
    while todo:
        current = todo.pop()
        if current.name in found:
            continue
        found[current.name] = text = current.read_text("utf-8", errors="replace")
        for name in dict.fromkeys(_OTHER_FLOW.findall(text)):
            places = [folder / f"{name}.yaml" for folder in (path.parent, current.parent, *reversed(folders))]
            todo += [place for place in places if place.is_file()][:1]
    return found


def _stamp(path: Path) -> tuple[int, int] | None:
    """What changes when a file is saved; None: it is gone meanwhile."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
