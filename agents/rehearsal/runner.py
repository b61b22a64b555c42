"""Runs conversation files: each is a call of its own with nothing shared but the agent, so any number may run at once."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from agents.flows.definition import AgentDefinition
from agents.library import AgentError, load_agent
from agents.llm.task import ModelTurns
from agents.rehearsal.checking import Miss, StepResult, check_call, check_step
from agents.rehearsal.conversation_file import Conversation, ConversationError, Step, read_conversation
from agents.rehearsal.happenings import Ended, Said, ToolCalled
from agents.rehearsal.scripted_tools import ScriptedTools
from agents.rehearsal.scripted_turns import ScriptedTurns
from agents.rehearsal.text_call import TextCall
from agents.tools import Toolbox

AT_ONCE = 4
"""Files that run at once."""


@dataclass(frozen=True, slots=True)
class Live:
    """The real things, for files that ask for them."""

    tools: Toolbox
    model: ModelTurns | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    path: Path
    line: int
    expected: str
    got: str
    transcript: tuple[str, ...]
    """The call up to here, a line each."""


@dataclass(frozen=True, slots=True)
class FileResult:
    path: Path
    name: str
    agent: str
    failures: tuple[Failure, ...] = ()
    error: str = ""
    """The file or its agent cannot be used: lines that name file, line and remedy."""
    skipped: str = ""
    """Why it was not run."""
    took_s: float = 0.0

    @property
    def passed(self) -> bool:
        return not (self.failures or self.error or self.skipped)


class StandingClock:
    """Wall-clock time that moves only when it is told to."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment
        self.passed_s = 0.0

    def now(self) -> datetime:
        return self._moment + timedelta(seconds=self.passed_s)

    def seconds(self) -> float:
        return self.passed_s


async def play(conversation: Conversation, agent: AgentDefinition, live: Live | None = None) -> tuple[Failure, ...]:
    """Run one file; what the first step with a failure missed, or what the whole call did."""
    file, clock = conversation.file, StandingClock(conversation.file.moment())
    call = TextCall(agent, *_parts(conversation, live), now=clock.now, clock=clock.seconds)
    call.learn(file.learned)
    failures = await _steps(conversation, call, clock)
    if not failures:
        failures = [_failure(conversation, (), miss, call) for miss in check_call(file, call)]
    return tuple(failures)


def _parts(conversation: Conversation, live: Live | None) -> tuple[Toolbox, ModelTurns | None]:
    tools, model = conversation.file.tools, conversation.file.model
    real_tools = live.tools if live is not None and tools == "live" else None
    toolbox: Toolbox = real_tools or ScriptedTools(conversation.scripts)
    if model == "live":
        return toolbox, live.model if live is not None else None
    return toolbox, ScriptedTurns(model) if model else None


async def _steps(conversation: Conversation, call: TextCall, clock: StandingClock) -> list[Failure]:
    steps = conversation.file.steps
    if steps[0].given is not None or steps[0].announces is not None:
        await _happen(call, None)
    for index, step in enumerate(steps):
        clock.passed_s += step.later_s
        if call.ended is not None and step.returns is None:
            return [_failure(conversation, ("steps", index), Miss((), "a call that goes on", f"it had ended as {call.ended.how}"), call)]
        result = await _happen(call, step)
        misses = list(check_step(step, result, call, last=index == len(steps) - 1))
        misses = [miss for miss in misses if miss.key or not _comes_back(steps, index)]
        if misses:
            return [_failure(conversation, ("steps", index), miss, call) for miss in misses]
    return []


def _comes_back(steps: Sequence[Step], index: int) -> bool:
    return index + 1 < len(steps) and steps[index + 1].returns is not None


async def _happen(call: TextCall, step: Step | None) -> StepResult:
    """Let ``step`` happen; None, and a step without a caller: the agent's first words."""
    result, events_before = StepResult(), len(call.events)
    if step is not None and step.learns:
        call.learn(step.learns)
    if step is not None and step.returns is not None:
        happenings = call.come_back(step.returns)
    elif step is not None and step.announces is not None:
        happenings = call.announce(step.announces)
    elif step is not None and step.given is not None:
        happenings = call.take(step.given)
    else:
        happenings = call.start()
    async for happening in happenings:
        if isinstance(happening, Said):
            result.said.append(happening.text)
        elif isinstance(happening, ToolCalled):
            result.tools.append(happening)
        elif isinstance(happening, Ended):
            result.ended = happening
    result.events = [event.kind for event in call.events[events_before:]]
    return result


def _failure(conversation: Conversation, base: tuple[str | int, ...], miss: Miss, call: TextCall) -> Failure:
    return Failure(conversation.path, conversation.line(*base, *miss.key), miss.expected, miss.got, tuple(call.lines))


class Agents:
    """Agents by name or path, each read once."""

    def __init__(self, load: Callable[[str | Path], AgentDefinition] = load_agent) -> None:
        self._load = load
        self._known: dict[str, AgentDefinition | str] = {}

    def get(self, name: str | Path) -> AgentDefinition:
        """Raises AgentError, each time anew for an agent that cannot be used."""
        key = str(name.resolve()) if isinstance(name, Path) else name
        if key not in self._known:
            try:
                self._known[key] = self._load(name)
            except AgentError as error:
                self._known[key] = str(error)
        found = self._known[key]
        if isinstance(found, str):
            raise AgentError(found)
        return found


async def run_file(path: Path, agents: Agents, live: Live | None = None) -> FileResult:
    begun = time.monotonic()
    try:
        conversation = read_conversation(path)
    except ConversationError as error:
        return FileResult(path, path.name, "", error=str(error))
    file = conversation.file
    if conversation.live and live is None:
        return FileResult(path, file.name, file.agent, skipped="needs a running service: start one with ./patchcord up and add --live")
    try:
        agent = agents.get(conversation.agent_file)
    except AgentError as error:
        return FileResult(path, file.name, file.agent, error=f"{path}:{conversation.line('agent')}: its agent cannot be used:\n{error}")
    failures = await play(conversation, agent, live)
    return FileResult(path, file.name, file.agent, failures, took_s=time.monotonic() - begun)


async def run_files(paths: Iterable[Path], live: Live | None = None, at_once: int = AT_ONCE) -> list[FileResult]:
    """In the order of ``paths``."""
    agents, places = Agents(), asyncio.Semaphore(at_once)

    async def one(path: Path) -> FileResult:
        async with places:
            return await run_file(path, agents, live)

    return list(await asyncio.gather(*map(one, paths)))
