"""Apply, roll back and remove: write, reload, look, and undo when Asterisk does not hold what was written."""

from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dialplan.checking.finding import Finding
from dialplan.generated import FOLDER

from . import backups, exchange, includes
from .difference import Change, changes
from .errors import ControlError, Refused, RolledBack
from .folder import EtcFolder
from .holding import MODULES, Control, differences, expected
from .lock import locked

Check = Callable[[Mapping[str, str]], Awaitable[Sequence[Finding]]]
"""Takes the whole configuration as it would be."""
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done."""

    changes: Sequence[Change]
    lines: Sequence[includes.Line] = ()
    """Include lines that were added."""
    backup: int | None = None
    """Number of the backup of what was in force before."""
    reloaded: Sequence[str] = ()
    """Modules that have read their files again; empty when Asterisk does not run."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How an apply is to go about it."""

    add_includes: bool = False
    overwrite: bool = False
    """Files that were edited by hand may be lost; the backup has them."""
    keep: int = backups.KEEP


def nothing_said(_: str) -> None:
    """Tell nobody."""


class Installer:
    """Changes what Patchcord gives the Asterisk of one folder. Without ``control`` nothing is reloaded: it does not run."""

    def __init__(self, folder: EtcFolder, control: Control | None, check: Check, progress: Progress = nothing_said) -> None:
        self._folder, self._control, self._check, self._progress = folder, control, check, progress

    async def apply(self, files: Mapping[str, str], wishes: Wishes | None = None) -> Outcome:
        """Bring ``files`` into force.

        Raises:
            Refused: the check finds something, or edits by hand would be lost; nothing was written.
            RolledBack: Asterisk does not hold what was written; what was in force before is again.
            FolderUnusable, Busy, ControlError: nothing was changed.
        """
        wishes = wishes or Wishes()
        with locked(self._folder):
            exchange.recover(self._folder)
            if (edited := self._folder.edited()) and not wishes.overwrite:
                raise Refused(
                    f"Edited by hand since it was written: {', '.join(edited)}. Put the change into routes.yaml or a file of your own and "
                    "add --overwrite; the backup will hold the edited file."
                )
            lines = includes.lacking(self._folder)
            todo = changes(self._folder.current(), files)
            if not todo and not edited and not (lines and wishes.add_includes):
                return Outcome(())
            added = lines if wishes.add_includes else []
            await self._checked(files, added)
            return await self._bring(files, todo, added, wishes.keep)

    async def roll_back(self, number: int | None = None) -> Outcome:
        """Bring a backup into force: that of ``number``, or the newest. Raises as ``apply`` does."""
        with locked(self._folder):
            exchange.recover(self._folder)
            backup = backups.find(self._folder, number)
            files = backup.files()
            todo = changes(self._folder.current(), files)
            return await self._bring(files, todo, [], backups.KEEP) if todo else Outcome(())

    async def remove(self) -> Outcome:
        """Take our files, include lines and backups out, and have Asterisk forget them."""
        with locked(self._folder):
            exchange.recover(self._folder)
            if must := includes.mandatory(self._folder):
                raise Refused(
                    f"{', '.join(must)} has #include lines of its own for {FOLDER}, and could not be read without that folder. "
                    "Take them out, or write #tryinclude, then try again."
                )
            old = self._folder.current()
            before = expected(self._folder.configuration(), str(self._folder.path))
            lines = includes.take_out(self._folder)
            exchange.take_away(self._folder, old)
            reloaded = await self._reload(MODULES) if old or lines else []
            if self._control is not None and old:
                now = expected(self._folder.configuration(), str(self._folder.path))
                if left := await differences(self._control, now, before):
                    raise ControlError(
                        f"The files are gone, but Asterisk still holds something of them: {' '.join(left)} Restart it at a quiet moment."
                    )
            exchange.forget(self._folder)
            return Outcome(changes(old, {}), [includes.Line("", name) for name in lines], None, reloaded)

    async def _checked(self, files: Mapping[str, str], added: Sequence[includes.Line]) -> None:
        self._progress("checking")
        whole = self._folder.configuration(files)
        for line in added:
            before = whole.get(line.file, "")
            whole[line.file] = f"{before}{'' if before.endswith(chr(10)) or not before else chr(10)}{line.text}\n"
        if findings := await self._check(whole):
            raise Refused(f"The check finds {len(findings)} mistake{'s' if len(findings) > 1 else ''}; nothing was written.", findings)

    async def _bring(self, files: Mapping[str, str], todo: Sequence[Change], added: Sequence[includes.Line], keep: int) -> Outcome:
        old = self._folder.current()
        root = str(self._folder.path)
        before = expected(self._folder.configuration(), root)
        backup = backups.keep(self._folder, old, datetime.now(UTC), keep)
        self._progress("writing")
        if added:
            includes.add(self._folder, list(added))
        exchange.write(self._folder, files)
        concerned = {change.name.rpartition("/")[2] for change in todo} | {line.name for line in added}
        if self._control is None:
            return Outcome(todo, added, backup.number)
        try:
            reloaded = await self._reload(concerned)
            self._progress("verifying")
            now = expected(self._folder.configuration(), root)
            wrong = await differences(self._control, now, before)
        except ControlError as error:
            wrong, reloaded = [str(error)], []
        if not wrong:
            return Outcome(todo, added, backup.number, reloaded)
        raise await self._undone(old, added, concerned, wrong, backup)

    async def _undone(
        self, old: Mapping[str, str], added: Sequence[includes.Line], concerned: set[str], wrong: list[str], backup: backups.Backup
    ) -> RolledBack:
        self._progress("rolling back")
        if added:
            includes.take_out(self._folder)
        exchange.write(self._folder, old)
        if not old:
            exchange.take_away(self._folder, old)
        message = "Asterisk does not hold what was written, so the old files are in force again."
        try:
            await self._reload(concerned)
        except ControlError as error:
            wrong = [*wrong, f"The old files are in place, but Asterisk did not read them again: {error}"]
            message = "Asterisk does not hold what was written; the old files are back, but it must be reloaded by hand."
        backups.forget(self._folder, backup)
        return RolledBack(f"{message} Its log tells more.", wrong)

    async def _reload(self, concerned: Container[str]) -> list[str]:
        control = self._control
        if control is None:
            return []
        wanted = [module for name, module in MODULES.items() if name in concerned]
        for module in wanted:
            self._progress(f"reloading {module}")
            await control.reload(module)
        return wanted
