"""``patchcord bench NAME``: the measurements of tests/bench, on a running instance."""

import importlib
import sys
from types import ModuleType

from ari_app.service.layout import PROJECT


def _load(name: str) -> ModuleType:
    sys.path.insert(0, str(PROJECT))
    return importlib.import_module(f"tests.bench.{name}")


def run_bench(name: str | None, arguments: list[str]) -> int:
    """Lists the measurements without ``name``; 2 for one that does not exist. ``arguments``, ``--help`` too, go to the measurement."""
    folder = PROJECT / "tests" / "bench"
    known = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
    if name is None:
        print("usage: patchcord bench NAME [--data DIR] …   (patchcord bench NAME --help tells more)")
        for each in known:
            doc = (_load(each).__doc__ or "").strip().splitlines()
            print(f"  {each:<16} {doc[0] if doc else ''}")
        return 0
    if name not in known:
        print(f"patchcord: no measurement '{name}'; known: {', '.join(known)}")
        return 2
    return int(_load(name).main(arguments) or 0)
