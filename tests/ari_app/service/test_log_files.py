from pathlib import Path

from ari_app.service.log_files import rotate


def test_a_small_or_missing_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mind.log"
    assert not rotate(path, limit=10)
    path.write_text("short")
    assert not rotate(path, limit=10)
    assert path.read_text() == "short"


def test_a_writer_that_keeps_the_file_open_goes_on_at_its_new_end(tmp_path: Path) -> None:
    path = tmp_path / "mind.log"
    with path.open("ab", buffering=0) as writer:
        writer.write(b"x" * 100)
        assert rotate(path, limit=50)
        writer.write(b"after")
    assert path.read_bytes() == b"after"
    assert (tmp_path / "mind.log.1").read_bytes() == b"x" * 100


def test_only_so_many_old_copies_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "mind.log"
    for number in range(6):
        path.write_text(f"{number}" * 20)
        assert rotate(path, limit=10, kept=3)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["mind.log", "mind.log.1", "mind.log.2", "mind.log.3"]
    assert [(tmp_path / f"mind.log.{number}").read_text()[0] for number in (1, 2, 3)] == ["5", "4", "3"]
