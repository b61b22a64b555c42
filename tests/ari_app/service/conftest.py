"""A migrated database for tests of the service."""

from tests.handoff.records.conftest import database, server

__all__ = ["database", "server"]
