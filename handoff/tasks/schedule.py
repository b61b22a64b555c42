"""What is to be done at which time, whoever asks for it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from handoff.tasks.settings import RetentionSettings

_OFTEN_MINUTES = 10
"""Between purges where something is kept no day at all."""


@dataclass(frozen=True, slots=True)
class Timed:
    task: str
    subject: str
    """Of the time it is for: asked twice, or by two, it is the same job."""


def due(retention: RetentionSettings, now: datetime) -> Iterator[Timed]:
    """Jobs that should have been written by ``now``, the latest of each kind; to be asked at least every few minutes. One that was missed
    while nobody asked is made up for within a day."""
    now = now.astimezone(UTC)
    hour, minute = (int(part) for part in retention.at.split(":"))
    night = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if night > now:
        night -= timedelta(days=1)
    yield Timed("retention", f"{night:%Y-%m-%dT%H:%M}")
    if 0 in (retention.recordings_days, retention.transcripts_days, retention.metadata_days):
        often = now.replace(minute=now.minute // _OFTEN_MINUTES * _OFTEN_MINUTES)
        yield Timed("retention", f"{often:%Y-%m-%dT%H:%M}")
