"""``patchcord bench NAME``: the measurements of tests/bench, on a running instance."""

import importlib
import sys
from types import ModuleType

from ari_app.service.layout import PROJECT

_FOLDER = PROJECT / "tests" / "bench"
_COMMAND = "command.py"
"""What a measurement that is a folder of its own is run by."""


def _known() -> dict[str, str]:
    """Name to module; a measurement is a file, or a folder with a command."""
    files = {path.stem: path.stem for path in _FOLDER.glob("*.py") if not path.stem.startswith("_")}
    return dict(sorted({**files, **{path.parent.name: f"{path.parent.name}.command" for path in _FOLDER.glob(f"*/{_COMMAND}")}}.items()))


def _load(module: str) -> ModuleType:
    sys.path.insert(0, str(PROJECT))
    return importlib.import_module(f"tests.bench.{module}")


def run_bench(name: str | None, arguments: list[str]) -> int:
    """Lists the measurements without ``name``; 2 for one that does not exist. ``arguments``, ``--help`` too, go to the measurement."""
    known = _known()
    if name is None:
        print("usage: patchcord bench NAME [--data DIR] …   (patchcord bench NAME --help tells more)")
        for each, module in known.items():
            doc = (_load(module).__doc__ or "").strip().splitlines()
            print(f"  {each:<16} {doc[0] if doc else ''}")
        return 0
    if name not in known:
        print(f"patchcord: no measurement '{name}'; known: {', '.join(known)}")
        return 2
    return int(_load(known[name]).main(arguments) or 0)
