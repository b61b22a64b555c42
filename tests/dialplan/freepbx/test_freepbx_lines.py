"""Lines in FreePBX's custom files: put in, taken out, and every file byte for byte what it was, whatever the admin did around them."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialplan.freepbx import NotLikeFreepbx, install, read_layout, remove
from dialplan.freepbx.lines import copies
from dialplan.installing import includes
from dialplan.installing.errors import FolderUnusable, Refused
from dialplan.installing.folder import EtcFolder
from dialplan.installing.includes import Line
from dialplan.installing.marks import without_lines
from tests.dialplan.freepbx.freepbx_files import CUSTOM, write_freepbx


def everything(path: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(file.relative_to(path)): (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) for file in path.rglob("*") if file.is_file()
    }


@pytest.fixture
def folder(tmp_path: Path) -> EtcFolder:
    write_freepbx(tmp_path)
    (tmp_path / "manager_custom.conf").chmod(0o664)
    (tmp_path / "ari_additional_custom.conf").chmod(0o640)
    return EtcFolder(tmp_path)


def test_lines_go_into_the_files_that_freepbx_leaves_alone_and_come_out_without_a_trace(folder: EtcFolder) -> None:
    before = everything(folder.path)
    assert {line.file for line in install(folder)} == set(CUSTOM)
    after = everything(folder.path)
    assert {name for name, what in after.items() if before.get(name) != what and not name.startswith(".patchcord/")} == set(CUSTOM)
    assert {name: mode for name, (_, mode) in after.items() if name in CUSTOM} == {name: before[name][1] for name in CUSTOM}
    assert {path.name: path.read_bytes() for path in copies(folder)} == {name: text.encode() for name, text in CUSTOM.items()}
    layout = read_layout(folder.configuration(), str(folder.path))
    assert set(layout.lines.values()) == set(CUSTOM) and includes.lacking(folder) == []
    assert install(folder) == []
    removed = remove(folder)
    assert set(removed.changed) == set(CUSTOM) and removed.left == ()
    assert everything(folder.path) == before and not folder.state.exists()
    assert remove(folder).changed == () and not folder.state.exists()


def test_what_the_admin_has_written_since_stays(folder: EtcFolder) -> None:
    install(folder)
    wanted = {}
    for name, text in CUSTOM.items():
        path = folder.path / name
        path.write_bytes(b"; above\n" + path.read_bytes() + b"; below\n")
        whole = text if text.endswith("\n") or not text else text + "\n"
        wanted[name] = b"; above\n" + whole.encode() + b"; below\n"
    remove(folder)
    assert {name: (folder.path / name).read_bytes() for name in CUSTOM} == wanted


def test_an_editor_that_changes_line_ends_does_not_hide_the_line(folder: EtcFolder) -> None:
    install(folder)
    path = folder.path / "manager_custom.conf"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n").rstrip())
    remove(folder)
    assert path.read_bytes() == CUSTOM["manager_custom.conf"].encode().replace(b"\n", b"\r\n")


def test_a_line_of_the_admins_own_is_not_ours_to_take(folder: EtcFolder) -> None:
    path = folder.path / "extensions_custom.conf"
    path.write_text('#tryinclude "patchcord.d/extensions.conf"\n')
    assert "extensions_custom.conf" not in {line.file for line in install(folder)}
    assert remove(folder).left == ("extensions_custom.conf",)
    assert path.read_text() == '#tryinclude "patchcord.d/extensions.conf"\n'


_TEXT = st.text(st.sampled_from("ab;[]=> #\r\n\u00e9"), max_size=40).map(str.encode)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(before=_TEXT, appended=_TEXT, put_first=_TEXT)
def test_any_content_comes_back(tmp_path: Path, before: bytes, appended: bytes, put_first: bytes) -> None:
    path = tmp_path / "extensions_custom.conf"
    path.write_bytes(before)
    includes.add(EtcFolder(tmp_path), [Line("extensions.conf", path.name)])
    assert without_lines(path.read_bytes())[0] == before
    # a header in front is a whole line, or the mark would be in the middle of one
    front = put_first + b"\n" if before or put_first else b""
    end = b"" if not appended or not before or before.endswith(b"\n") else b"\n"
    assert without_lines(front + path.read_bytes() + appended)[0] == front + before + end + appended


def test_a_folder_that_is_not_freepbxs_gets_nothing(tmp_path: Path) -> None:
    (tmp_path / "extensions.conf").write_text("[default]\n")
    with pytest.raises(NotLikeFreepbx, match="dialplan apply --add-includes"):
        install(EtcFolder(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["extensions.conf"]


def test_a_custom_file_that_is_not_read_is_named(folder: EtcFolder) -> None:
    (folder.path / "ari.conf").write_text("[general]\nenabled = yes\n")
    before = everything(folder.path)
    with pytest.raises(NotLikeFreepbx, match=r"ari\.conf does not include ari_additional_custom\.conf"):
        install(folder)
    assert everything(folder.path) == before


def test_a_link_out_of_the_folder_undoes_what_was_begun(folder: EtcFolder, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "queues_custom.conf"
    outside.write_text("; elsewhere\n")
    (folder.path / "queues_custom.conf").unlink()
    (folder.path / "queues_custom.conf").symlink_to(outside)
    before = everything(folder.path)
    with pytest.raises(Refused, match="is a link"):
        install(folder)
    assert everything(folder.path) == before and outside.read_text() == "; elsewhere\n"


def test_a_write_that_fails_midway_undoes_the_others(folder: EtcFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything(folder.path)
    real = os.fsync
    written: list[int] = []

    def full(descriptor: int) -> None:
        # the five copies and two lines are written, then the disk is full once
        written.append(descriptor)
        if len(written) == len(CUSTOM) + 3:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FolderUnusable, match="No space left"):
        install(folder)
    monkeypatch.undo()
    assert everything(folder.path) == before


def test_queues_menus_and_groups_are_found(folder: EtcFolder) -> None:
    layout = read_layout(folder.configuration(), str(folder.path))
    assert layout.is_freepbx and layout.queues == ("8000", "8001")
    assert layout.menus == ("ivr-1,s,1",) and layout.groups == ("ext-group,600,1",)
    assert layout.custom.keys() == {"extensions.conf", "queues.conf", "pjsip.conf", "ari.conf", "manager.conf"}
