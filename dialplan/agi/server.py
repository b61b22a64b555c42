"""FastAGI on loopback: panoramisk's requests behind a reading of the head that cannot be held up.

panoramisk 1.4 reads the head without looking for the end of the stream: a peer that connects and closes stops its whole process. Here the
head has a time and a size, each session and each answer has a time, and the number of sessions has a limit.
"""

import asyncio
import ipaddress
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from panoramisk import fast_agi

from .answers import STATUS, UNAVAILABLE, set_variable
from .head import END, Head, HeadError, read_head
from .hooks import Answer, Hook, Unavailable, nothing

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, bytes, sessions."""

    head_s: float = 5.0
    answer_s: float = 2.0
    """For finding the answer; then the dialplan goes on with UNAVAILABLE."""
    session_s: float = 10.0
    head_bytes: int = 16_384
    sessions: int = 100


class _Gone(Exception):
    """The caller has hung up, or Asterisk does not take a command."""


class AgiServer:
    """Answers the commands of ``table`` (command to hook and variables). ``async with`` opens and closes it."""

    def __init__(
        self, table: Mapping[str, tuple[Hook, Sequence[str]]], port: int, host: str = "127.0.0.1", limits: Limits | None = None
    ) -> None:
        """``port`` 0: any. Raises ValueError when ``host`` is not loopback: who may ask is not checked beyond that."""
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"FastAGI has no passwords, so it listens on loopback only, not on {host}")
        self._table, self._host, self._port = table, host, port
        self._limits = limits or Limits()
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """Return the one it listens on."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server is not None else self._port

    async def __aenter__(self) -> Self:
        """Raises OSError: the port is taken."""
        application = _Application(self)
        self._server = await asyncio.start_server(application.handler, self._host, self._port, limit=self._limits.head_bytes)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for session in list(self._sessions):
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
        self._server = None

    async def serve(self, application: "_Application", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session, to its end; nothing that a peer does goes further than this."""
        task = asyncio.current_task()
        if task is None or len(self._sessions) >= self._limits.sessions:
            log.warning("agi_refused", extra={"sessions": len(self._sessions)})
            writer.transport.abort()
            return
        self._sessions.add(task)
        try:
            async with asyncio.timeout(self._limits.session_s):
                head = await self._head(reader)
                if head is not None:
                    await self._answer(head, application.request(reader, writer))
        except (_Gone, ConnectionError, TimeoutError) as error:
            log.info("agi_left", extra={"why": type(error).__name__})
        except HeadError as error:
            log.warning("agi_foul_head", extra={"why": str(error)})
        except Exception:
            log.exception("agi_failed")
        finally:
            self._sessions.discard(task)
            # what a peer has not taken by now it never will
            writer.close()

    async def _head(self, reader: asyncio.StreamReader) -> Head | None:
        """None: the peer has closed without a whole one."""
        try:
            async with asyncio.timeout(self._limits.head_s):
                return read_head((await reader.readuntil(END)).removesuffix(END))
        except asyncio.IncompleteReadError:
            return None
        except asyncio.LimitOverrunError as error:
            raise HeadError(f"the head has more than {self._limits.head_bytes} bytes") from error
        except TimeoutError as error:
            raise HeadError(f"the head was not whole within {self._limits.head_s:g} s") from error

    async def _answer(self, head: Head, request: fast_agi.Request) -> None:
        entry = self._table.get(head.command)
        if entry is None:
            log.warning("agi_unknown_command", extra={"known": sorted(self._table)})
            return
        hook, names = entry
        found = dict(await self._found(head.command, hook, head, names))
        await _in_step(request)
        # the word on how it went comes last: who reads OK has all the others
        status = found.pop(STATUS)
        for name, value in (*found.items(), (STATUS, status)):
            await _told(request, set_variable(name, value))
        log.info("agi_answered", extra={"command": head.command})

    async def _found(self, command: str, hook: Hook, head: Head, names: Sequence[str]) -> Answer:
        try:
            async with asyncio.timeout(self._limits.answer_s):
                return await hook(head)
        except (Unavailable, TimeoutError) as error:
            log.warning("agi_unavailable", extra={"command": command, "why": str(error) or type(error).__name__})
        except Exception:
            # the caller waits in a dialplan that can go on without an answer
            log.exception("agi_hook_failed", extra={"command": command})
        return {**nothing(UNAVAILABLE, names), STATUS: UNAVAILABLE}


async def _in_step(request: fast_agi.Request) -> None:
    """Make sure that what comes back is Asterisk's answer to what was said.

    A caller's name with an empty line in it ends the head early, and the lines after it would pass for answers: none of them can hold a
    word that is made up now.
    """
    word = secrets.token_hex(8)
    answer = await _told(request, f'GET FULL VARIABLE "{word}"')
    if answer.get("result") != ("1", word):
        raise _Gone


async def _told(request: fast_agi.Request, command: str) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = await request.send_command(command)
    except ValueError as error:  # not one line of UTF-8, so not from Asterisk
        raise _Gone from error
    if answer.get("status_code") != 200 or "error" in answer:
        raise _Gone
    return answer


class _Application(fast_agi.Application):  # type: ignore[misc]  # panoramisk is untyped
    """panoramisk's, with another handler."""

    def __init__(self, server: AgiServer) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._serve = server.serve

    async def handler(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._serve(self, reader, writer)

    def request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> fast_agi.Request:
        return fast_agi.Request(app=self, headers={}, reader=reader, writer=writer, encoding="utf-8")
