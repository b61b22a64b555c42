"""Tools that are HTTP requests."""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import aiohttp
from yarl import URL

from agents.tools.call_facts import CallFacts
from agents.tools.names import nearest
from agents.tools.toolbox import ToolError, ToolInfo
from agents.tools.uses import Uses, UsesByCall
from agents.tools.webhook_answer import Passing, read_answer
from agents.tools.webhook_arguments import WebhookArguments
from agents.tools.webhook_file import WebhookFile, WebhookPart, read_webhooks
from agents.tools.webhook_request import RequestMaker, WebhookUnusable
from agents.tools.webhook_retry import Attempts
from agents.transcript import JsonValue

log = logging.getLogger(__name__)

CONNECTIONS: Final = 64
"""At once, over all calls of a worker."""
KEPT_S: Final = 4.0
"""Idle connections are closed before common servers close them, which would break a request under way."""


class Webhooks:
    """A ToolSource. One HTTP session for all calls of a worker, opened at the first use; belongs to one event loop."""

    def __init__(
        self, files: Sequence[WebhookFile], environment: Mapping[str, str], *, wall_clock: Callable[[], float] = time.time
    ) -> None:
        """Raises WebhookUnusable with one line per tool that lacks something of the environment, ValueError for a name used twice."""
        self._hooks: dict[str, _Webhook] = {}
        self._clock = wall_clock
        self._uses = UsesByCall()
        self._session: aiohttp.ClientSession | None = None
        problems = []
        for file in files:
            for name, part in file.tools.items():
                if name in self._hooks:
                    raise ValueError(f"{file.source}: there are two tools named '{name}': give one another name")
                try:
                    self._hooks[name] = _Webhook(name, part, environment)
                except WebhookUnusable as error:
                    problems.append(f"{file.source}: {error}" if file.source else str(error))
        if problems:
            raise WebhookUnusable("\n".join(problems))

    def infos(self) -> list[ToolInfo]:
        return [hook.info for hook in self._hooks.values()]

    def for_call(self, facts: CallFacts) -> "CallWebhooks":
        return CallWebhooks(self._hooks, facts, self._uses.of(facts.call_id), self._open, self._clock)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEPT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
                headers={"User-Agent": "patchcord", "Accept-Encoding": "identity"},
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def open_webhooks(*paths: Path, environment: Mapping[str, str] | None = None) -> Webhooks:
    """``environment``: where secrets and addresses come from; None: the process's own. Raises WebhookFileError, WebhookUnusable."""
    return Webhooks([read_webhooks(path) for path in paths], os.environ if environment is None else environment)


class _Webhook:
    def __init__(self, name: str, part: WebhookPart, environment: Mapping[str, str]) -> None:
        self.part = part
        self.info = part.info(name)
        self.arguments = WebhookArguments(name, part.parameters)
        self.requests = RequestMaker(name, part, environment)


class CallWebhooks:
    """The webhooks of one call; remembers the uses that were answered."""

    def __init__(
        self,
        hooks: Mapping[str, _Webhook],
        facts: CallFacts,
        uses: Uses,
        session: Callable[[], aiohttp.ClientSession],
        clock: Callable[[], float],
    ) -> None:
        self._hooks = hooks
        self._facts = facts
        self._uses = uses
        self._session = session
        self._clock = clock

    def describe(self, name: str) -> ToolInfo | None:
        return hook.info if (hook := self._hooks.get(name)) else None

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        hook = self._hooks.get(name)
        if hook is None:
            raise ToolError(f"there is no tool '{name}'; {nearest(name, self._hooks)}")
        taken = hook.arguments.take(arguments)
        answer = await self._attempts(hook, taken, self._uses.key(name, taken))
        self._uses.answered(name, taken)
        return answer

    async def _attempts(self, hook: _Webhook, taken: Mapping[str, JsonValue], key: str) -> dict[str, JsonValue]:
        loop = asyncio.get_running_loop()
        attempts = Attempts(hook.part.retries, loop.time() + hook.part.limit_s)
        while True:
            limit = attempts.limit(loop.time())
            attempts.begin()
            try:
                async with asyncio.timeout(limit):
                    return await self._once(hook, taken, key)
            except TimeoutError:
                problem = f"no answer within {limit:.1f} s"
            except Passing as error:
                problem = str(error)
            except (aiohttp.ClientError, OSError) as error:
                problem = f"the connection failed ({type(error).__name__})"
            pause = attempts.wait(loop.time())
            log.warning("webhook_attempt_failed", extra={"tool": hook.info.name, "attempt": attempts.made, "problem": problem})
            if pause is None:
                raise ToolError(f"{hook.info.name}: {problem}, {attempts.made} of {hook.part.retries + 1} attempts made")
            await asyncio.sleep(pause)

    async def _once(self, hook: _Webhook, taken: Mapping[str, JsonValue], key: str) -> dict[str, JsonValue]:
        request = hook.requests.make(taken, self._facts, key, self._clock())
        async with self._session().request(
            request.method,
            URL(request.url, encoded=True),
            data=request.body if request.body else None,
            headers=request.headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None),
        ) as response:
            return await read_answer(response, hook.info.name, hook.part.result)
