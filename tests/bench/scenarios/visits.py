"""Whether a time that an agent offers is the one that the caller wants."""

from datetime import datetime
from enum import Enum, auto
from typing import Final

from tests.bench.scenarios.heard import days_of_month, hours

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Offer(Enum):
    FITS = auto()
    OTHER_TIME = auto()
    OTHER_DAY = auto()


def offer(text: str, wanted: str) -> Offer:
    """By day of the month, or else weekday, and hour, as far as they are in what was heard: a caller does not doubt what was not said.

    ``wanted``: "2026-11-27T09:00".
    """
    at = datetime.fromisoformat(wanted)
    low = text.lower()
    days = days_of_month(low)
    weekdays = {index for index, name in enumerate(_WEEKDAYS) if name in low}
    if days and at.day not in days:
        return Offer.OTHER_DAY
    if not days and weekdays and at.weekday() not in weekdays:
        return Offer.OTHER_DAY
    told = hours(low)
    return Offer.OTHER_TIME if told and at.hour not in told else Offer.FITS
