"""When one call is recorded: from the answer, from when the caller was told or has agreed; in silence while they key a secret."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from ari_app.calls.record import CallRecord, RecordingAwaits
from ari_app.calls.recording import Recorder


class CallRecording:
    """Follows the record of the call. ``recorder`` None: this call is not recorded, whatever ``awaits`` says."""

    def __init__(self, record: CallRecord, recorder: Recorder | None, awaits: RecordingAwaits) -> None:
        self._record = record
        self._recorder = recorder
        self._secret = False
        """The caller keys something that nobody may learn."""
        self._tasks: set[asyncio.Task[None]] = set()
        record.on_secret = self._blind
        record.recording_awaits = awaits if recorder is not None else ""
        record.on_recordable = lambda: self._spawn(self._start())

    @property
    def tasks(self) -> frozenset[asyncio.Task[None]]:
        """What is still being done."""
        return frozenset(self._tasks)

    async def joined(self) -> None:
        """The caller can be heard. A recording outlives a leg that is built anew."""
        if self._record.recording_state == "off" and not self._record.recording_awaits:
            await self._start()

    def _blind(self, blind: bool) -> None:
        self._secret = blind
        if self._recorder is not None and self._record.recording_state != "off":
            self._spawn(self._blinded(self._recorder, blind))

    async def _start(self) -> None:
        if (recorder := self._recorder) is not None:
            await recorder.start(self._record)
            if self._secret and self._record.recording_state == "on":
                await self._blinded(recorder, True)

    async def _blinded(self, recorder: Recorder, blind: bool) -> None:
        await recorder.blind(self._record, blind)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
