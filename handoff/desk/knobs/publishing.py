"""From a draft to a version that new calls get.

What is published is also written into the folder of one's own agents: the service publishes what lies there whenever it starts, so a
version that were only in the database would be undone by the next start. A shipped agent's file is never changed; one's own of the same
name takes its place. Everything here blocks.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.flows.errors import AgentError
from agents.flows.loader import is_abstract, read_agent
from handoff.desk.knobs.agents_port import AgentsPort
from handoff.desk.knobs.differences import FileDiff, differences
from handoff.desk.knobs.drafts import Draft, written_beside
from handoff.desk.knobs.problems import Mistake, mistakes_in
from handoff.desk.knobs.workspace import paths_of
from handoff.records.agent_versions import AgentVersions, Files, digest_of


class PublishRefused(Exception):
    """Nothing was published; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of a draft."""

    diffs: Sequence[FileDiff]
    """Against what the service uses of the files now."""
    agents: Sequence[str]
    """Those that get a new version: the agent itself, and others of one's own that share a changed file."""
    mistakes: Sequence[Mistake]
    token: str
    """Of exactly this preview; publishing asks for it."""


@dataclass(frozen=True, slots=True)
class _Staged:
    agents: Mapping[str, Files]
    current: Mapping[str, Files]
    mistakes: Sequence[Mistake]
    written: Mapping[str, str]
    """Files to write, by name without ``.yaml``."""


class Publisher:
    def __init__(self, port: AgentsPort, versions: AgentVersions) -> None:
        self._port = port
        self._versions = versions

    def preview(self, name: str, draft: Draft) -> Preview:
        """Raises OSError."""
        return self._preview(name, self._stage(name, draft))

    def publish(self, name: str, draft: Draft, token: str, user: str, note: str) -> Mapping[str, int]:
        """Agent to version. Raises PublishRefused, RecordsUnavailable, OSError."""
        staged = self._stage(name, draft)
        preview = self._preview(name, staged)
        if preview.mistakes:
            raise PublishRefused(f"This cannot be published: {preview.mistakes[0]}")
        if not preview.agents:
            raise PublishRefused("There is nothing to publish: the draft is the same as what is used.")
        if token != preview.token:
            raise PublishRefused("The draft or the files have changed since this preview. Look at the differences again, then publish.")
        before = self._versions.live()
        done: dict[str, int] = {}
        try:
            for agent, files in staged.agents.items():
                words = note if agent == name else f"with {name}{': ' if note else ''}{note}"
                done[agent] = self._versions.publish(agent, files, note_of(user, words))
            self._write(staged.written)
        except Exception:
            # Nothing that is not in the folder may stay in use: the next start would silently undo it.
            for agent in done:
                if agent in before:
                    self._versions.share(agent, before[agent])
            raise
        return done

    def _write(self, texts: Mapping[str, str]) -> None:
        """All at once, as far as files allow: whoever looks in between would take a half for a version."""
        self._port.own.mkdir(parents=True, exist_ok=True)
        ready: list[tuple[Path, Path]] = []
        try:
            for file, text in texts.items():
                path = self._port.own / f"{file}.yaml"
                # A file that was written on Windows keeps its ends of lines.
                windows = path.is_file() and b"\r\n" in path.read_bytes()
                ready.append((written_beside(path, text.replace("\n", "\r\n") if windows else text, mode=0o644), path))
            for new, path in ready:
                new.replace(path)
        finally:
            for new, _ in ready:
                new.unlink(missing_ok=True)

    def _preview(self, name: str, staged: _Staged) -> Preview:
        agents = sorted(staged.agents, key=lambda agent: agent != name)
        before, after = staged.current.get(name, {}), staged.agents.get(name, {})
        seen = json.dumps(
            [sorted((agent, digest_of(files)) for agent, files in group.items()) for group in (staged.current, staged.agents)]
        )
        return Preview(differences(before, after), agents, staged.mistakes, hashlib.sha256(seen.encode()).hexdigest()[:32])

    def _stage(self, name: str, draft: Draft) -> _Staged:
        """The folder of one's own agents as it would be."""
        port, present = self._port, paths_of(self._port)
        with tempfile.TemporaryDirectory(prefix="patchcord-draft-") as place:
            folder = Path(place)
            for path in sorted(port.own.glob("*.yaml")) if port.own.is_dir() else ():
                shutil.copyfile(path, folder / path.name)
            written = dict(draft.files)
            if draft and name not in written and not (folder / f"{name}.yaml").exists():
                written[name] = present[name].read_text("utf-8")
            for file, text in written.items():
                (folder / f"{file}.yaml").write_text(text, "utf-8", newline="")
            agents, current, mistakes = {}, {}, list[Mistake]()
            for path in sorted(folder.glob("*.yaml")) if draft else ():
                now = port.gather(present[path.stem], (port.shipped, port.own)) if path.stem in present else {}
                then = port.gather(path, (port.shipped, folder))
                if (path.stem != name and is_abstract(then[path.name])) or digest_of(now) == digest_of(then):
                    continue
                agents[path.stem], current[path.stem] = then, now
                mistakes += self._mistakes(path)
            # The agent's own file last: until then one that is new here is not looked at.
            ordered = dict(sorted(written.items(), key=lambda item: item[0] == name))
            return _Staged(agents, current, mistakes, ordered)

    def _mistakes(self, path: Path) -> Sequence[Mistake]:
        try:
            agent = read_agent(path, self._port.shipped, describe=self._port.describe)
        except AgentError as error:
            return mistakes_in(str(error).replace(f"{path.parent}/", "").replace(f"{self._port.shipped}/", ""))
        if agent.name != path.stem:
            return [Mistake(path.name, 1, "name", f"must be {path.stem}, as the file is called; it is {agent.name}")]
        return ()


def note_of(user: str, words: str) -> str:
    """How it is kept with a version, so that ``./patchcord agents versions`` shows who it was."""
    return f"by {user}: {words}" if words else f"by {user}"


def who_and_note(note: str) -> tuple[str, str]:
    """Empty, and the note as it is, when the version was not published here."""
    if not note.startswith("by "):
        return "", note
    user, _, words = note.removeprefix("by ").partition(": ")
    return user, words
