import errno
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handoff.records.encoding import Record
from handoff.records.journal import Journal, Limits
from handoff.records.segments import abandoned


def record(number: int, text: str = "") -> Record:
    return {"id": str(number), "seq": number, "kind": "event", "call_id": "c", "data": text}


def drain(journal: Journal, count: int = 7) -> list[int]:
    found = []
    while (batch := journal.read(count)).lines:
        found += [int(str(item["seq"])) for item in batch.records]
        journal.done(batch)
    return found


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.jsonl"))


def die(journal: Journal) -> None:
    """What the kernel does for a process that is killed: it closes its files and nothing else."""
    assert journal._own is not None
    journal._own.release()
    if journal._file >= 0:
        os.close(journal._file)
    if journal._reader is not None:
        journal._reader.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(st.just("compact"), st.integers(1, 30), st.just("read"), st.just("read and forget")), max_size=30))
def test_everything_is_read_once_and_in_order(tmp_path_factory: pytest.TempPathFactory, steps: list[str | int]) -> None:
    journal = Journal(tmp_path_factory.mktemp("journal"), Limits(segment_bytes=500))
    written = 0
    found: list[int] = []
    for step in steps:
        if step == "compact":
            journal.compact()
        elif step == "read and forget":
            journal.read(3)
        elif step == "read":
            batch = journal.read(5)
            found += [int(str(item["seq"])) for item in batch.records]
            journal.done(batch)
        else:
            for _ in range(int(step)):
                journal.append(record(written))
                written += 1
        assert journal.pending() == written - len(found)
    found += drain(journal)
    journal.close()
    assert found == list(range(written))


def test_segments_are_bounded_private_and_go_when_done(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Limits(segment_bytes=1000))
    for number in range(100):
        journal.append(record(number))
    assert len(files(tmp_path)) > 3
    for path in files(tmp_path):
        assert path.stat().st_size <= 1000
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
    assert drain(journal) == list(range(100))
    journal.compact()
    assert files(tmp_path) == []
    journal.close()
    assert list(tmp_path.iterdir()) == []


def test_next_process_inherits_what_a_dead_one_left(tmp_path: Path) -> None:
    first = Journal(tmp_path, Limits(segment_bytes=300))
    for number in range(10):
        first.append(record(number))
    batch = first.read(4)
    first.done(batch)
    die(first)
    second = Journal(tmp_path)
    assert second.inherited_records >= 6
    second.append(record(10))
    found = drain(second)
    assert found[-7:] == [4, 5, 6, 7, 8, 9, 10]
    assert found == sorted(found)
    second.close()
    assert list(tmp_path.iterdir()) == []


def test_living_process_keeps_its_own(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    first.append(record(1))
    second = Journal(tmp_path)
    assert second.pending() == 0
    second.close()
    assert drain(first) == [1]
    first.close()


@pytest.mark.parametrize("tail", [b'{"id":"x","se', b"\x00\x00\x00\n", b"\xff\xfe", b"[1]\n", b'{"id":1}\n'])
def test_damaged_end_is_passed_over(tmp_path: Path, tail: bytes, caplog: pytest.LogCaptureFixture) -> None:
    first = Journal(tmp_path)
    for number in range(3):
        first.append(record(number))
    die(first)
    (path,) = files(tmp_path)
    with path.open("ab") as file:
        file.write(tail)
    second = Journal(tmp_path)
    assert drain(second) == [0, 1, 2]
    assert second.pending() == 0
    assert "journal_line_unreadable" in caplog.messages
    second.close()


def test_damage_in_the_middle_costs_one_line(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    for number in range(3):
        first.append(record(number))
    die(first)
    (path,) = files(tmp_path)
    lines = path.read_bytes().split(b"\n")
    lines[1] = b"\r" * len(lines[1])
    path.write_bytes(b"\n".join(lines))
    second = Journal(tmp_path)
    assert drain(second) == [0, 2]
    assert second.pending() == 0
    second.close()


def test_one_line_longer_than_a_read(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append(record(1, "x" * 700_000))
    journal.append(record(2))
    assert drain(journal) == [1, 2]
    journal.close()


def test_full_disk_keeps_a_bounded_number_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(tmp_path, Limits(memory_records=5))
    journal.append(record(0))
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) > 10:
            return write(descriptor, data[:10])  # the last bytes that fit
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", lambda descriptor, data: full(descriptor, data) if data.startswith(b"{") else full(descriptor, b""))
    for number in range(1, 8):
        journal.append(record(number))
    assert journal.dropped == 2
    assert journal.pending() == 6
    (failed,) = [item for item in caplog.records if item.message == "journal_disk_failed"]
    assert "No space left" in vars(failed)["error"]
    assert "journal_dropped" in caplog.messages
    monkeypatch.undo()
    monkeypatch.setattr(journal, "_try_disk_at", 0.0)
    journal.append(record(8))
    assert drain(journal) == [0, 1, 2, 3, 4, 5, 8]
    journal.append(record(9))
    assert drain(journal) == [9]
    journal.close()


def test_batch_from_memory_stays_while_the_disk_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path, Limits(total_bytes=0))
    for number in range(4):
        journal.append(record(number))
    batch = journal.read(2)
    monkeypatch.setattr(journal, "_limits", Limits())
    monkeypatch.setattr(journal, "_try_disk_at", 0.0)
    journal.append(record(4))
    journal.done(batch)
    assert journal.pending() == 3
    assert drain(journal) == [2, 3, 4]
    journal.close()


def test_memory_goes_to_disk_at_close(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path, Limits(total_bytes=0))
    journal.append(record(1))
    monkeypatch.setattr(journal, "_limits", Limits())
    journal.close()
    again = Journal(tmp_path)
    assert drain(again) == [1]
    again.close()


def test_folder_that_cannot_be_made(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    journal = Journal(tmp_path / "file" / "journal")
    journal.append(record(1))
    assert drain(journal) == [1]
    assert "journal_disk_failed" in caplog.messages
    journal.close()


def test_total_is_bounded(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Limits(segment_bytes=200, total_bytes=1000, memory_records=3))
    for number in range(100):
        journal.append(record(number))
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 1000
    assert journal.dropped > 50
    kept = 100 - journal.dropped
    assert drain(journal) == list(range(kept))
    journal.append(record(200))
    assert drain(journal) == [200]
    journal.close()


def test_synced_once_for_what_is_new(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    assert journal.sync() == -1
    journal.append(record(1))
    descriptor = journal.sync()
    assert descriptor >= 0
    os.close(descriptor)
    assert journal.sync() == -1
    journal.close()


def test_two_heirs_do_not_share(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    first.append(record(1))
    die(first)
    (one,) = abandoned(tmp_path)
    assert abandoned(tmp_path) == []
    one.release()
