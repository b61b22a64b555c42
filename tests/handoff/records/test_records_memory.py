from dataclasses import dataclass

import pytest

from handoff.records.memory import MemoryRecords
from handoff.records.store import CallReader, CallWriter, Order
from tests.handoff.records.records_contract import RecordsContract


@dataclass
class MemoryStore:
    writer: CallWriter
    reader: CallReader


class TestMemoryRecords(RecordsContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        lamp = Order("10482", "shipped", "a brass desk lamp", "2030-01-02")
        shade = Order("70236", "cancelled", "a floor lamp with a shade", "")
        records = MemoryRecords({order.number: order for order in (lamp, shade)})
        return MemoryStore(records, records)
