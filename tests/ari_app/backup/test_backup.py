"""A backup holds what cannot be made again, an instance comes back from it whole, and a forged one is refused."""

import argparse
import io
import json
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from ari_app.backup.archive import BackupError, opened, write_backup
from ari_app.cli import main
from ari_app.commands.backup.command import restore
from ari_app.service.layout import Layout
from handoff.records.dump import DumpFailed, dump, holds_tables, load
from handoff.records.migrate import migrate
from handoff.records.server import EmbeddedServer
from tests.handoff.records.own_server import own_server

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 11, 21, 3, 15, tzinfo=UTC)
FILES = {
    "secrets.json": '{"ari_user": "patchcord"}',
    "desk.secret": "a secret",
    "routes.yaml": "routes: {}\n",
    "agents/desk.yaml": "agent: desk\n",
    "journal/0001.log": "a record on its way",
    "recordings/c1-caller.wav": "RIFF",
    "logs/mind.log": "not in a backup",
    "cache/speech/a.wav": "nor this",
}


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with own_server() as started:
        migrate(started.url)
        with psycopg.connect(started.url) as connection:
            connection.execute(
                "INSERT INTO calls (id, started_at, number, caller, route, channel)"
                " VALUES (%s, now(), '100', '5550100', 'front-desk', 'PJSIP/x')",
                ["ab" * 16],
            )
        yield started


@pytest.fixture
def instance(tmp_path: Path, server: EmbeddedServer) -> Layout:
    layout = Layout(tmp_path / "data")
    layout.make()
    for name, text in FILES.items():
        path = layout.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    layout.mind_file.write_text(json.dumps({"database_url": server.url}))
    return layout


def restored(archive: Path, data: Path) -> int:
    return main(["restore", str(archive), "--data", str(data)])


def test_an_instance_comes_back_whole(instance: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    archive, copy = tmp_path / "b.tar.gz", Path(tmp_path / "c")
    assert main(["backup", str(archive), "--data", str(instance.data), "--recordings"]) == 0
    assert archive.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob(".*.part"))
    assert restored(archive, copy) == 0
    for name, text in FILES.items():
        if name.startswith(("logs", "cache")):
            assert not (copy / name).exists()
        else:
            assert (copy / name).read_text() == text
            assert (copy / name).stat().st_mode & 0o777 == 0o600
    again = EmbeddedServer(copy / "postgres")
    try:
        with psycopg.connect(again.start()) as connection:
            assert connection.execute("SELECT count(*), min(caller) FROM calls").fetchone() == (1, "5550100")
        assert migrate(again.url) == [], "nothing to migrate in the copy: it is the same schema"
    finally:
        again.stop()


def test_recordings_are_in_it_only_when_asked_for(instance: Layout, server: EmbeddedServer) -> None:
    out = io.BytesIO()
    manifest = write_backup(instance, server.url, out, NOW, recordings=False)
    out.seek(0)
    with tarfile.open(fileobj=out) as archive:
        names = archive.getnames()
    assert not [name for name in names if name.startswith("recordings")]
    assert (manifest.recordings, manifest.files) == (False, 5)
    assert names[:2] == ["manifest.json", "database.dump"]


def test_nothing_is_overwritten(
    instance: Layout, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    archive = tmp_path / "b.tar.gz"
    assert main(["backup", str(archive), "--data", str(instance.data)]) == 0
    before = archive.read_bytes()
    assert main(["backup", str(archive), "--data", str(instance.data)]) == 1
    assert "there already" in capsys.readouterr().err
    assert archive.read_bytes() == before
    assert restored(archive, instance.data) == 1
    assert "holds an instance already (secrets.json)" in capsys.readouterr().err
    assert (instance.data / "secrets.json").read_text() == FILES["secrets.json"]


def test_a_database_with_tables_is_left_alone(
    instance: Layout, server: EmbeddedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    archive = tmp_path / "b.tar.gz"
    assert main(["backup", str(archive), "--data", str(instance.data)]) == 0
    monkeypatch.setenv("PATCHCORD_DATABASE__URL", server.url)
    assert restored(archive, tmp_path / "copy") == 1
    assert "holds tables already" in capsys.readouterr().err


def forged(path: Path, members: dict[str, bytes], link: str = "") -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, body in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
        if link:
            entry = tarfile.TarInfo("agents/x")
            entry.type, entry.linkname = tarfile.SYMTYPE, link
            archive.addfile(entry)
    return path


GOOD = json.dumps({"format": 1, "made_at": "2026-11-21", "schema": 1, "files": 0, "recordings": False}).encode()


@pytest.mark.parametrize(
    ("members", "link", "why"),
    [
        ({"../../etc/cron.d/x": b"x"}, "", "which no backup of ours does"),
        ({"agents/../../x": b"x"}, "", "which no backup of ours does"),
        ({"/etc/x": b"x"}, "", "which no backup of ours does"),
        ({"logs/x": b"x"}, "", "which no backup of ours does"),
        ({}, "/etc/passwd", "which no backup of ours does"),
        ({"secrets.json": b"{}"}, "", "has no manifest.json"),
        ({"manifest.json": b"[]"}, "", "has no manifest.json"),
        ({"manifest.json": GOOD}, "", "holds no database.dump"),
        ({"manifest.json": GOOD.replace(b'"schema": 1', b'"schema": 9999'), "database.dump": b""}, "", "made by a newer Patchcord"),
    ],
)
def test_what_was_forged_or_is_none_is_refused(tmp_path: Path, members: dict[str, bytes], link: str, why: str) -> None:
    with pytest.raises(BackupError, match=why), opened(forged(tmp_path / "f.tar.gz", members, link)):
        pass


def test_a_damaged_archive_leaves_no_half_instance(instance: Layout, server: EmbeddedServer, tmp_path: Path) -> None:
    archive = tmp_path / "b.tar.gz"
    with archive.open("wb") as out:
        write_backup(instance, server.url, out, NOW, recordings=True)
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    with pytest.raises(BackupError, match="cannot be read as a backup"), opened(archive):
        pass


async def test_an_archive_that_is_not_there_is_named(tmp_path: Path) -> None:
    options = argparse.Namespace(file=tmp_path / "nowhere.tar.gz", data=tmp_path / "d", config=None)
    with pytest.raises(BackupError, match=r"nowhere\.tar\.gz"):
        await restore(options)
    assert not (tmp_path / "d").exists()


def test_a_dump_that_does_not_fit_changes_nothing(server: EmbeddedServer, tmp_path: Path) -> None:
    file = tmp_path / "d.dump"
    dump(server.url, file)
    with pytest.raises(DumpFailed, match="could not be read in"):
        load(server.url, file)  # the tables are there already: all or nothing
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT count(*) FROM calls").fetchone() == (1,)
    with pytest.raises(DumpFailed):
        holds_tables("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(DumpFailed, match="could not be written out"):
        dump("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2", tmp_path / "x")
