"""The watch over a caller as the service builds it, with the rules that ship, for calls that nobody places."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from agents.concerns.finding import ConcernFinder
from agents.emotion.monitor import EmotionMonitor
from agents.emotion.notice import NOTICE
from agents.emotion.signs import Mode
from agents.emotion.voice.choosing import open_judge
from agents.emotion.words.reading import WordReader
from agents.transcript import JsonValue, Turn
from ari_app.calls.record import CallFacts, CallRecord
from ari_app.calls.watch import CallWatch, WatchDeps
from handoff.card import Card
from handoff.records.store import CallEnded, CallStarted
from handoff.rules.ruleset import RuleSet
from tests.bench.emotion_calls.call import Call

NUMBER: Final = "100"
_NOON: Final = datetime.fromisoformat("2026-03-04T12:00:00+00:00")
"""A Wednesday; rules may look at the clock."""


@dataclass(slots=True)
class Written:
    """A CallWriter that keeps the events in order. What the caller says is not kept."""

    events: list[tuple[str, Mapping[str, JsonValue]]] = field(default_factory=list)

    def call_started(self, call: CallStarted) -> None:
        del call

    def turn(self, call_id: str, turn: Turn) -> None:
        del call_id, turn

    def event(self, call_id: str, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        del call_id, at
        self.events.append((kind, data))

    def card(self, card: Card) -> None:
        del card

    def callback(self, call_id: str, number: str, queue: str) -> None:
        del call_id, number, queue

    def callback_due(self, call_id: str, in_s: float) -> None:
        del call_id, in_s

    def callback_done(self, call_id: str) -> None:
        del call_id

    def call_ended(self, call: CallEnded) -> None:
        del call

    async def flush(self, timeout_s: float) -> bool:
        del timeout_s
        return True

    def pending(self) -> int:
        return 0


class Watches:
    """``with Watches("audio") as watches: watch, written = watches.over(call, clock)``; ``rules`` None: those that ship."""

    def __init__(self, mode: Mode, rules: Path | None = None, model: str = "") -> None:
        self.mode: Final[Mode] = mode
        self._threads: Executor = ThreadPoolExecutor(1, "voice")
        judge, readers, finders = open_judge(model), cache(WordReader), cache(ConcernFinder)
        known = RuleSet.load(rules)

        def monitor(facts: CallFacts) -> EmotionMonitor:
            del facts
            return EmotionMonitor(mode, readers=readers, judge=judge, executor=self._threads)

        self._deps = WatchDeps(
            monitor=monitor,
            concerns=finders,
            rules=known.for_call,
            notices=NOTICE,
            queue_facts=lambda queue: {},
            now=lambda: _NOON,
        )

    def __enter__(self) -> "Watches":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def over(self, call: Call, clock: Callable[[], float]) -> tuple[CallWatch, Written]:
        """In mode audio the caller has heard the notice."""
        written = Written()
        watch = CallWatch(CallRecord(CallFacts(call.id, call.id, call.id, "front-desk", NUMBER, ""), written), self._deps, clock)
        if watch.attention.notice("en"):
            watch.attention.announced(clock())
        return watch, written

    async def judged(self) -> None:
        """Back when the voices are judged that were glanced at before: one thread judges them in order."""
        done: Any = asyncio.wrap_future(self._threads.submit(lambda: None))
        await done
        await asyncio.sleep(0)
