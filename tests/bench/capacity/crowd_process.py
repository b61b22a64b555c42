"""The callers of a bench in a process of their own, so that what plays the mind beside them does not delay their packets."""

import asyncio
import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from tests.bench.capacity.arrivals import Pacing, pacing
from tests.bench.capacity.rtp_crowd import OwnTime, RtpCrowd
from tests.bench.capacity.talk import Frames

_STOP_S = 10.0


@dataclass(frozen=True, slots=True)
class Heard:
    """Of one window, at all callers."""

    pacing: Pacing
    gaps_ms: list[float]
    own: OwnTime
    cpu_s: float
    """Of the whole process."""
    unanswered: int
    said: int


class CrowdProcess:
    """``async with CrowdProcess(size, clips) as crowd``; callers are ``attach``ed once and stay."""

    def __init__(self, size: int, clips: Sequence[Frames]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, size, list(clips)), daemon=True)

    async def __aenter__(self) -> "CrowdProcess":
        self._process.start()
        self.ports: list[int] = await self._answer()
        """Where each caller receives, by slot."""
        return self

    async def __aexit__(self, *_: object) -> None:
        self._pipe.send(("stop", None))
        await asyncio.to_thread(self._process.join, _STOP_S)
        if self._process.is_alive():
            self._process.kill()

    async def attach(self, targets: Sequence[tuple[int, int]]) -> None:
        """Slots with the port that each is to talk to."""
        self._pipe.send(("attach", list(targets)))
        await self._answer()

    async def take(self) -> Heard:
        """What was heard since the last call."""
        self._pipe.send(("take", None))
        heard: Heard = await self._answer()
        return heard

    async def _answer(self) -> Any:
        """Raises EOFError when the process has died."""
        return await asyncio.to_thread(self._pipe.recv)


def _serve(pipe: Connection, size: int, clips: Sequence[Frames]) -> None:
    with RtpCrowd(size, clips) as crowd:
        pipe.send([crowd.port(slot) for slot in range(size)])
        before, unanswered, said = time.process_time(), 0, 0
        while True:
            what, given = pipe.recv()
            if what == "stop":
                return
            if what == "attach":
                for slot, port in given:
                    crowd.attach(slot, crowd.host, port)
                pipe.send(None)
                continue
            now = time.process_time()
            arrivals, gaps, own = crowd.take()
            talk = crowd.talk
            pace = pacing(arrivals, crowd.stalls)
            pipe.send(Heard(pace, [gap for _, gap in gaps], own, now - before, talk.unanswered - unanswered, talk.said - said))
            before, unanswered, said = time.process_time(), talk.unanswered, talk.said
