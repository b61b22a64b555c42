"""The calls of a run on an instance of its own, several at once, each judged when its record is written."""

import asyncio
import shutil
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.user_agent import SipTarget
from ari_app.commands.instance import mind_config
from ari_app.service.layout import Layout
from handoff.records.reader import PostgresReader
from tests.bench.scenarios.case import AGENTS, Case, Scenario
from tests.bench.scenarios.conversing import Talk, Telephone
from tests.bench.scenarios.ear import Recognise
from tests.bench.scenarios.judging import Recorded, judge
from tests.bench.scenarios.results import Result
from tests.bench.scenarios.shop import ShopDesk
from tests.bench.scenarios.wordings import Wordings
from tests.bench.turns.voices import Voices
from tests.e2e.instance import Instance
from tests.free_ports import free_port

FRONT_DESK: Final = "100"
_FIRST_NUMBER: Final = 501
_QUEUE_S: Final = 300
_RECORD_TRIES: Final = 20
_RECORD_WAIT_S: Final = 0.5
_NEWEST: Final = 20
"""Among so many newest calls is every one that is going on."""
_LATEST: Final = 3
"""Turns of the agent that can be what was heard just now."""


def numbers_alone() -> dict[Scenario, str]:
    """Numbers on which one agent answers, for calls that leave the front desk out."""
    agents = sorted(set(AGENTS.values()))
    return {scenario: str(_FIRST_NUMBER + agents.index(agent)) for scenario, agent in AGENTS.items()}


@dataclass(frozen=True, slots=True)
class Run:
    """An instance that is up, and the shop behind it."""

    instance: Instance
    shop: ShopDesk
    reader: PostgresReader
    numbers: Mapping[Scenario, str]

    async def perform(
        self, cases: Sequence[Case], *, wordings: Wordings, today: date, parallel: int, recognise: Recognise, tell: Callable[[Result], None]
    ) -> tuple[list[Result], list[str]]:
        """All results, and what changed in the shop that belongs to none of the callers."""
        await asyncio.to_thread(self.shop.prepare, cases, today)
        before = await asyncio.to_thread(self.shop.others, cases)
        todo, results = deque(cases), []
        async with Voices() as voices:
            target = SipTarget("127.0.0.1", self.instance.sip_port)
            telephone = Telephone(target, self._number, voices, recognise, wordings, self._code, self._said, today)
            with RtpThreads() as threads:

                async def work() -> None:
                    while todo:
                        talk = await telephone.call(todo.popleft(), threads)
                        results.append(await self._result(talk))
                        tell(results[-1])

                async with asyncio.TaskGroup() as group:
                    for _ in range(parallel):
                        group.create_task(work())
        after = await asyncio.to_thread(self.shop.others, cases)
        return sorted(results, key=lambda each: cases.index(each.case)), _strays(before, after)

    def _number(self, case: Case) -> str:
        return self.numbers.get(case.scenario, FRONT_DESK)

    async def _code(self, phone: str) -> str:
        return await asyncio.to_thread(self.shop.code, phone)

    async def _said(self, case: Case) -> list[str]:
        for call in await self.reader.list_calls(_NEWEST):
            if call["caller"] == case.phone:
                turns = await self.reader.turns_of(str(call["id"]))
                return [turn.text for turn in turns if turn.who == "agent"][-_LATEST:]
        return []

    async def _result(self, talk: Talk) -> Result:
        recorded = await self._recorded(talk.case)
        rows = await asyncio.to_thread(self.shop.changed, talk.case)
        device = await asyncio.to_thread(self.shop.device, talk.case) if talk.case.scenario is Scenario.DEVICE_HELP else {}
        return Result(talk.case, talk, recorded, judge(talk.case, rows, recorded, device))

    async def _recorded(self, case: Case) -> Recorded | None:
        """Once it is written, which takes a moment."""
        for _ in range(_RECORD_TRIES):
            for call in await self.reader.list_calls(_NEWEST):
                if call["caller"] == case.phone and call["outcome"]:
                    return _of(await self.reader.get_call(str(call["id"])) or {})
            await asyncio.sleep(_RECORD_WAIT_S)
        return None


def _of(call: Mapping[str, Any]) -> Recorded:
    card = call.get("card") or {}
    outcome, reason, queue = (str(value or "") for value in (call.get("outcome"), call.get("reason"), card.get("queue")))
    return Recorded(outcome, reason, queue, call.get("turns", []), call.get("events", []))


def _strays(before: Mapping[str, list[Any]], after: Mapping[str, list[Any]]) -> list[str]:
    return [f"{table}: {row}" for table, rows in after.items() for row in rows if row not in before[table]]


@asynccontextmanager
async def running(data: Path, *, alone: bool, settings: Mapping[str, str]) -> AsyncIterator[Run]:
    """Raises RuntimeError when the instance does not start."""
    await asyncio.to_thread(shutil.rmtree, data, ignore_errors=True)
    port = free_port()
    numbers = numbers_alone() if alone else {}
    dialled = {f"numbers.{number}.agent": AGENTS[scenario] for scenario, number in numbers.items()}
    # Nobody waits so long for a person here: a caller who is put through does not come back to the agent.
    own: dict[str, Any] = {"agents.demo.test": "true", "agents.demo.port": port, "calls.queue_timeout_s": _QUEUE_S}
    instance = Instance(data, {**own, **dialled, **settings})
    await asyncio.to_thread(instance.start)
    try:
        url = str(mind_config(Layout(data))["database_url"])
        reader = PostgresReader(url, connections=2)
        await reader.open()
        try:
            yield Run(instance, ShopDesk(url, f"http://127.0.0.1:{port}/test"), reader, numbers)
        finally:
            await reader.close()
    finally:
        await asyncio.to_thread(instance.stop)
