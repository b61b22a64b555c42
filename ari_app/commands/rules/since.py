"""``--since``: a span such as ``7d``, or a date."""

import re
from datetime import datetime, timedelta
from typing import Final

_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def since(text: str, now: datetime) -> datetime:
    """``now``: time zone aware; a date without a zone is meant in that of this machine. Raises ValueError with the remedy."""
    if match := re.fullmatch(r"(\d{1,5})([mhdw])", text.strip()):
        return now - int(match[1]) * _UNITS[match[2]]
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"--since {text!r} is no span and no date; write it like 24h, 7d, 2w or 2026-11-01") from error
    return moment if moment.tzinfo is not None else moment.astimezone()
