"""Logs, recordings and journals: what callers said, and who can read it."""

import stat
from collections.abc import Iterator
from pathlib import Path

from ari_app.doctor.finding import Finding, ok, problem
from ari_app.doctor.security.evidence import Evidence

FOLDERS = ("logs", "recordings", "journal", "calls", "run", "postgres", "asterisk")
_MOST = 20_000


def check(evidence: Evidence) -> list[Finding]:
    name = "Recordings, logs and journals"
    if not evidence.data.exists():
        return [ok(name, "none yet")]
    if _closed(evidence.data):
        # Nobody else gets past the folder, whatever the modes of files in it.
        return [ok(name, f"nobody else gets into {evidence.data}")]
    wrong = [f"{path} ({stat.filemode(path.stat().st_mode)})" for path in _readable(evidence.data)]
    if wrong:
        return [problem(name, f"others can read {', '.join(wrong[:3])}", f"chmod 0700 {evidence.data}")]
    return [ok(name, "only their owner can read them")]


def _closed(folder: Path) -> bool:
    return not folder.stat().st_mode & 0o077


def _readable(data: Path) -> Iterator[Path]:
    looked = 0
    for name in FOLDERS:
        top = data / name
        if not top.is_dir() or _closed(top):
            continue
        for path in top.rglob("*"):
            looked += 1
            if looked > _MOST:
                return
            if path.is_file() and not path.is_symlink() and path.stat().st_mode & 0o044:
                yield path
