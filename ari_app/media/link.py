"""``MediaLink``: the mind's connection to the media process.

Raises MediaFull, MediaLost, MediaRefused (see ``ari_app.media.errors``), all kinds of MediaError.
"""

import asyncio
import contextlib
import itertools
import logging
from pathlib import Path
from typing import Any, Final, Literal

from agents.audio import Pcm
from agents.transcript import JsonValue
from ari_app.media import wire
from ari_app.media.errors import MediaError, MediaFull, MediaLost, MediaRefused
from ari_app.media.handed_beds import HandedBeds
from ari_app.media.line import MediaLine
from ari_app.media.pulse import read_pulses
from ari_app.media.voice import VoiceSettings

__all__ = ["MediaError", "MediaFull", "MediaLine", "MediaLink", "MediaLost", "MediaRefused"]

log = logging.getLogger(__name__)

_VERSION: Final = 4
_ANSWER_S: Final = 5.0
_ANSWERS: Final = {"opened": "open", "attached": "attach", "closed": "close", "status": "status", "refused": ""}
_READ_BYTES: Final = 1 << 16


class MediaLink:
    """Connect once, open a line per call. ``lost`` is set when the media process goes; every line has ended by then."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lost = asyncio.Event()
        self.pulses = 0
        """Pulses that came: the process lives as long as this grows."""
        self.late_s = 0.0
        """By how much its latest packet was late, in the half second before the newest pulse."""
        self._reader = reader
        self._writer = writer
        self._decoder = wire.Decoder()
        self._lines: dict[int, MediaLine] = {}
        self._answers: dict[tuple[int, str], asyncio.Future[dict[str, Any]]] = {}
        self._beds = HandedBeds(self)
        self._numbers = itertools.count(1)
        self._gone = False
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def connect(cls, socket_path: Path, timeout_s: float = 5) -> "MediaLink":
        """Connect, waiting up to ``timeout_s`` seconds for the media process to be there.

        Raises:
            MediaLost: it does not answer in time.
            MediaRefused: another mind is connected, or it speaks another version.
        """
        try:
            async with asyncio.timeout(timeout_s):
                reader, writer = await _connect_when_there(socket_path)
                link = cls(reader, writer)
                try:
                    await link._greet()
                except BaseException:
                    writer.close()
                    raise
        except TimeoutError as error:
            raise MediaLost(f"the media process does not answer at {socket_path}: start it with python -m ari_app.media") from error
        link._task = asyncio.create_task(link._read(), name="media-link")
        return link

    async def open(
        self,
        call_id: str,
        *,
        law: Literal["ulaw", "alaw"],
        mode: Literal["agent", "echo"] = "agent",
        reflex: bool = True,
        echo_cancel: bool = True,
        voice: VoiceSettings | None = None,
    ) -> MediaLine:
        """A line with a port of its own.

        ``reflex``: the caller's voice holds what may be interrupted at once, in the media process. ``echo_cancel``: the agent's own voice
        is taken out of what the caller's side returns. ``voice``: how the caller's voice is found; None: as usual.

        Raises:
            MediaFull: no port is free.
            MediaLost: the media process is gone.
        """
        handle = next(self._numbers)
        fields = {"do": "open", "call_id": call_id, "law": law, "mode": mode, "reflex": reflex, "echo_cancel": echo_cancel}
        if voice is not None:
            fields["voice"] = voice.model_dump(exclude_defaults=True)
        try:
            reply = await self.request(handle, fields)
        except asyncio.CancelledError:
            self.send(wire.control(handle, {"do": "close"}))
            raise
        line = MediaLine(self, handle, call_id, reply["port"])
        self._lines[handle] = line
        return line

    async def status(self) -> dict[str, JsonValue]:
        """Counts, ``lateness`` (``p50_ms``, ``p99_ms``, ``max_ms``), ``rss_bytes``, ``cpu_s``: see ``process.MediaProcess.status``.

        Raises:
            MediaLost: the media process is gone.
        """
        number = next(self._numbers)
        reply = await self._ask((0, f"status {number}"), wire.control(0, {"do": "status", "id": number}))
        status: dict[str, JsonValue] = reply["status"]
        return status

    async def close(self) -> None:
        """End every line with reason ``shutdown`` and disconnect."""
        with contextlib.suppress(MediaError):
            await asyncio.gather(*(line.close("shutdown") for line in list(self._lines.values())))
        self._end("shutdown")
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    def send(self, message: bytes) -> None:
        """See ``line.Wire``."""
        if not self._gone:
            self._writer.write(message)

    async def flush(self) -> None:
        """See ``line.Wire``."""
        if not self._gone:
            with contextlib.suppress(OSError):
                await self._writer.drain()

    async def request(self, handle: int, fields: dict[str, Any]) -> dict[str, Any]:
        """See ``line.Wire``."""
        return await self._ask((handle, fields["do"]), wire.control(handle, fields))

    def forget(self, handle: int) -> None:
        """See ``line.Wire``."""
        self._lines.pop(handle, None)

    async def bed(self, handle: int, audio: Pcm | None) -> None:
        """See ``line.Wire``."""
        await self._beds.give(handle, audio)

    async def _ask(self, key: tuple[int, str], message: bytes) -> dict[str, Any]:
        if self._gone:
            raise MediaLost("the media process is gone")
        if key in self._answers:
            raise MediaRefused("another request for this line is under way")
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[key] = answer
        self.send(message)
        try:
            async with asyncio.timeout(_ANSWER_S):
                reply = await answer
        except TimeoutError as error:
            raise MediaLost(f"the media process has not answered for {_ANSWER_S:.0f} s") from error
        finally:
            self._answers.pop(key, None)
        if reply["event"] == "refused":
            raise (MediaFull if reply["error"] == "full" else MediaRefused)(reply["message"])
        return reply

    async def _greet(self) -> None:
        try:
            messages: list[wire.Message] = []
            while not messages:
                data = await self._reader.read(_READ_BYTES)
                if not data:
                    raise MediaLost("the media process closed the connection")
                messages = self._decoder.feed(data)
            hello = wire.read_control(messages[0])
        except (OSError, wire.WireError) as error:
            raise MediaLost(f"the media process cannot be understood: {error}") from error
        if hello.get("event") == "refused":
            raise MediaRefused(str(hello.get("message")))
        if hello.get("version") != _VERSION:
            raise MediaRefused(f"the media process speaks version {hello.get('version')}, this side {_VERSION}: restart it")

    async def _read(self) -> None:
        why = "it closed the connection"
        try:
            while data := await self._reader.read(_READ_BYTES):
                for message in self._decoder.feed(data):
                    self._dispatch(message)
        except (OSError, ValueError, KeyError, TypeError) as error:
            why = repr(error)
        log.error("media_lost", extra={"why": why, "lines": len(self._lines)})
        self._end("media_lost")
        self.lost.set()

    def _dispatch(self, message: wire.Message) -> None:
        line = self._lines.get(message.handle)
        if message.kind is wire.Kind.VOICE:
            if line is not None:
                line.heard(*wire.read_voice(message))
            return
        fields = wire.read_control(message)
        event = fields["event"]
        if event in _ANSWERS:
            verb = f"status {fields['id']}" if event == "status" else fields.get("do", _ANSWERS[event])
            self._answer((message.handle, verb), fields)
        elif event == "pulse":
            self._pulse(fields)
        elif line is not None:
            line.told(fields)

    def _pulse(self, fields: dict[str, Any]) -> None:
        self.pulses += 1
        self.late_s = float(fields["late"])
        for handle, pulse in read_pulses(fields).items():
            if (line := self._lines.get(handle)) is not None:
                line.pulse = pulse

    def _answer(self, key: tuple[int, str], fields: dict[str, Any]) -> None:
        answer = self._answers.get(key)
        if answer is not None and not answer.done():
            answer.set_result(fields)
        elif fields["event"] == "refused":
            log.error("media_refused", extra={"handle": key[0], "why": fields["message"]})

    def _end(self, reason: str) -> None:
        if self._gone:
            return
        self._gone = True
        for line in list(self._lines.values()):
            line.lost(reason)
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(MediaLost("the media process is gone"))
        self._writer.close()


async def _connect_when_there(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    while True:
        try:
            return await asyncio.open_unix_connection(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            await asyncio.sleep(0.02)
