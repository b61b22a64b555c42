"""A PostgreSQL of a test's own: started, and gone afterwards with all that it held."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from handoff.records.migrate import migrate
from handoff.records.server import EmbeddedServer


@contextlib.contextmanager
def own_server() -> Iterator[EmbeddedServer]:
    # Not pytest's tmp_path: the path of a Unix socket has to be short.
    folder = Path(tempfile.mkdtemp(prefix="patchcord-test-"))
    server = EmbeddedServer(folder / "postgres")
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@contextlib.contextmanager
def own_database() -> Iterator[str]:
    """The URL of one with all tables and nothing in them."""
    with own_server() as server:
        migrate(server.url)
        yield server.url
