"""``@tool``: a function becomes something an agent may use."""

import asyncio
import inspect
import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

from agents.tools.call_facts import CallFacts
from agents.tools.docstring import read_docstring
from agents.tools.names import TOOL_NAME
from agents.tools.plain import plain_result
from agents.tools.signature import ToolDefinitionError, read_signature
from agents.tools.threads import ToolThreads, TooSlow
from agents.tools.toolbox import ToolError, ToolInfo
from agents.transcript import JsonValue

log = logging.getLogger(__name__)


class Tool:
    """Made by ``@tool``. Called directly it is the function that it was."""

    def __init__(self, function: Callable[..., Any], name: str, limit_s: float, safe: bool, examples: Sequence[str]) -> None:
        """Raises ToolDefinitionError."""
        if not TOOL_NAME.match(name):
            raise ToolDefinitionError(f"{name!r} cannot be the name of a tool: give one like orders.find with @tool(name=...)")
        if not 0 < limit_s <= 60:
            raise ToolDefinitionError(f"{name}: limit_s is {limit_s}; a caller waits for a tool more than 0 and at most 60 seconds")
        described = read_docstring(function.__doc__)
        self.function = function
        self.examples = tuple(examples)
        """What a caller may say when they want this; for intent matching without a model."""
        self.signature = read_signature(function, name, described)
        self.info = ToolInfo(name, described.summary, self.signature.schema, limit_s, safe)
        self._is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004 - an object may have an async __call__
        self._running: set[asyncio.Task[Any]] = set()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<tool {self.info.name}>"

    async def run(self, arguments: Mapping[str, JsonValue], facts: CallFacts, threads: ToolThreads) -> dict[str, JsonValue]:
        """Within the tool's limit, whatever the function does short of blocking the event loop. Raises ToolError."""
        taken = self.signature.take(arguments)
        if self.signature.facts:
            taken[self.signature.facts] = facts
        name = self.info.name
        try:
            if self._is_async:
                return plain_result(await self._await(taken), name)
            return await threads.run(lambda: self._sync(taken), self.info.limit_s, name)
        except ToolError:
            raise
        except TooSlow as error:
            raise ToolError(f"{name} took longer than its limit of {self.info.limit_s:g} s") from error
        except (Exception, SystemExit) as error:
            raise self._broken(error) from error

    def _sync(self, taken: Mapping[str, Any]) -> dict[str, JsonValue]:
        value = self.function(**taken)
        if inspect.iscoroutine(value):
            value.close()
            raise ToolError(f"{self.info.name} returned a coroutine: declare it with async def")
        return plain_result(value, self.info.name)

    async def _await(self, taken: Mapping[str, Any]) -> Any:
        """Not ``asyncio.timeout``: that would wait for a function which does not let itself be cancelled."""
        task = asyncio.create_task(_contained(self.function(**taken)))
        self._running.add(task)
        task.add_done_callback(self._ended)
        try:
            done, _ = await asyncio.wait({task}, timeout=self.info.limit_s)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if done:
            if task.cancelled():
                raise ToolError(f"{self.info.name} was cancelled from inside")
            return task.result()
        task.cancel()
        raise TooSlow

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # looked at: nobody waits for a task past its limit

    def _broken(self, error: BaseException) -> ToolError:
        """The exception's own words may hold what a caller said: its type and place are logged, its text only for who debugs."""
        if isinstance(error.__cause__, StopIteration | SystemExit):  # cannot leave a coroutine as they are
            error = error.__cause__
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        log.warning("tool_raised", extra={"tool": self.info.name, "exception": type(error).__name__, "at": place})
        log.debug("tool_raised_whole", exc_info=error)
        return ToolError(f"{self.info.name} failed with {type(error).__name__} at {place}")


async def _contained(work: Awaitable[Any]) -> Any:
    """SystemExit out of a task would end the event loop and with it every call."""
    try:
        return await work
    except SystemExit as error:
        raise RuntimeError("the tool wanted to end the process") from error


@overload
def tool(function: Callable[..., Any], /) -> Tool: ...
@overload
def tool(
    *, name: str | None = None, limit_s: float = 3.0, safe: bool = False, examples: Sequence[str] = ()
) -> Callable[[Callable[..., Any]], Tool]: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    limit_s: float = 3.0,
    safe: bool = False,
    examples: Sequence[str] = (),
) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Let an agent use a function, sync or async; its signature and docstring tell the model what it is for.

    Args:
        name: as flows and models call it, like ``orders.find``; the function's own name when not given.
        limit_s: seconds after which it counts as failed; the call goes on without it.
        safe: it looks something up and changes nothing, so it may run early and twice.
        examples: what a caller may say who wants it.
    """

    def made(wrapped: Callable[..., Any]) -> Tool:
        return Tool(wrapped, name or getattr(wrapped, "__name__", type(wrapped).__name__).lower(), limit_s, safe, examples)

    return made if function is None else made(function)
