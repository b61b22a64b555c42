"""What retention does away with, and since when. Pure."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from handoff.tasks.settings import RetentionSettings


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """Calls that ended before then lose the part; None: they keep it for ever."""

    recordings: datetime | None
    transcripts: datetime | None
    metadata: datetime | None

    @classmethod
    def at(cls, settings: RetentionSettings, now: datetime) -> "Cutoffs":
        quiet = timedelta(minutes=settings.quiet_minutes)

        def before(days: int | None) -> datetime | None:
            return None if days is None else now - max(timedelta(days=days), quiet)

        return cls(before(settings.recordings_days), before(settings.transcripts_days), before(settings.metadata_days))


@dataclass(slots=True)
class Purged:
    """What was removed, or would be."""

    recordings: int = 0
    """Files."""
    recording_bytes: int = 0
    transcripts: int = 0
    """Calls whose words were removed."""
    turns: int = 0
    events: int = 0
    cards: int = 0
    calls: int = 0
    """Calls removed whole."""

    def counts(self) -> dict[str, int]:
        return asdict(self)

    @property
    def nothing(self) -> bool:
        return not any(self.counts().values())
