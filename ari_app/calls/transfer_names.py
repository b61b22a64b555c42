"""How the channels of a transfer are called: their names say whose they are, also to a process that was not there when they were made."""

from dataclasses import dataclass

PLACE_PREFIX = "patchcord-wait-"
_FIRST_HALF = "-a"
_SECOND_HALF = "-q"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a queue: the ``attempt``-th of the ``serial``-th transfer of a call."""

    call_id: str
    serial: int
    attempt: int

    @property
    def name(self) -> str:
        """What the dialplan reports it by."""
        return f"{self.call_id}-{self.serial}-{self.attempt}"

    @property
    def member_channel(self) -> str:
        """Id of the half that we hold: whoever answers is heard there."""
        return PLACE_PREFIX + self.name + _FIRST_HALF

    @property
    def queue_channel(self) -> str:
        """Id of the half that stands in the queue; also its uniqueid in queue_log."""
        return PLACE_PREFIX + self.name + _SECOND_HALF

    @property
    def line(self) -> str:
        """What the media process, and with our prefixes Asterisk, know the person's audio by; a stage of a call is a bare number there."""
        return f"{self.call_id}-m{self.serial}x{self.attempt}"


def place_named(name: str) -> Place | None:
    call_id, *numbers = name.split("-")
    if len(numbers) != 2 or not call_id or not all(number.isascii() and number.isdigit() for number in numbers):
        return None
    return Place(call_id, int(numbers[0]), int(numbers[1]))


def place_of_channel(channel_id: str) -> Place | None:
    """Of either half."""
    if not channel_id.startswith(PLACE_PREFIX) or not channel_id.endswith((_FIRST_HALF, _SECOND_HALF)):
        return None
    return place_named(channel_id.removeprefix(PLACE_PREFIX)[: -len(_FIRST_HALF)])


def place_of_line(line: str) -> Place | None:
    call_id, _, rest = line.partition("-m")
    return place_named(f"{call_id}-{rest.replace('x', '-')}") if rest else None
