"""Calls with an agent as it is in a draft: the desk leaves the draft in a file, workers make it ready, and one of our phones dials it.

Everything here blocks. The folder belongs to the desk; workers read it, and say beside each file what became of it.
"""

import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from agents.rehearsal.script_files import Scripts
from agents.rehearsal.scripted_tools import ScriptedAnswer
from handoff.desk.knobs.drafts import write_whole
from handoff.records.agent_versions import Files

CALLED: Final = "called"
"""Where they lie, in the folder of drafts."""
DIALLED: Final = "*77"
"""What is dialled before the code."""
GOOD_FOR_S: Final = 1800.0
"""Seconds in which a code can be dialled."""
MOST: Final = 50
"""Drafts at once; the oldest goes first."""
_CODE: Final = re.compile(r"[0-9]{6}")

State: TypeAlias = Literal["preparing", "ready", "failed", "over"]


@dataclass(frozen=True, slots=True)
class DraftCall:
    agent: str
    files: Files
    """By file name, the agent's own and every flow that it is made of."""
    scripts: Scripts
    """What its tools answer: nothing is ordered, paid or changed."""


class DraftCalls:
    """In ``folder``, readable by this account only. ``clock`` in seconds, as files are stamped."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock

    def add(self, call: DraftCall) -> str:
        """Returns the code to dial after ``DIALLED``. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = self.codes()
        for path in self._folder.iterdir():
            if path.stem not in kept[-(MOST - 1) :] and not path.name.startswith("."):
                path.unlink(missing_ok=True)
        code = next(code for _ in range(100) if (code := f"{secrets.randbelow(10**6):06}") not in kept)
        scripts = {name: [answer.model_dump(mode="json", by_alias=True) for answer in answers] for name, answers in call.scripts.items()}
        body = {"agent": call.agent, "files": dict(call.files), "scripts": scripts}
        write_whole(self._folder / f"{code}.json", json.dumps(body), mode=0o600)
        return code

    def state(self, code: str) -> State:
        if code not in self.codes():
            return "over"
        if (self._folder / f"{code}.failed").exists():
            return "failed"
        return "ready" if (self._folder / f"{code}.ready").exists() else "preparing"

    # What workers need

    def codes(self) -> list[str]:
        """Those that can be dialled, or will be, the oldest first."""
        found: list[tuple[float, str]] = []
        for path in self._folder.glob("*.json"):
            try:
                written = path.stat().st_mtime
            except FileNotFoundError:
                continue  # taken away meanwhile
            if _CODE.fullmatch(path.stem) and self._clock() - written < GOOD_FOR_S:
                found.append((written, path.stem))
        return [code for _, code in sorted(found)]

    def read(self, code: str) -> DraftCall:
        """Raises OSError, ValueError for a damaged file."""
        tree = json.loads((self._folder / f"{code}.json").read_text("utf-8"))
        if not isinstance(tree, Mapping) or not {"agent", "files", "scripts"} <= set(tree):
            raise ValueError(f"draft {code} is damaged")
        scripts = {name: tuple(map(ScriptedAnswer.model_validate, answers)) for name, answers in tree["scripts"].items()}
        return DraftCall(str(tree["agent"]), {str(name): str(text) for name, text in tree["files"].items()}, scripts)

    def became(self, code: str, state: Literal["ready", "failed"]) -> None:
        """Raises OSError."""
        (self._folder / f"{code}.{state}").touch(mode=0o600)
