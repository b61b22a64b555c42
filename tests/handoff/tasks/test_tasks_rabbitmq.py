"""A RabbitMQ of one's own as broker (``tasks.broker``): a real one, with name and password, and no job lost or doubled when a worker is
killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ari_app.pbx.errors import PackageError
from handoff.tasks.job import Connection
from tests.e2e.tools import rabbitmq
from tests.free_ports import free_port
from tests.handoff.tasks.broker_checks import a_killed_worker_loses_and_doubles_nothing, it_is_said
from tests.handoff.tasks.own_rabbitmq import own_rabbitmq

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    try:
        rabbitmq()
    except PackageError as error:
        pytest.skip(f"RabbitMQ cannot be had here: {error}")
    with own_rabbitmq(tmp_path_factory.mktemp("rabbitmq")) as address:
        yield address


def test_a_killed_worker_loses_and_doubles_nothing(url: str, db: Connection, tmp_path: Path, broker: str) -> None:
    a_killed_worker_loses_and_doubles_nothing(url, db, tmp_path, broker)


def test_a_wrong_password_is_said_without_telling_it(tmp_path: Path, broker: str) -> None:
    it_is_said(broker.replace("patchcord:", "patchcord:wrong-"), tmp_path, "wrong-")


def test_a_rabbitmq_that_does_not_run_is_said(tmp_path: Path) -> None:
    it_is_said(f"amqp://patchcord:secret-word@127.0.0.1:{free_port()}//", tmp_path, "secret-word")
