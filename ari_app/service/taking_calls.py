"""Which workers new calls go to: kept in a global variable of the dialplan, which Asterisk forgets when it ends."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from ari_app.ami.client import AmiClient
from ari_app.ami.port import AmiError

log = logging.getLogger(__name__)

VARIABLE: Final = "PATCHCORD_WORKERS"
_LOOK_S: Final = 0.05
"""Shorter than an interruption of AMI, so that none passes unnoticed."""
_AGAIN_S: Final = 5.0
"""It is said again so often: an Asterisk that began anew between two looks knows nothing of it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a worker stands."""

    app: str
    ready: bool
    """It answers calls now."""
    leaving: bool
    """It is to get no new calls any more."""


def listed(workers: Iterable[Standing]) -> str:
    """What the dialplan is told: those that answer calls. While none does, those that may again in a moment; they are passed over."""
    staying = [worker for worker in workers if not worker.leaving]
    ready = [worker for worker in staying if worker.ready]
    return "&".join(worker.app for worker in ready or staying)


class TakingCalls:
    """``run`` keeps the variable at what ``wanted`` gives, until cancelled; ``said`` is true once Asterisk has it."""

    def __init__(self, ami: AmiClient, wanted: Callable[[], str], variable: str = VARIABLE) -> None:
        self._ami = ami
        self._variable = variable
        self._wanted = wanted
        self._value: str | None = None
        self._said_at = float("-inf")

    async def run(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(_LOOK_S)

    async def _look(self) -> None:
        if not self._ami.connected:
            self._value = None
            return
        wanted = self._wanted()
        if wanted == self._value and time.monotonic() - self._said_at < _AGAIN_S:
            return
        try:
            done = await self._ami.set_global(self._variable, wanted)
        except AmiError as error:
            log.warning("dialplan_not_told", extra={"variable": self._variable, "error": str(error)})
            return
        if done:
            if wanted != self._value:
                log.info("dialplan_told", extra={"variable": self._variable, "value": wanted})
            self._value, self._said_at = wanted, time.monotonic()

    @property
    def value(self) -> str | None:
        """What Asterisk was told; None while it cannot be told anything."""
        return self._value

    async def settled(self, limit_s: float) -> bool:
        """Wait until Asterisk knows what is wanted now; False after ``limit_s`` seconds."""
        try:
            async with asyncio.timeout(limit_s):
                while not self._ami.connected or self._value != self._wanted():  # noqa: ASYNC110 - said by another task, in a moment
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            return False
        return True
