"""The recording of a call that is over: ``<call id>.wav`` in stereo instead of the two legs that Asterisk wrote."""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, LiteralString

from handoff.desk.calls.wav import NotAWav, open_recording
from handoff.tasks.job import Connection, Done, Ending, GivenUp, Job, JobFailed, Later
from handoff.tasks.settings import RecordingSettings
from handoff.tasks.stereo import secret_spans, write_stereo
from handoff.tasks.subjects import ended_call

_CALL_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LEGS: Final = ("caller", "agent")

_EVENTS: LiteralString = """
SELECT kind, at_ms, data FROM events WHERE call_id = %s AND kind IN ('secret_entry', 'recording_started') ORDER BY seq
"""
_CALL: LiteralString = "SELECT ended_at IS NOT NULL AS ended, ended_seq FROM calls WHERE id = %s"


class Conversion:
    """The handler of ``recording``."""

    def __init__(self, settings: RecordingSettings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder

    def handle(self, job: Job, connection: Connection) -> Ending:
        """The legs are removed last: one that dies before is done again with the same result. Raises JobFailed."""
        call_id, ended_seq = ended_call(job.subject)
        if not self._settings.convert:
            return Done()
        if not _CALL_ID.fullmatch(call_id):
            return GivenUp("the id of the call cannot be the name of a file")
        legs = [self._folder / f"{call_id}-{name}.wav" for name in _LEGS]
        here = [leg for leg in legs if leg.is_file()]
        call = connection.execute(_CALL, (call_id,)).fetchone()
        if not here or call is None or not call["ended"] or call["ended_seq"] > ended_seq:
            return Done()
        before = _states(here)
        # A caller who was put through is recorded until they hang up, long after the call has ended for us.
        rest_s = self._settings.settle_s - (time.time() - max(changed for changed, _ in before))
        if rest_s > 0:
            return Later(max(1.0, rest_s), "the recording is still being written")
        return self._convert(connection, call_id, legs, here, before)

    def _convert(
        self, connection: Connection, call_id: str, legs: Sequence[Path], here: Sequence[Path], before: list[tuple[float, int]]
    ) -> Ending:
        target = self._folder / f"{call_id}.wav"
        if len(here) < len(legs) and target.is_file():
            # A process died between removing one leg and the other.
            return _remove(here)
        if target.is_file() and target.stat().st_mtime < max(changed for changed, _ in before):
            return GivenUp("there is a recording of this call already, and these legs are younger: they are left as they are")
        events = [(row["kind"], int(row["at_ms"]), row["data"]) for row in connection.execute(_EVENTS, (call_id,))]
        try:
            recording = open_recording(list(legs))
            write_stereo(recording, secret_spans(events, self._settings.secret_margin_s), target)
            if _states(here) != before:
                target.unlink()
                return Later(max(1.0, self._settings.settle_s), "the recording is still being written")
        except NotAWav as error:
            return GivenUp(str(error))
        except OSError as error:
            raise JobFailed(f"the recording could not be written: {error.strerror}; is there space, may we write there?") from error
        return _remove(here)


def _states(legs: Sequence[Path]) -> list[tuple[float, int]]:
    """When each was last changed, in seconds since 1970, and its bytes."""
    return [(status.st_mtime, status.st_size) for status in (leg.stat() for leg in legs)]


def _remove(legs: Sequence[Path]) -> Ending:
    for leg in legs:
        leg.unlink(missing_ok=True)
    return Done()
