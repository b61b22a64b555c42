"""Requests that are no HTTP: counted, one line a minute, without what was in them.

aiohttp reports each as an error with a traceback, the sender's address and the bytes: whoever can reach the port could fill the disk with
them, and what people mistyped would lie in a log.
"""

import logging
import time
from collections.abc import Callable
from typing import Final

from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import PayloadAccessError, RequestPayloadError

EVERY_S: Final = 60.0
_LOGGER: Final = "aiohttp.server"
_SENDERS_FAULT: Final = (HttpProcessingError, RequestPayloadError, PayloadAccessError, ConnectionError, UnicodeError)


class FoulRequests(logging.Filter):
    """``count`` since the start; ``clock`` in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._told_at = -EVERY_S
        self._untold = 0
        self.count = 0

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, _SENDERS_FAULT):
            return True
        self.count += 1
        self._untold += 1
        now = self._clock()
        if now - self._told_at < EVERY_S:
            return False
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg, record.args, record.exc_info, record.exc_text = "foul_requests", (), None, None
        record.requests, record.kind = self._untold, type(error).__name__
        self._told_at, self._untold = now, 0
        return True


def keep_foul_requests_short() -> None:
    """For this process; again is no harm."""
    logger = logging.getLogger(_LOGGER)
    if not any(isinstance(each, FoulRequests) for each in logger.filters):
        logger.addFilter(FoulRequests())
