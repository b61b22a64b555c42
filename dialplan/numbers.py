"""Which numbers can be dialled and where each leads: data, from which the dialplan is written."""

from dataclasses import dataclass

from .errors import DialplanError
from .words import check_number, check_word


@dataclass(frozen=True, slots=True)
class ToAgent:
    """Leads to the automated agent that this route names."""

    route: str

    def __post_init__(self) -> None:
        check_word("route", self.route)


@dataclass(frozen=True, slots=True)
class ToQueue:
    """Leads straight to a queue of people."""

    queue: str

    def __post_init__(self) -> None:
        check_word("queue", self.queue)


@dataclass(frozen=True, slots=True)
class Number:
    """A number that phones and trunks may dial."""

    dialled: str
    target: ToAgent | ToQueue
    about: str = ""

    def __post_init__(self) -> None:
        check_number("number", self.dialled)
        if any(letter in self.about for letter in "\r\n;"):
            raise DialplanError(f"The description of number {self.dialled} holds a line break or a semicolon. Remove it.")


@dataclass(frozen=True, slots=True)
class Numbers:
    """All numbers; each may be given once."""

    entries: tuple[Number, ...]

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for entry in self.entries:
            if entry.dialled in seen:
                raise DialplanError(f"Number {entry.dialled} is given twice. Remove one of them.")
            seen.add(entry.dialled)

    def queues(self) -> tuple[str, ...]:
        """Return the queues that numbers lead to, sorted, each once."""
        return tuple(sorted({entry.target.queue for entry in self.entries if isinstance(entry.target, ToQueue)}))


def default_numbers(queue: str) -> Numbers:
    """Return the numbers of a fresh installation."""
    return Numbers(
        (
            Number("100", ToAgent("front-desk"), "the front-desk agent"),
            Number("101", ToAgent("echo"), "echo through the media process, to hear the audio path"),
            Number("200", ToQueue(queue), "people, without the agent"),
        )
    )
