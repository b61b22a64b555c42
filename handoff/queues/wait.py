"""How long a caller will probably wait, and how to say so."""

from collections.abc import Sequence
from typing import Final

PRIOR_HANDLING_S: Final = 180.0
"""Handling time assumed of a queue that has not been seen working."""
_PRIOR_WEIGHT: Final = 3.0
"""How many calls the assumption is worth."""
_HALF_LIFE_CALLS: Final = 10.0
"""A call counts half as much once ten more have ended: the afternoon is not the morning."""


def expected_wait_s(position: int, available: int, serving: int, handling_times: Sequence[float]) -> float | None:
    """Seconds until a caller at ``position`` (1 is next) is answered; None when nobody serves the queue and no honest figure exists.

    Args:
        available: members who could take a call now.
        serving: members logged in and not paused, busy ones included.
        handling_times: seconds of talk and wrap-up of recent calls, oldest first.

    With every member busy one of them comes free every handling time / serving seconds, and ``position`` of them have to.
    """
    if available >= max(1, position):
        return 0.0
    if serving <= 0:
        return None
    return max(1, position - available) / serving * handling_time_s(handling_times)


def handling_time_s(handling_times: Sequence[float]) -> float:
    """Average of recent calls, the newest weighted most, pulled towards 180 s while there are few."""
    weight, total = _PRIOR_WEIGHT, _PRIOR_WEIGHT * PRIOR_HANDLING_S
    for age, seconds in enumerate(reversed(handling_times)):
        share = 0.5 ** (age / _HALF_LIFE_CALLS)
        weight += share
        total += share * max(0.0, seconds)
    return total / weight


_MINUTES: Final = {
    "en": {1: "a", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten",
           15: "fifteen", 20: "twenty", 25: "twenty-five", 30: "thirty"},
    "es": {1: "un", 2: "dos", 3: "tres", 4: "cuatro", 5: "cinco", 6: "seis", 7: "siete", 8: "ocho", 9: "nueve", 10: "diez",
           15: "quince", 20: "veinte", 25: "veinticinco", 30: "treinta"},
}  # fmt: skip
_SHORT: Final = {"en": "less than a minute", "es": "menos de un minuto"}
_LONG: Final = {"en": "more than half an hour", "es": "más de media hora"}
_ABOUT: Final = {"en": ("about {} minute", "about {} minutes"), "es": ("cerca de {} minuto", "unos {} minutos")}


def spoken_wait(seconds: float, language: str) -> str:
    """A wait in words that fit after "the wait is": rounded to a minute up to ten, then up to the next five.

    ``language`` is a tag such as ``en`` or ``es-MX``; one that is not spoken here gets English.
    """
    tongue = language.lower().replace("_", "-").partition("-")[0]
    tongue = tongue if tongue in _MINUTES else "en"
    if seconds < 45:
        return _SHORT[tongue]
    minutes = max(1, round(seconds / 60))
    if minutes > 10:
        minutes = -(-minutes // 5) * 5
    if minutes > 30:
        return _LONG[tongue]
    one, several = _ABOUT[tongue]
    return (one if minutes == 1 else several).format(_MINUTES[tongue][minutes])
