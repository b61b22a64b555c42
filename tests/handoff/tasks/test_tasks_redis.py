"""A Redis of one's own as broker (``tasks.broker``): a real one, with a password, and no job lost or doubled when a worker is killed."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from handoff.tasks.job import Connection
from tests.e2e.tools import tools
from tests.free_ports import free_port
from tests.handoff.tasks.broker_checks import a_killed_worker_loses_and_doubles_nothing, it_is_said, running

pytestmark = pytest.mark.postgres


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """Its address, password included."""
    port, password = free_port(), secrets.token_urlsafe(12)
    config = tmp_path / "redis.conf"
    config.write_text(f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {tmp_path}\nsave ''\nappendonly no\n")
    with running(tools().command("redis-server", str(config)), port, tmp_path):
        yield f"redis://:{password}@127.0.0.1:{port}/0"


def test_a_killed_worker_loses_and_doubles_nothing(url: str, db: Connection, tmp_path: Path, redis: str) -> None:
    a_killed_worker_loses_and_doubles_nothing(url, db, tmp_path, redis)


def test_a_wrong_password_is_said_without_telling_it(tmp_path: Path, redis: str) -> None:
    it_is_said(redis.replace("redis://:", "redis://:wrong-"), tmp_path, "wrong-")


def test_a_redis_that_does_not_run_is_said(tmp_path: Path) -> None:
    it_is_said(f"redis://127.0.0.1:{free_port()}/0", tmp_path)
