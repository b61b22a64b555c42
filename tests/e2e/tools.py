"""SIP programs of others, fetched like Asterisk itself: unpacked beside the project, not installed."""

import asyncio
from functools import cache

from ari_app.pbx.packages import fetch
from ari_app.pbx.runtime import RuntimeRoot
from tests.conftest import PROJECT

TOOLS = ("sip-tester", "baresip-core", "asterisk-core-sounds-en-wav")


def _quiet(stage: str, done: int, total: int) -> None:
    """Tests draw no progress bar."""


@cache
def tools() -> RuntimeRoot:
    """SIPp and baresip. Raises PackageError."""
    return RuntimeRoot(asyncio.run(fetch(PROJECT / ".patchcord" / "test-tools", TOOLS, (), _quiet)).root)
