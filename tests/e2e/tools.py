"""Programs of others that tests talk to, fetched like Asterisk itself: unpacked beside the project, not installed."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from ari_app.pbx.packages import fetch
from ari_app.pbx.runtime import RuntimeRoot
from tests.conftest import PROJECT

TOOLS = ("sip-tester", "baresip-core", "asterisk-core-sounds-en-wav", "redis-server")


def _quiet(stage: str, done: int, total: int) -> None:
    """Tests draw no progress bar."""


def _fetched(folder: str, packages: tuple[str, ...]) -> RuntimeRoot:
    wanted = fetch(PROJECT / ".patchcord" / folder, packages, (), _quiet)
    with ThreadPoolExecutor(1) as thread:  # a test's own event loop may be running in this one
        return RuntimeRoot(thread.submit(asyncio.run, wanted).result().root)


@cache
def tools() -> RuntimeRoot:
    """SIPp, baresip, recorded prompts, Redis. Raises PackageError."""
    return _fetched("test-tools", TOOLS)


@cache
def rabbitmq() -> RuntimeRoot:
    """RabbitMQ and its Erlang, apart: half as much again as all the others. Raises PackageError."""
    return _fetched("test-rabbitmq", ("rabbitmq-server",))
