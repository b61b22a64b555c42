"""The rules know the mind's vocabulary and nothing of calls, sockets and commands."""

import pkgutil
import subprocess
import sys

import handoff.rules


def test_nothing_of_the_call_comes_in() -> None:
    names = [f"handoff.rules.{module.name}" for module in pkgutil.iter_modules(handoff.rules.__path__)]
    assert "handoff.rules.watch" in names
    code = f"import sys, {', '.join(names)}; print(sorted(name for name in sys.modules if name.split('.')[0] in ('ari_app', 'dialplan')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
