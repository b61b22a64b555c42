"""The calls of one answer carried out: tools side by side, each with its limit; facts noted; an exit taken when all went well."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from agents.llm.guard import Guard, Leave, Refuse, Remember, RunTool
from agents.llm.model import Call, Message
from agents.llm.task import ToolUsed
from agents.tools.toolbox import Toolbox, ToolError
from agents.transcript import JsonValue

log = logging.getLogger(__name__)


@runtime_checkable
class Gated(Protocol):
    """A Toolbox that runs nothing before it is certain that the caller has finished; that wait is not the tool's."""

    async def certain(self) -> None: ...


@dataclass(slots=True)
class Round:
    """What came of the calls."""

    results: list[Message] = field(default_factory=list)
    used: list[ToolUsed] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    exit: str = ""
    settled: bool = True
    """Nothing that the model would have to hear of: only facts were noted."""


class ToolRounds:
    """Of one turn."""

    def __init__(self, guard: Guard, tools: Toolbox, shown: Callable[[Mapping[str, JsonValue]], str]) -> None:
        """``shown``: a result as the model is told it."""
        self._guard = guard
        self._tools = tools
        self._shown = shown
        self._done: dict[str, asyncio.Task[tuple[Mapping[str, JsonValue] | None, str]]] = {}
        """What changed something, by name and arguments: a model that stutters does not do it twice."""

    async def run(self, calls: Sequence[Call], *, tools: bool = True) -> Round:
        """``tools``: whether any were offered."""
        made = Round()
        verdicts = [self._guard.judge(call, tools=tools) for call in calls]
        if any(isinstance(verdict, RunTool) for verdict in verdicts) and isinstance(self._tools, Gated):
            await self._tools.certain()
        outcomes = await asyncio.gather(*(self._tool(verdict) if isinstance(verdict, RunTool) else _none() for verdict in verdicts))
        failed = any(used is not None and used.result is None for used, _ in outcomes) or any(isinstance(it, Refuse) for it in verdicts)
        for call, verdict, (used, told) in zip(calls, verdicts, outcomes, strict=True):
            match verdict:
                case RunTool():
                    made.settled = False
                    text = told
                case Remember():
                    made.facts[verdict.slot] = verdict.value
                    text = '{"noted": true}'
                case Leave():
                    made.exit = "" if failed else verdict.exit
                    text = '{"error": "not left: another call failed"}'
                case Refuse():
                    made.settled = False
                    text = json.dumps({"error": verdict.reason})
                    log.warning("model_call_refused", extra={"tool": verdict.name if verdict.name in self._guard.names else "unknown"})
                    made.used += [ToolUsed(verdict.name, verdict.arguments or {}, None, 0.0)] if verdict.name else []
            made.used += [used] if used is not None else []
            made.results.append(Message("tool", text, call_id=call.id))
        return made

    async def _tool(self, run: RunTool) -> tuple[ToolUsed | None, str]:
        clock = asyncio.get_running_loop().time
        begun = clock()
        key = f"{run.info.name} {json.dumps(run.arguments, sort_keys=True, default=str)}"
        if not run.info.safe and (before := self._done.get(key)) is not None:
            result, why = await asyncio.shield(before)
            return None, self._told(result, why)
        task = asyncio.ensure_future(self._call(run))
        self._done[key] = task
        try:
            result, why = await task
        except asyncio.CancelledError:
            task.cancel()
            raise
        return ToolUsed(run.info.name, run.arguments, result, clock() - begun), self._told(result, why)

    async def _call(self, run: RunTool) -> tuple[Mapping[str, JsonValue] | None, str]:
        name, limit_s = run.info.name, run.info.limit_s
        try:
            async with asyncio.timeout(limit_s):
                return await self._tools.call(name, run.arguments), ""
        except TimeoutError:
            log.warning("tool_too_slow", extra={"tool": name, "limit_s": limit_s})
            return None, "took too long; whether it was done is not known"
        except ToolError as error:
            log.warning("tool_failed", extra={"tool": name, "error": str(error)})
        except Exception:
            log.exception("tool_broke_its_contract", extra={"tool": name})
        return None, "failed"

    def _told(self, result: Mapping[str, JsonValue] | None, why: str) -> str:
        return self._shown(result) if result is not None else json.dumps({"error": why})


async def _none() -> tuple[None, str]:
    return None, ""
