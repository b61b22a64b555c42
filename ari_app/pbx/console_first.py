"""AMI for an Asterisk that may not know our user yet: the first time its own console has it read manager.conf."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

from dialplan.installing.errors import ControlError
from dialplan.installing.holding import HeldStep

from .ami_control import AmiControl, ami_control
from .runtime import RuntimeRoot

_CONSOLE_S = 10.0


class ConsoleFirst:
    """``Control`` that connects when it is needed.

    ``console``: command line of Asterisk's console up to ``-rx``; empty when there is none on this machine.
    """

    def __init__(self, stack: AsyncExitStack, host: str, port: int, user: str, secret: str, console: Sequence[str]) -> None:
        self._stack = stack
        self._where, self._who = (host, port), (user, secret)
        self._console = tuple(console)
        self._control: AmiControl | None = None

    async def reachable(self) -> None:
        """Raise ControlError unless AMI takes our user, or the console answers."""
        try:
            await self._connect()
        except ControlError as error:
            if not self._console:
                raise ControlError(
                    f"{error} If this is the first apply, Asterisk does not know that user yet: use --no-reload, then run "
                    "asterisk -rx 'core reload' on its machine."
                ) from error
            try:
                await self._rx("core show version")
            except ControlError as other:
                raise ControlError(f"{error} {other} Start Asterisk, or use --no-reload to write the files only.") from other

    async def reload(self, module: str) -> None:
        await (await self._open()).reload(module)

    async def steps(self, context: str) -> frozenset[HeldStep]:
        return await (await self._open()).steps(context)

    async def queues(self) -> frozenset[str]:
        return await (await self._open()).queues()

    async def endpoints(self) -> frozenset[str]:
        return await (await self._open()).endpoints()

    async def _open(self) -> AmiControl:
        if self._control is not None:
            return self._control
        try:
            return await self._connect()
        except ControlError:
            if not self._console:
                raise
            await self._rx("manager reload")
        return await self._connect()

    async def _connect(self) -> AmiControl:
        if self._control is None:
            self._control = await self._stack.enter_async_context(ami_control(*self._where, *self._who))
        return self._control

    async def _rx(self, command: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *(*self._console, "-rx", command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=RuntimeRoot.environment(),
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(), _CONSOLE_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise ControlError(f"Asterisk's console did not answer '{command}' within {_CONSOLE_S:g} s.") from None
        if process.returncode != 0:
            raise ControlError(f"Asterisk's console does not answer: {said.decode(errors='replace').strip()[:160]}.")
        return said.decode(errors="replace")


@contextlib.asynccontextmanager
async def console_first(host: str, port: int, user: str, secret: str, console: Sequence[str] = ()) -> AsyncIterator[ConsoleFirst]:
    """Hold what is connected for the length of the block."""
    async with AsyncExitStack() as stack:
        yield ConsoleFirst(stack, host, port, user, secret, console)
