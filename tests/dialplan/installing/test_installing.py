"""Writing, backups, include lines, locking: in a folder like that of an admin's Asterisk."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from dialplan.checking.finding import Finding, Place
from dialplan.checking.seal import is_changed, sealed, unsealed
from dialplan.installing import backups, exchange, includes
from dialplan.installing.applying import Installer, Wishes
from dialplan.installing.difference import changes, coloured
from dialplan.installing.errors import Busy, FolderUnusable, Refused
from dialplan.installing.folder import EtcFolder
from dialplan.installing.lock import locked
from tests.dialplan.checking.configuration_cases import base

OLD = {"patchcord.d/extensions.conf": "[a]\nexten => s,1,Hangup()\n", "patchcord.d/queues.conf": "[q]\nstrategy = linear\n"}
NEW = {"patchcord.d/extensions.conf": "[b]\nexten => s,1,Hangup()\n", "patchcord.d/pjsip.conf": "; none\n"}


async def _sound(_: Mapping[str, str]) -> Sequence[Finding]:
    return ()


def _folder(path: Path) -> EtcFolder:
    for name, text in base().items():
        if not name.startswith("patchcord.d/"):
            (path / name).write_text(text.replace("#tryinclude", ";tryinclude"))
    return EtcFolder(path)


def _sums(path: Path) -> dict[str, str]:
    return {
        str(file.relative_to(path)): hashlib.sha256(file.read_bytes()).hexdigest() + oct(file.stat().st_mode)
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }


async def test_apply_and_rollback_and_remove_leave_no_trace(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (tmp_path / "ari.conf").write_text("[general]\nenabled = yes")  # without a line break at its end
    (tmp_path / "manager.conf").unlink()
    before = _sums(tmp_path)
    installer = Installer(folder, None, _sound)
    first = await installer.apply(OLD, Wishes(add_includes=True))
    assert {line.name for line in first.lines} == {"extensions.conf", "queues.conf", "pjsip.conf", "ari.conf", "manager.conf"}
    assert folder.current() == OLD and includes.lacking(folder) == []
    assert (await installer.apply(OLD)).changes == ()
    second = await installer.apply(NEW)
    assert [(change.name, change.kind) for change in second.changes] == [
        ("patchcord.d/extensions.conf", "changed"),
        ("patchcord.d/pjsip.conf", "new"),
        ("patchcord.d/queues.conf", "removed"),
    ]
    assert folder.current() == NEW
    await installer.roll_back()
    assert folder.current() == OLD
    await installer.roll_back(3)
    assert folder.current() == NEW
    await installer.remove()
    assert _sums(tmp_path) == before
    assert not (tmp_path / ".patchcord").exists() and not (tmp_path / "patchcord.d").exists()


async def test_files_are_for_the_owner_only_and_those_of_others_stay(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    folder.ours.mkdir()
    (folder.ours / "mine.conf").write_text("[mine]\n")
    (folder.ours / "link").symlink_to("/nowhere")
    await Installer(folder, None, _sound).apply(OLD)
    assert (folder.ours / "mine.conf").read_text() == "[mine]\n" and (folder.ours / "link").is_symlink()
    assert {path.stat().st_mode & 0o777 for path in (folder.path / name for name in OLD)} == {0o600}
    assert folder.current() == OLD
    await Installer(folder, None, _sound).remove()
    assert sorted(path.name for path in folder.ours.iterdir()) == ["link", "mine.conf"]


async def test_a_finding_leaves_everything_as_it_is(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    before = _sums(tmp_path)

    async def broken(files: Mapping[str, str]) -> Sequence[Finding]:
        assert files["patchcord.d/extensions.conf"] == NEW["patchcord.d/extensions.conf"]
        assert '#tryinclude "patchcord.d/extensions.conf"' in files["extensions.conf"]
        return [Finding(Place("x.conf", 1), "Wrong.", "Correct it.")]

    with pytest.raises(Refused) as caught:
        await Installer(folder, None, broken).apply(NEW, Wishes(add_includes=True))
    assert [one.at.file for one in caught.value.findings] == ["x.conf"]
    assert {name: value for name, value in _sums(tmp_path).items() if not name.startswith(".patchcord")} == before


async def test_edits_by_hand_are_not_lost_unasked(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    installer = Installer(folder, None, _sound)
    await installer.apply(OLD)
    path = folder.path / "patchcord.d/extensions.conf"
    path.write_text(path.read_text().replace("Hangup", "Answer"))
    assert folder.edited() == ["patchcord.d/extensions.conf"]
    with pytest.raises(Refused, match="Edited by hand"):
        await installer.apply(NEW)
    outcome = await installer.apply(NEW, Wishes(overwrite=True))
    assert outcome.backup is not None
    assert "Answer" in backups.find(folder, outcome.backup).files()["patchcord.d/extensions.conf"]


async def test_backups_beyond_keep_are_forgotten(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    for number in range(6):
        files = {"patchcord.d/extensions.conf": f"[a{number}]\n"}
        await Installer(folder, None, _sound).apply(files, Wishes(keep=3))
    assert [backup.number for backup in backups.backups(folder)] == [4, 5, 6]
    with pytest.raises(Refused, match="no backup number 1"):
        await Installer(folder, None, _sound).roll_back(1)


@pytest.mark.parametrize("name", ["patchcord.d", ".patchcord"])
async def test_a_link_is_never_followed(tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    etc = tmp_path / "etc"
    etc.mkdir()
    (etc / name).symlink_to(outside)
    with pytest.raises(FolderUnusable, match="links are not followed"):
        await Installer(EtcFolder(etc), None, _sound).apply(OLD)
    assert list(outside.iterdir()) == []


async def test_a_file_of_theirs_that_is_a_link_out_is_refused(tmp_path: Path) -> None:
    etc, outside = tmp_path / "etc", tmp_path / "extensions.conf"
    etc.mkdir()
    outside.write_text("[a]\n")
    (etc / "extensions.conf").symlink_to(outside)
    with pytest.raises(Refused, match="outside of that folder"):
        await Installer(EtcFolder(etc), None, _sound).apply(OLD, Wishes(add_includes=True))
    assert outside.read_text() == "[a]\n" and not (etc / "patchcord.d").exists()


def test_two_at_once_are_kept_apart(tmp_path: Path) -> None:
    folder = EtcFolder(tmp_path)
    with locked(folder), pytest.raises(Busy, match=f"process {os.getpid()}"), locked(folder):
        pass
    with locked(folder):
        pass


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(FolderUnusable, match=r"Set asterisk\.etc"):
        EtcFolder(tmp_path / "nothing").check()


async def test_remove_refuses_while_another_include_needs_the_folder(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    await Installer(folder, None, _sound).apply(OLD)
    with (tmp_path / "extensions.conf").open("a") as file:
        file.write('#include "patchcord.d/extensions.conf"\n')
    with pytest.raises(Refused, match=r"extensions\.conf has #include lines"):
        await Installer(folder, None, _sound).remove()
    assert folder.current() == OLD


def test_a_diff_stars_secrets_and_colours_lines() -> None:
    found = changes({"m": "[u]\nsecret = old\nread = call\n"}, {"m": "[u]\nsecret = new\nread = call,agent\n"})
    text = "\n".join(found[0].diff)
    assert "old" not in text and "new" not in text and "+read = call,agent" in text and "+secret = ********" in text
    assert any(line.startswith("\033[32m+read") for line in coloured(found[0].diff))


def test_a_seal_tells_of_any_change() -> None:
    text = sealed("[a]\nb = c\n")
    assert unsealed(text) == "[a]\nb = c\n" and not is_changed(text) and not is_changed("[a]\n")
    assert is_changed(text.replace("c", "d", 1)) and is_changed(f"{text}; more\n")


def _killed_at(folder: EtcFolder, files: Mapping[str, str], count: int) -> bool:
    """Write in a process of its own that ends without a word at its ``count``-th call of the system; tells whether it got to the end."""
    child = os.fork()
    if child == 0:
        left = [count]

        def end(event: str, _: object) -> None:
            if event.split(".")[0] in ("os", "open", "shutil", "ctypes"):
                left[0] -= 1
                if left[0] == 0:
                    os._exit(9)

        import sys

        sys.addaudithook(end)
        exchange.write(folder, files)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


@pytest.mark.parametrize("swap", ["at once", "by two renames"])
def test_killed_at_any_moment_it_leaves_the_old_set_or_the_new_one(tmp_path: Path, swap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if swap != "at once":
        monkeypatch.setattr(exchange, "_exchanged", lambda one, other: False)
    folder, seen = EtcFolder(tmp_path), set()
    folder.state.mkdir()
    for count in range(1, 400):
        exchange.recover(folder)
        exchange.write(folder, OLD)
        finished = _killed_at(folder, NEW, count)
        found = folder.current()
        if swap == "at once":
            assert found in (OLD, NEW), count
        else:
            assert found in (OLD, NEW, {}), count  # never a mixture; nothing at all is what #tryinclude bears
        exchange.recover(folder)
        assert folder.current() in (OLD, NEW), count
        assert sorted(path.name for path in folder.state.iterdir()) == []
        seen.add("new" if folder.current() == NEW else "old")
        if finished:
            break
    assert finished and count > 20 and seen == {"old", "new"}
