"""Where an instance keeps its files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROJECT = Path(__file__).resolve().parents[2]
DRAFTS_FOLDER: Final = "desk-drafts"
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

    def worker(self, number: int) -> "WorkerFiles":
        """What belongs to one worker."""
        return WorkerFiles(self, number)

    @property
    def command_socket(self) -> Path:
        """Where the supervisor takes the commands that add, remove and restart workers; the owner of this data directory alone can."""
        return self.run / "supervisor.sock"

    @property
    def state_file(self) -> Path:
        """What the running service says of itself, for the other commands."""
        return self.run / "service.json"

    @property
    def lock_file(self) -> Path:
        return self.run / "lock"

    @property
    def mind_file(self) -> Path:
        """What the supervisor tells all of its processes: settings and the way to their neighbours."""
        return self.run / "mind.json"

    @property
    def speech_cache(self) -> Path:
        return self.data / "cache" / "speech"

    @property
    def models(self) -> Path:
        """Models of recognisers and voices that are fetched."""
        return self.data / "models"

    @property
    def journal(self) -> Path:
        return self.data / "journal"

    @property
    def desk_drafts(self) -> Path:
        """What somebody has written on the pages of the desk and not published."""
        return self.data / DRAFTS_FOLDER

    @property
    def callback_briefs(self) -> Path:
        """What people hear before a caller is called back, while the caller's place is kept."""
        return self.data / "callback-briefs"

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


@dataclass(frozen=True, slots=True)
class WorkerFiles:
    """The files of one worker; ``number`` counts from 1."""

    layout: Layout
    number: int

    def process(self, name: str) -> str:
        """What ``mind`` and ``media`` of this worker are called, in logs and lists of processes."""
        return name if self.number == 1 else f"{name}-{self.number}"

    def log(self, name: str) -> Path:
        return self.layout.logs / f"{self.process(name)}.log"

    @property
    def config(self) -> Path:
        """What the supervisor tells this worker: what it tells everybody, and the worker's own."""
        return self.layout.run / f"mind-{self.number}.json"

    @property
    def media_socket(self) -> Path:
        """Where the media process waits for the mind."""
        return self.layout.run / f"media-{self.number}.sock"

    @property
    def page_socket(self) -> Path:
        """Where the mind has its page."""
        return self.layout.run / f"page-{self.number}.sock"
