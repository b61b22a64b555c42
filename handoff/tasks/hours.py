"""When people may be called, in their own time zone. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from handoff.tasks.settings import WEEK, HoursSettings


def is_open(hours: HoursSettings, now: datetime) -> bool:
    """``now``: time zone aware."""
    local = now.astimezone(ZoneInfo(hours.timezone))
    return WEEK[local.weekday()] in hours.days and hours.opens <= f"{local:%H:%M}" < hours.closes
