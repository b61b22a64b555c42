from dataclasses import dataclass

import pytest

from handoff.records.memory import MemoryRecords
from handoff.records.store import CallReader, CallWriter
from tests.handoff.records.records_contract import RecordsContract


@dataclass
class MemoryStore:
    writer: CallWriter
    reader: CallReader


class TestMemoryRecords(RecordsContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        records = MemoryRecords()
        return MemoryStore(records, records)
