from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.instance import Instance


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session", autouse=True)
def taking_every_call() -> Iterator[None]:
    """Two instances and all their callers may share this machine: a worker that is late on it would rightly send new calls to the queue.
    When it does so is asked where nothing else runs (tests/ari_app/calls, tests/bench/overload)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATCHCORD_CALLS__SHED_LAG_MS", "0")
        patch.setenv("PATCHCORD_CALLS__SHED_GAP_MS", "0")
        yield


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """One instance for the tests that leave it as they found it."""
    running = Instance(tmp_path_factory.mktemp("patchcord"), {"calls.queue_timeout_s": 6})
    running.start()
    running.settle_in()
    yield running
    running.stop()


@pytest.fixture
def own_instance(tmp_path: Path) -> Iterator[Instance]:
    """An instance for one test that breaks things; the test starts it itself."""
    running = Instance(tmp_path)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def sturdy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """One instance for the tests that kill parts of it, each of which must leave it whole again."""
    running = Instance(tmp_path_factory.mktemp("sturdy"), {"service.spare": "true"})
    running.start()
    running.settle_in()
    yield running
    running.stop()
