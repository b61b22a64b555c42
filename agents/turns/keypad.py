"""Keys on their way to an entry."""

from dataclasses import dataclass
from enum import Enum

from agents.turns.events import CommitKeys, FloorGiven
from agents.turns.knobs import KeypadKnobs


class Entry(Enum):
    IGNORED = "ignored"
    """No key of a caller's telephone."""
    CLEARED = "cleared"
    OPEN = "open"
    """More keys may follow."""
    ENDED = "ended"


@dataclass(slots=True)
class Keypad:
    keys: str = ""
    pressed_from: float = 0.0
    pressed_until: float = 0.0

    def press(self, digit: str, at: float, floor: FloorGiven | None) -> Entry:
        """``#`` ends the entry, also an empty one; ``*`` starts it over."""
        if digit not in "0123456789*#":
            return Entry.IGNORED
        if digit == "*":
            self.keys = ""
            return Entry.CLEARED
        self.pressed_from = self.pressed_from if self.keys else at
        self.pressed_until = at
        if digit == "#":
            return Entry.ENDED
        self.keys += digit
        return Entry.ENDED if self.complete(floor) else Entry.OPEN

    def complete(self, floor: FloorGiven | None) -> bool:
        """Before the floor is given nobody knows what is expected: only the pause or ``#`` ends the keys then."""
        if floor is None:
            return self.keys == "0"
        return len(self.keys) >= floor.max_keys or (len(self.keys) == 1 and self.keys in floor.at_once)

    def patience_s(self, floor: FloorGiven | None, knobs: KeypadKnobs) -> float:
        """The pause that ends the keys pressed so far."""
        soon = floor is not None and ((len(self.keys) == 1 and self.keys in floor.menu) or len(self.keys) == floor.enough)
        return knobs.menu_key_s if soon else knobs.inter_digit_timeout_s

    def flush(self) -> CommitKeys:
        keys, self.keys = self.keys, ""
        return CommitKeys(keys, self.pressed_from, self.pressed_until)
