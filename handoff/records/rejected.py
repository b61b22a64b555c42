"""Records that the database refuses for what is in them: kept aside for a person to look at, in one bounded file."""

import json
import logging
import os
from pathlib import Path

from handoff.records.encoding import Record

log = logging.getLogger(__name__)

_LARGEST_BYTES = 10 << 20


class Rejected:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0

    def add(self, record: Record, error: Exception) -> None:
        """The log names the record and the kind of error; the error's text, which may quote the record, goes to the file only."""
        self.count += 1
        fields = {"call_id": record["call_id"], "record_id": record["id"], "kind": record["kind"], "error_type": type(error).__name__}
        line = json.dumps({"error": str(error), "sqlstate": getattr(error, "sqlstate", None), "record": record}) + "\n"
        try:
            self._append(line.encode())
        except OSError as failure:
            log.critical("record_rejected_and_lost", extra={**fields, "file": str(self.path), "reason": str(failure)})
        else:
            log.error("record_rejected", extra={**fields, "file": str(self.path)})

    def _append(self, line: bytes) -> None:
        if self.path.exists() and self.path.stat().st_size + len(line) > _LARGEST_BYTES:
            self.path.replace(self.path.with_suffix(".old.jsonl"))
        with open(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:  # noqa: PTH123 - the mode
            file.write(line)
