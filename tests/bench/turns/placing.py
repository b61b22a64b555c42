"""Places the calls of a plan, several at once, and brings back what crossed the caller's socket."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from ari_app.caller.calling import Line, Manner, dialled
from ari_app.caller.listener import CallOver, TurnTimeout
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.sip_message import SipError
from ari_app.caller.user_agent import SipTarget, UserAgent
from tests.bench.turns.agent import Place, said_at
from tests.bench.turns.capture import Capture
from tests.bench.turns.events import Call, Condition, Event, Kind, Scene
from tests.bench.turns.player import Player
from tests.bench.turns.sounds import Sound

NUMBER: Final = "100"
ATTEMPTS: Final = 3
"""An event that could not be played, because the agent did not speak then, is tried so often."""
ANSWER_S: Final = 15.0
FIRST_CALLER: Final = 880_000
"""Caller ids count from here, so that a call can be found in the history."""


def reference_calls() -> list[Call]:
    """Undisturbed recordings of everything long that the agent says."""

    def listen(place: Place) -> list[Scene]:
        return [
            Scene(place, (Event(f"reference-{place.name.lower()}-{each}", Kind.LISTEN, "", 0.0),)) for each in range(len(said_at(place)))
        ]

    return [
        Call(0, Condition(), (*listen(Place.GREETING), *listen(Place.LONG))),
        Call(0, Condition(), (*listen(Place.SHORT), *listen(Place.LEGAL))),
    ]


@dataclass(slots=True)
class Progress:
    """How far the calls are, in events."""

    total: int
    done: int = 0
    began: float = field(default_factory=time.monotonic)

    @property
    def left_s(self) -> float | None:
        """Estimated from the pace so far; None at the very beginning."""
        return (time.monotonic() - self.began) * (self.total - self.done) / self.done if self.done >= 5 else None


@dataclass(slots=True)
class Placing:
    """Works through calls; ``folder`` gets one capture per call."""

    target: SipTarget
    sounds: Mapping[str, Sound]
    seed: int
    folder: Path
    tell: Callable[[Progress], None]
    failures: list[str] = field(default_factory=list)
    """Calls that broke off, with the reason."""
    given_up: list[Event] = field(default_factory=list)
    """Events that could not be played in any attempt."""
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(FIRST_CALLER))

    async def run(self, calls: Sequence[Call], parallel: int) -> None:
        todo = deque((call, 1) for call in calls)
        progress = Progress(sum(len(call.events) for call in calls))
        self.folder.mkdir(parents=True, exist_ok=True)
        with RtpThreads() as threads:

            async def work() -> None:
                while todo:
                    call, attempt = todo.popleft()
                    left = await self._place(call, threads, progress)
                    if left and attempt < ATTEMPTS:
                        todo.append((replace(call, scenes=tuple(left)), attempt + 1))
                    else:
                        lost = [event for scene in left for event in scene.events]
                        self.given_up += lost
                        progress.done += len(lost)

            async with asyncio.TaskGroup() as group:
                for _ in range(parallel):
                    group.create_task(work())

    async def _place(self, call: Call, threads: RtpThreads, progress: Progress) -> list[Scene]:
        """One call; the scenes that were not played come back."""
        index = next(self._ids)
        target = replace(self.target, caller_id=str(index))
        left = list(call.scenes)
        skipped: list[Scene] = []
        problem = ""
        conditions = call.condition.line(self.seed * 1000 + call.number)
        try:
            async with self._answered(target, threads, Manner(laws=("ulaw",), conditions=conditions)) as line:
                player = Player(line, self.sounds)
                try:
                    while left:
                        again = await player.perform(left[0])
                        scene = left.pop(0)
                        progress.done += len(scene.events) - len(again)
                        skipped += [Scene(scene.place, tuple(again))] if again else []
                        self.tell(progress)
                except (CallOver, TurnTimeout) as error:
                    problem = str(error) or "the agent's side hung up"
                    skipped += _unplayed(left.pop(0), player)
                finally:
                    self._keep(call.number, target.caller_id, line, player, problem)
        except (SipError, TimeoutError) as error:
            problem = str(error) or f"not answered within {ANSWER_S:g} s"
        if problem:
            self.failures.append(f"call {call.number} ({call.condition.name}): {problem}")
        return [*skipped, *left]

    @asynccontextmanager
    async def _answered(self, target: SipTarget, threads: RtpThreads, manner: Manner) -> AsyncIterator[Line]:
        async with await UserAgent.open(target) as agent, dialled(agent, threads, NUMBER, manner) as line:
            await asyncio.wait_for(line.leg.answered(), ANSWER_S)
            yield line

    def _keep(self, number: int, caller_id: str, line: Line, player: Player, problem: str) -> None:
        capture = Capture.of(
            list(line.session.log.received),
            number=number,
            caller_id=caller_id,
            invite_ns=line.invite_ns,
            wall_minus_monotonic_ns=time.time_ns() - time.monotonic_ns(),
            played=player.played,
            problem=problem,
        )
        capture.save(self.folder / f"{caller_id}.npz")


def _unplayed(scene: Scene, player: Player) -> list[Scene]:
    """What of a scene that broke off has not been played."""
    played = {each.event for each in player.played}
    events = tuple(event for event in scene.events if event.id not in played)
    return [Scene(scene.place, events)] if events else []
