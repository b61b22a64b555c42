"""The mind's connection, seen from the media process: never blocks, never buffers without bound, reads little at a time."""

import asyncio
import logging
import socket
from collections.abc import Callable

from ari_app.media.wire import Decoder, Message, WireError

log = logging.getLogger(__name__)

_READ_BYTES = 16 * 1024
"""At a time, so that a mind that hands over a minute of audio does not delay anybody's packet."""
_VOICE_BYTES = 8 << 20
"""Unsent bytes beyond which speech is dropped: a mind this far behind cannot use it."""
_MOST_BYTES = 16 << 20
"""Unsent bytes beyond which the mind counts as dead."""


class Peer:
    """A connected stream socket. ``on_lost`` is called once, whatever ends the connection but ``close``."""

    def __init__(self, connected: socket.socket, on_message: Callable[[Message], None], on_lost: Callable[[str], None]) -> None:
        self._socket = connected
        self._socket.setblocking(False)
        self._decoder = Decoder()
        self._on_message = on_message
        self._on_lost = on_lost
        self._unsent = bytearray()
        self._open = True
        self.dropped = 0
        """Speech messages dropped because the mind did not read."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(connected, self._readable)

    def send(self, message: bytes, *, speech: bool = False) -> None:
        """Send soon. ``speech`` may be dropped when the mind is far behind; a mind further behind is dropped itself."""
        if not self._open:
            return
        if speech and len(self._unsent) > _VOICE_BYTES:
            self.dropped += 1
            return
        if self._unsent:
            self._unsent += message
            if len(self._unsent) > _MOST_BYTES:
                self._lose("it does not read")
            return
        sent = self._try_send(message)
        if sent < len(message) and self._open:
            self._unsent += message[sent:]
            self._loop.add_writer(self._socket, self._writable)

    def close(self) -> None:
        """End the connection; twice is once."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()

    def _try_send(self, data: bytes | bytearray) -> int:
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            self._lose(str(error))
            return 0

    def _writable(self) -> None:
        del self._unsent[: self._try_send(self._unsent[: 1 << 18])]
        if self._open and not self._unsent:
            self._loop.remove_writer(self._socket)

    def _readable(self) -> None:
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(str(error))
            return
        if not data:
            self._lose("it closed the connection")
            return
        try:
            messages = self._decoder.feed(data)
            for message in messages:
                if self._open:
                    self._on_message(message)
        except WireError as error:
            self._lose(str(error))

    def _lose(self, why: str) -> None:
        if self._open:
            self.close()
            self._on_lost(why)
