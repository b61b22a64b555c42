"""Checks a whole configuration: read by the linter, then loaded in a scratch Asterisk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import available_timezones

from ari_app.commands.dialplan.target import Target
from ari_app.pbx import scratch
from dialplan.checking.finding import Finding, Place
from dialplan.checking.linter import lint
from dialplan.checking.surroundings import Surroundings, Worker
from dialplan.generated import FOLDER


@dataclass(slots=True)
class Checked:
    """What was found."""

    findings: list[Finding] = field(default_factory=list)
    theirs: list[Finding] = field(default_factory=list)
    """In files of the admin's, there without Patchcord."""
    scratch: str = ""
    """Version of the Asterisk that it was loaded in; empty when in none."""


class Checker:
    """Checks configurations of one Asterisk; ``__call__`` is what an Installer wants."""

    def __init__(self, target: Target, *, scratch: bool) -> None:
        self._target, self._scratch = target, scratch
        self.last = Checked()

    async def __call__(self, files: Mapping[str, str]) -> Sequence[Finding]:
        self.last = await self.check(files)
        return self.last.findings

    async def check(self, files: Mapping[str, str]) -> Checked:
        """``files``: the whole configuration. Raises PbxError, FolderUnusable."""
        root = str(self._target.folder.path)
        around = self._surroundings(root)
        without = {name: text for name, text in files.items() if not name.startswith(f"{FOLDER}/")}
        found, before = lint(files, around), set(lint(without, Surroundings(around.asterisk_major, root, worker=None)))
        version = ""
        install = self._target.install
        if self._scratch and install is not None:
            loaded = await scratch.load(files, install, root)
            version = loaded.version
            known = {finding.at for finding in found}
            more = [finding for finding in loaded.findings if finding.at not in known or not finding.at.line]
            if any(not _is_ours(finding) for finding in more):
                before |= set((await scratch.load(without, install, root)).findings)
            found += more
        return Checked(
            findings=sorted(finding for finding in found if _is_ours(finding) or finding not in before),
            theirs=sorted(finding for finding in found if not _is_ours(finding) and finding in before),
            scratch=version,
        )

    def _surroundings(self, root: str) -> Surroundings:
        target, settings = self._target, self._target.settings
        install = target.install
        local = not target.external or (install is not None and install.source == "system")
        sounds = install.sounds_dir if install is not None and local else None
        worker = Worker(
            app=settings.asterisk.app,
            ari_user=target.secrets.ari_user,
            ari_password=target.secrets.ari_password,
            ami_user=target.secrets.ami_user,
            ami_password=target.secrets.ami_password,
            http_port=settings.asterisk.http_port,
            ami_port=settings.asterisk.ami_port,
            record=settings.calls.record,
            max_calls=settings.calls.max_calls,
            agents=target.agents(),
        )
        return Surroundings(
            asterisk_major=install.major if install is not None else 22,
            root=root,
            modules=install.modules() if install is not None and local else None,
            has_sound=None if sounds is None else lambda name: name.startswith("/") or any(sounds.glob(f"{_plain(name)}.*")),
            zones=frozenset(available_timezones()) or None,
            modes=target.folder.modes() if target.external else {},
            worker=worker,
        )


def edited(target: Target) -> list[Finding]:
    """Return a finding for each file that was edited by hand."""
    remedy = "Put the change into routes.yaml, trunks.yaml or a file of your own, then run: ./patchcord dialplan apply --overwrite"
    what = "This file was edited by hand after Patchcord wrote it; the next apply would undo that."
    return [Finding(Place(name, 0), what, remedy) for name in target.folder.edited()]


def _is_ours(finding: Finding) -> bool:
    return finding.at.file.startswith(f"{FOLDER}/")


def _plain(name: str) -> str:
    """A sound's name as part of a pattern."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
