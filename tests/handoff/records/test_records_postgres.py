from dataclasses import dataclass

import pytest

from handoff.records.reader import PostgresReader
from handoff.records.store import CallReader, CallWriter
from handoff.records.writer import PostgresRecords
from tests.handoff.records.records_contract import RecordsContract

pytestmark = pytest.mark.postgres


@dataclass
class PostgresStore:
    writer: CallWriter
    reader: CallReader


class TestPostgresRecords(RecordsContract):
    @pytest.fixture
    def store(self, writer: PostgresRecords, reader: PostgresReader) -> PostgresStore:
        return PostgresStore(writer, reader)
