"""Where an instance keeps its files."""

from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DEFAULT_DATA = PROJECT / ".patchcord" / "data"


class DataUnusable(Exception):
    """The data directory cannot be made or written; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths below the data directory of one instance."""

    data: Path

    @property
    def run(self) -> Path:
        return self.data / "run"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def media_socket(self) -> Path:
        return self.run / "media.sock"

    @property
    def state_file(self) -> Path:
        """What the running service says of itself, for the other commands."""
        return self.run / "service.json"

    @property
    def lock_file(self) -> Path:
        return self.run / "lock"

    @property
    def mind_file(self) -> Path:
        """What the supervisor hands to the mind process: settings and the way to its neighbours."""
        return self.run / "mind.json"

    @property
    def speech_cache(self) -> Path:
        return self.data / "cache" / "speech"

    @property
    def journal(self) -> Path:
        return self.data / "journal"

    @property
    def recordings(self) -> Path:
        return self.data / "recordings"

    @property
    def calls(self) -> Path:
        """Where ``patchcord call`` leaves its WAV files."""
        return self.data / "calls"

    def make(self) -> None:
        """Create the directories, readable by the owner only. Raises DataUnusable."""
        try:
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in (self.run, self.logs, self.speech_cache, self.journal, self.recordings, self.calls):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            place = error.filename or self.data
            message = f"{place} cannot be made ({error.strerror}). Mend its permissions, or choose another folder with --data."
            raise DataUnusable(message) from error
