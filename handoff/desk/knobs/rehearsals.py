"""Calls in writing with an agent as it is in a draft: no telephone, and tools that answer from scripts."""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from agents.flows.definition import AgentDefinition
from agents.rehearsal.happenings import Ended, Happening, Said, ToolCalled
from agents.rehearsal.script_files import Scripts
from agents.rehearsal.scripted_tools import ScriptedTools
from agents.rehearsal.text_call import TextCall
from agents.rehearsal.typed_line import read_line
from agents.transcript import JsonValue

MOST: Final = 20
"""Calls at once; the one that was used longest ago goes first."""
MOST_OF_ONE: Final = 3
IDLE_S: Final = 900.0
LONGEST: Final = 500
"""Characters of what the caller says."""
MOST_TURNS: Final = 200


class NoSuchRehearsal(Exception):
    """It ended, or was somebody else's; the message says what to do."""


@dataclass(slots=True)
class _Rehearsal:
    user: str
    call: TextCall
    used_at: float
    turns: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Rehearsals:
    """``clock`` in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._calls: OrderedDict[str, _Rehearsal] = OrderedDict()

    async def start(self, user: str, agent: AgentDefinition, scripts: Scripts) -> dict[str, JsonValue]:
        """The first words, with the ``id`` for what follows."""
        await asyncio.to_thread(agent.warm)
        self._make_room(user)
        identity = secrets.token_urlsafe(12)
        rehearsal = _Rehearsal(user, TextCall(agent, ScriptedTools(scripts)), self._clock())
        self._calls[identity] = rehearsal
        async with rehearsal.lock:
            lines = await _lines(rehearsal.call.start())
        return {"id": identity, **_state(rehearsal.call, lines)}

    async def say(self, user: str, identity: str, words: str) -> dict[str, JsonValue]:
        """What comes of the caller's words, ``#123`` or ``[silence]``. Raises NoSuchRehearsal, ValueError for keys that no phone has."""
        rehearsal = self._calls.get(identity)
        if rehearsal is None or rehearsal.user != user or rehearsal.turns >= MOST_TURNS:
            raise NoSuchRehearsal("This conversation is over. Start it anew.")
        given = read_line(words[:LONGEST])
        async with rehearsal.lock:
            rehearsal.used_at, rehearsal.turns = self._clock(), rehearsal.turns + 1
            self._calls.move_to_end(identity)
            return _state(rehearsal.call, await _lines(rehearsal.call.take(given)))

    def _make_room(self, user: str) -> None:
        now = self._clock()
        mine = [identity for identity, one in self._calls.items() if one.user == user]
        old = [identity for identity, one in self._calls.items() if now - one.used_at > IDLE_S]
        for identity in {*old, *mine[: max(0, len(mine) - MOST_OF_ONE + 1)]}:
            del self._calls[identity]
        while len(self._calls) >= MOST:
            self._calls.popitem(last=False)


async def _lines(happenings: AsyncGenerator[Happening, None]) -> list[JsonValue]:
    found: list[JsonValue] = []
    async with aclosing(happenings):
        async for happening in happenings:
            found.append(_line(happening))
    return found


def _line(happening: Happening) -> dict[str, JsonValue]:
    match happening:
        case Said():
            return {"who": "agent", "text": happening.text}
        case ToolCalled():
            told = happening.error or "answered from a script"
            return {"who": "tool", "text": f"{happening.name}({', '.join(happening.arguments)}): {told}"}
        case Ended():
            outcome = happening.outcome
            return {"who": "end", "text": " ".join(part for part in (happening.how, outcome.queue, outcome.reason) if part)}


def _state(call: TextCall, lines: list[JsonValue]) -> dict[str, JsonValue]:
    return {"lines": lines, "ended": call.ended is not None, "node": call.dialogue.state.node, "slots": dict(call.known())}
