"""Recording a call in two legs with MixMonitor. A recording that fails is reported and costs nobody a call."""

import asyncio
import logging
import shutil
from pathlib import Path

from ari_app.ami.port import AmiError, AmiPort
from ari_app.calls.record import CallRecord

log = logging.getLogger(__name__)

_SPECIAL = set("(),&|;\"'\\^$`")
"""Characters that mean something to MixMonitor's options."""


class Recorder:
    """Writes ``<call id>-caller.wav`` (what the caller said) and ``<call id>-agent.wav`` (what they heard) into ``folder``."""

    def __init__(self, ami: AmiPort, folder: Path, *, least_free_bytes: int = 200_000_000) -> None:
        """Raises ValueError when MixMonitor could not be told the folder's name."""
        if not folder.is_absolute() or _SPECIAL & set(str(folder)):
            raise ValueError(f"recordings cannot go to {folder}: choose an absolute path without any of {' '.join(sorted(_SPECIAL))}")
        self._ami = ami
        self._folder = folder
        self._least_free_bytes = least_free_bytes

    def files(self, call_id: str) -> tuple[Path, Path]:
        return self._folder / f"{call_id}-caller.wav", self._folder / f"{call_id}-agent.wav"

    async def start(self, record: CallRecord) -> None:
        problem = await asyncio.to_thread(self._problem)
        if not problem:
            problem = await self._monitor(record)
        if problem:
            record.note("recording_failed", error=problem)
            log.error("recording_failed", extra={"call_id": record.facts.call_id, "error": problem})
        else:
            record.note("recording_started")

    async def blind(self, record: CallRecord, blind: bool) -> bool:
        """Record silence while something secret is keyed. A recording that cannot be silenced is ended: better none than that.

        False when neither could be done.
        """
        channel = record.facts.channel_name
        try:
            done = await self._ami.mixmonitor_mute(channel, blind)
            if not done and blind:
                done = not await self._ami.stop_mixmonitor(channel)
        except AmiError as error:
            log.error("recording_not_blinded", extra={"call_id": record.facts.call_id, "error": str(error)})
            done = False
        record.note("recording_paused" if blind else "recording_resumed", done=done)
        return done

    def _problem(self) -> str:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            free = shutil.disk_usage(self._folder).free
        except OSError as error:
            return f"{self._folder} cannot be used: {error.strerror}; mend its permissions or switch calls.record off"
        if free < self._least_free_bytes:
            return f"{self._folder} has {free // 1_000_000} MB free, {self._least_free_bytes // 1_000_000} are wanted; free some space"
        return ""

    async def _monitor(self, record: CallRecord) -> str:
        caller, agent = self.files(record.facts.call_id)
        try:
            if await self._ami.mixmonitor(record.facts.channel_name, "", f"r({caller})t({agent})"):
                return ""
        except AmiError as error:
            return str(error)
        return "Asterisk refused to record; see its log"
