"""Voices come from the unpacked program tree; without it their tests are skipped."""

import platform
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class UnpackedTree:
    """The program tree as the service hands it in, found without the service."""

    path: Path

    def command(self, binary: str, *args: str) -> list[str]:
        loader = sorted(self.path.glob("usr/lib*/ld-linux*")) + sorted(self.path.glob("usr/lib/*/ld-linux*"))
        libraries = self.path / "usr/lib" / f"{platform.machine()}-linux-gnu"
        return [str(loader[0]), "--library-path", str(libraries), str(self.path / binary), *args]


@pytest.fixture(scope="session")
def tree(runtime_dir: Path) -> UnpackedTree:
    path = runtime_dir.resolve() / "root"
    if not (path / "usr/bin/flite").exists():
        pytest.skip(f"no voices below {path}; run ./patchcord up once")
    return UnpackedTree(path)


@pytest.fixture(scope="session")
def rhvoice_tree(tree: UnpackedTree) -> UnpackedTree:
    if not list(tree.path.glob("usr/lib/*/libRHVoice.so.5")):
        pytest.skip("the packages hold no RHVoice")
    return tree
