"""What a check has found, with the place and the way out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a configuration file."""

    file: str
    """Below Asterisk's configuration folder, e.g. ``patchcord.d/extensions.conf``."""
    line: int
    """From 1; 0 when the whole file is meant."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something that would not do what its author meant."""

    at: Place
    what: str
    """One sentence that names the thing."""
    remedy: str
    """One sentence that says what to do."""

    def __str__(self) -> str:
        return f"{self.at}: {self.what} {self.remedy}"
