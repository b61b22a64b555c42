from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ari_app.pbx.find import packaged_asterisk
from ari_app.pbx.runtime import RuntimeRoot

from .rig import Rig, rig


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lines(tmp_path_factory: pytest.TempPathFactory, runtime_dir: Path) -> AsyncIterator[Rig]:
    """Carrier and our Asterisk for all tests of this folder; each leaves them without a call."""
    install = await packaged_asterisk(RuntimeRoot(runtime_dir / "root"))
    async with rig(install, tmp_path_factory.mktemp("carrier")) as running:
        yield running
