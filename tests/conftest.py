"""Fixtures that several rooms share."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says something of the machine; that is for benchmarks.
settings.register_profile("patchcord", deadline=None)
settings.load_profile("patchcord")

PROJECT = Path(__file__).resolve().parents[1]
DATA_SETS = PROJECT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def data_sets() -> Path:
    """The evaluation sets beside the checkout; a user's machine does not have them."""
    if not DATA_SETS.is_dir():
        pytest.skip("the evaluation sets are not here")
    return DATA_SETS


@pytest.fixture(scope="session")
def runtime_dir() -> Path:
    """Where the unpacked packages live (``PATCHCORD_RUNTIME`` overrides)."""
    return Path(os.environ.get("PATCHCORD_RUNTIME", PROJECT / ".patchcord" / "runtime"))


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_the_user() -> None:
    """Tests must not depend on what somebody exported in their shell."""
    for name in [name for name in os.environ if name.startswith("PATCHCORD_") and "__" in name]:
        del os.environ[name]


def have(program: str) -> bool:
    return shutil.which(program) is not None
