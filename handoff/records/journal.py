"""The write-ahead journal of call records: on disk before anything else, so that neither an absent database nor ``kill -9`` loses one.

A record is in the kernel's hands when ``append`` returns, which survives the death of the process. ``sync`` puts it on the disk, which
survives a loss of power; the writer calls it once a second. When the disk takes nothing more, a bounded number of the newest records
waits in memory and goes to disk as soon as it can.
"""

import logging
import os
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from handoff.records.encoding import Record
from handoff.records.segments import Segments, abandoned, decode_line, encode_line

log = logging.getLogger(__name__)

_RETRY_DISK_S = 1.0
_SAY_AGAIN_S = 60.0
_READ_BYTES = 1 << 18
_DRAIN_LINES = 500
"""From memory to disk at one go: a call's thread waits for it."""


@dataclass(frozen=True, slots=True)
class Limits:
    segment_bytes: int = 4 << 20
    total_bytes: int = 1 << 30
    """Of this writer's segments; beyond it the disk counts as full."""
    memory_records: int = 10_000
    """Kept in memory while the disk takes none; beyond it the newest are dropped, and the log says so."""


DEFAULT_LIMITS = Limits()


class Journal:
    """One writer and one reader, both in this process and on one thread. ``read`` shows what is not yet ``done``, oldest first."""

    def __init__(self, parent: Path, limits: Limits = DEFAULT_LIMITS) -> None:
        self._parent = parent
        self._limits = limits
        self._own: Segments | None = None
        self._file = -1
        self._number = 0
        self._size = 0
        self._total = 0
        self._unsynced = False
        self._memory: deque[bytes] = deque()
        self._lent = False
        """The reader has a batch from memory that is not done: its lines must stay where they are."""
        self._broken_since: float | None = None
        self._try_disk_at = 0.0
        self._said_at = float("-inf")
        self._inherited = abandoned(parent)
        self._reader: _Reader | None = None
        self._written = 0
        self._done = 0
        self.dropped = 0
        self.inherited_records = sum(_count(found) for found in self._inherited)

    def append(self, record: Record) -> None:
        """Never raises and never waits for anything but the kernel."""
        line = encode_line(record)
        if self._memory and not self._lent:
            self._drain_memory(_DRAIN_LINES)
        if self._memory or not self._to_disk(line):
            self._keep(line)

    def pending(self) -> int:
        """Records not yet done."""
        return self.written() - self._done

    def written(self) -> int:
        """Records handed in so far, those of dead predecessors included."""
        return self._written + self.inherited_records

    def finished(self) -> int:
        """How many of them are done."""
        return self._done

    def read(self, count: int) -> "Batch":
        """Up to ``count`` of the oldest records that are not done; the same ones again until ``done`` is called."""
        self._lent = False
        self._drain_memory(_DRAIN_LINES)
        reader = self._next_reader()
        if reader is not None:
            return reader.read(count)
        self._lent = bool(self._memory)
        lines = [line for line, _ in zip(self._memory, range(count), strict=False)]
        return Batch([record for line in lines if (record := decode_line(line)) is not None], len(lines), 0, -1)

    def done(self, batch: "Batch") -> None:
        """The batch is in the database."""
        self._done += batch.lines
        if batch.segment < 0:
            self._lent = False
            for _ in range(batch.lines):
                self._memory.popleft()
        elif self._reader is not None:
            self._reader.offset += batch.size

    def compact(self) -> None:
        """Delete what is done, the current segment too: transcripts do not linger on disk and a restart has nothing to repeat."""
        if self._next_reader() is None and self._reader is not None:
            self._retire(self._reader)

    def sync(self) -> int:
        """A duplicate of the current segment's descriptor to be given to ``sync_descriptor``, or -1 when nothing new was written."""
        if not self._unsynced or self._file < 0:
            return -1
        self._unsynced = False
        return os.dup(self._file)

    def close(self) -> None:
        """Stop writing. What is not done stays on disk for the next process."""
        self._try_disk_at = 0.0
        self._drain_memory(len(self._memory))
        if self._memory:
            log.error("journal_lost_at_close", extra={"records": len(self._memory), "folder": str(self._parent)})
        self.compact()
        if self._reader is not None:
            self._reader.close()
        for found in self._inherited:
            found.release()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if self._own is not None:
            if self.pending() == 0 and not self._own.numbers():
                self._own.remove()
            else:
                self._own.release()
            self._own = None

    # -- writing

    def _to_disk(self, line: bytes) -> bool:
        if self._broken_since is not None and time.monotonic() < self._try_disk_at:
            return False
        try:
            self._make_room(len(line))
            self._write_whole(line)
        except OSError as error:
            self._complain(error)
            return False
        if self._broken_since is not None:
            log.warning("journal_disk_back", extra={"away_s": round(time.monotonic() - self._broken_since, 1)})
            self._broken_since = None
        self._written += 1
        self._unsynced = True
        return True

    def _make_room(self, size: int) -> None:
        if self._total + size > self._limits.total_bytes:
            raise OSError(f"the journal has reached its limit of {self._limits.total_bytes} bytes")
        if self._own is None:
            self._own = Segments.create(self._parent)
        if self._file >= 0 and self._size + size > self._limits.segment_bytes:
            os.close(self._file)
            self._file = -1
        if self._file < 0:
            path = self._own.path(self._number + 1)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            self._number += 1
            self._size = 0

    def _write_whole(self, line: bytes) -> None:
        written = 0
        try:
            while written < len(line):
                written += os.write(self._file, line[written:])
        except OSError:
            # A torn line in the middle would swallow the next one.
            os.ftruncate(self._file, self._size)
            raise
        self._size += written
        self._total += written

    def _complain(self, error: OSError) -> None:
        now = time.monotonic()
        self._broken_since = self._broken_since or now
        self._try_disk_at = now + _RETRY_DISK_S
        if now - self._said_at >= _SAY_AGAIN_S:
            self._said_at = now
            log.error(
                "journal_disk_failed",
                extra={
                    "folder": str(self._parent),
                    "error": str(error),
                    "remedy": "make room on the disk; until then records wait in memory",
                    "in_memory": len(self._memory),
                    "room": self._limits.memory_records,
                },
            )

    def _keep(self, line: bytes) -> None:
        if len(self._memory) < self._limits.memory_records:
            self._memory.append(line)
            self._written += 1
            return
        if self.dropped == 0 or time.monotonic() - self._said_at >= _SAY_AGAIN_S:
            self._said_at = time.monotonic()
            log.critical(
                "journal_dropped", extra={"records": self.dropped + 1, "folder": str(self._parent), "remedy": "make room on the disk"}
            )
        self.dropped += 1

    def _drain_memory(self, lines: int) -> None:
        for _ in range(min(lines, len(self._memory))):
            if not self._to_disk(self._memory[0]):
                return
            self._memory.popleft()
            self._written -= 1  # counted when it was kept

    # -- reading

    def _next_reader(self) -> "_Reader | None":
        """The reader of the oldest segment with something left; finished segments are deleted on the way."""
        while True:
            if self._reader is None:
                self._reader = self._open_reader()
                if self._reader is None:
                    return None
            if not self._reader.at_end():
                return self._reader
            if self._reader.owner is self._own and self._reader.number == self._number and self._size < self._limits.segment_bytes // 2:
                return None  # the writer goes on in it; see compact
            self._retire(self._reader)

    def _open_reader(self) -> "_Reader | None":
        while self._inherited:
            found = self._inherited[0]
            numbers = found.numbers()
            if numbers:
                return _Reader(found, numbers[0])
            self._inherited.pop(0)
            found.remove()
        numbers = self._own.numbers() if self._own is not None else []
        return _Reader(self._own, numbers[0]) if self._own is not None and numbers else None

    def _retire(self, reader: "_Reader") -> None:
        if reader.owner is self._own:
            self._total -= reader.offset
            if reader.number == self._number and self._file >= 0:
                os.close(self._file)
                self._file = -1
        reader.close()
        reader.owner.path(reader.number).unlink(missing_ok=True)
        self._reader = None


@dataclass(frozen=True, slots=True)
class Batch:
    records: list[Record]
    lines: int
    """Lines that it covers, unreadable ones included."""
    size: int
    segment: int


class _Reader:
    """Reads one segment from ``offset``, whole lines only; a last line without its end is read when the writer is dead."""

    def __init__(self, owner: Segments, number: int) -> None:
        self.owner = owner
        self.number = number
        self.offset = 0
        self._file = os.open(owner.path(number), os.O_RDONLY | os.O_CLOEXEC)

    def at_end(self) -> bool:
        return self.offset >= os.fstat(self._file).st_size

    def read(self, count: int) -> Batch:
        data = os.pread(self._file, _READ_BYTES, self.offset)
        while b"\n" not in data and len(data) < os.fstat(self._file).st_size - self.offset:
            data += os.pread(self._file, _READ_BYTES, self.offset + len(data))
        *whole, rest = data.split(b"\n")
        lines = [line + b"\n" for line in whole[:count]] or [rest]
        records = []
        for line in lines:
            record = decode_line(line)
            if record is not None:
                records.append(record)
            else:
                log.warning("journal_line_unreadable", extra={"file": str(self.owner.path(self.number)), "bytes": len(line)})
        return Batch(records, len(lines), sum(map(len, lines)), self.number)

    def close(self) -> None:
        os.close(self._file)


def sync_descriptor(descriptor: int) -> None:
    """Waits for the disk, so it belongs on a thread. Takes ownership of ``descriptor``."""
    try:
        os.fdatasync(descriptor)
    except OSError as error:
        log.error("journal_sync_failed", extra={"error": str(error)})
    finally:
        os.close(descriptor)


def _count(segments: Segments) -> int:
    """Lines in all segments, an unfinished last one included."""
    total = 0
    for number in segments.numbers():
        data = segments.path(number).read_bytes()
        total += data.count(b"\n") + (bool(data) and not data.endswith(b"\n"))
    return total
