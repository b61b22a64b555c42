"""Some hundred messages of each fuzzing on a whole instance, with ordinary calls beside them."""

import asyncio
import subprocess
import sys

import pytest

from ari_app.service.layout import PROJECT
from tests.e2e.instance import Instance
from tests.e2e.people import settled


@pytest.mark.parametrize("kind", ["fuzz_sip", "fuzz_http"])
async def test_nothing_breaks_leaks_or_lets_anybody_in(instance: Instance, kind: str) -> None:
    await settled(instance, 20)
    command = (
        sys.executable,
        "-m",
        "ari_app.cli",
        "bench",
        kind,
        "--data",
        str(instance.data),
        "--n",
        "600",
        "--rate",
        "60",
        "--settle",
        "3",
    )
    done = await asyncio.to_thread(subprocess.run, command, cwd=PROJECT, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, f"{done.stdout[-3000:]}{done.stderr[-2000:]}"
    assert '"faults": 0' in done.stdout
    await settled(instance, 20)
