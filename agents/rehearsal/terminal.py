"""A call in the terminal: one line of the caller in, what the agent says out. The commands begin with ``/``."""

import contextlib
import importlib
import signal
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Final

from agents.rehearsal.happenings import Ended, Happening, Said, ToolCalled
from agents.rehearsal.text_call import TextCall
from agents.rehearsal.transcript_text import fields, line, tool_line
from agents.rehearsal.typed_line import Keys, Silence, plain_keys, read_line

COMMANDS: Final = {
    "/keys": "/keys 10482   press keys; so does #10482",
    "/silence": "/silence      say nothing for a while; so does [silence]",
    "/slots": "/slots        what the agent knows by now",
    "/back": "/back         come back from the queue: nobody answered",
    "/quit": "/quit         hang up",
    "/help": "/help         these commands",
}
PROMPT: Final = line("you", "")

ReadLine = Callable[[str], str]
"""Shows a prompt and returns what was typed. Raises EOFError at the end."""


class Terminal:
    """``verbose`` also shows tools, slots, nodes and events. ``echo``: what is read is shown too, as a pipe does not."""

    def __init__(self, call: TextCall, read: ReadLine, write: Callable[[str], None], *, verbose: bool = False, echo: bool = False) -> None:
        self._call = call
        self._read = read
        self._write = write
        self._verbose = verbose
        self._echo = echo
        self._slots: Mapping[str, str] = {}
        self._events = 0

    async def run(self) -> None:
        """Until the call is over or the caller hangs up."""
        await self._show(self._call.start())
        while True:
            try:
                typed = self._read(PROMPT).strip()
            except EOFError:
                return
            if self._echo:
                self._write(PROMPT + typed)
            if typed.startswith("/"):
                if await self._command(typed):
                    return
            elif typed and not self._over():
                await self._show(self._call.take(read_line(typed)))
            if self._call.ended is not None and not self._came_back_possible():
                return

    async def _command(self, typed: str) -> bool:
        """True: hang up."""
        word, _, rest = typed.partition(" ")
        match word:
            case "/quit" | "/q":
                return True
            case "/slots":
                self._write(line("slots", fields(self._call.known()) or "none"))
            case "/help" | "/?":
                self._write("\n".join(COMMANDS.values()))
            case "/silence" if not self._over():
                await self._show(self._call.take(Silence()))
            case "/keys" if not self._over():
                await self._keys(rest)
            case "/back":
                await self._show(self._call.come_back(rest.strip().upper() or "TIMEOUT"))
            case other if other in COMMANDS:
                pass
            case other:
                self._write(f"no command {other}; there are {', '.join(COMMANDS)}")
        return False

    async def _keys(self, typed: str) -> None:
        try:
            keys = plain_keys(typed)
        except ValueError as error:
            self._write(str(error))
            return
        await self._show(self._call.take(Keys(keys)))

    def _over(self) -> bool:
        if self._call.ended is not None:
            self._write("the call is over; /back comes back from the queue, /quit ends")
        return self._call.ended is not None

    def _came_back_possible(self) -> bool:
        return self._call.ended is not None and self._call.ended.outcome.kind == "handover"

    async def _show(self, happenings: AsyncGenerator[Happening, None]) -> None:
        async with aclosing(happenings):
            async for happening in happenings:
                if isinstance(happening, Said):
                    self._write(line("agent", happening.text))
                elif isinstance(happening, ToolCalled) and (self._verbose or happening.result is None):
                    self._write(tool_line(happening))
                elif isinstance(happening, Ended):
                    self._ended(happening)
        if self._verbose:
            self._details()

    def _ended(self, ended: Ended) -> None:
        told = [ended.how, ended.outcome.queue, ended.outcome.reason]
        self._write(line("ends", " ".join(part for part in told if part)))
        if self._came_back_possible():
            self._write(line("", "/back: nobody answered; /quit or Ctrl-D: end"))

    def _details(self) -> None:
        known = self._call.known()
        if known != self._slots:
            self._slots = known
            self._write(line("slots", fields(known) or "none"))
        for event in self._call.events[self._events :]:
            if event.kind != "tool":
                self._write(line("event", f"{event.kind} {fields(event.data)}".rstrip()))
        self._events = len(self._call.events)
        if self._call.ended is None:
            self._write(line("node", self._call.dialogue.state.node))


def read_lines(lines: Callable[[], str]) -> ReadLine:
    """A reader for a pipe: ``lines`` is its readline."""

    def read(prompt: str) -> str:
        if not (typed := lines()):
            raise EOFError
        return typed.rstrip("\n")

    return read


def read_typed() -> ReadLine:
    """A reader for a person: with editing and history where the system has them; Ctrl-C hangs up."""
    with contextlib.suppress(ImportError):
        importlib.import_module("readline")  # input() uses it once it is there

    def read(prompt: str) -> str:
        # asyncio's own handler would only take note of Ctrl-C and leave input() waiting.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return input(prompt)
        except KeyboardInterrupt:
            raise EOFError from None
        finally:
            signal.signal(signal.SIGINT, before)

    return read


async def talk(call: TextCall, *, interactive: bool, lines: Callable[[], str], write: Callable[[str], None], verbose: bool = False) -> None:
    """One call in the terminal (``interactive``) or over a pipe of lines."""
    read = read_typed() if interactive else read_lines(lines)
    await Terminal(call, read, write, verbose=verbose, echo=not interactive).run()
