"""What every page says while the instance is in maintenance."""


def resting_text(reason: str) -> str:
    """``reason``: as whoever began it wrote it; may be empty."""
    why = f" Reason: {reason}" if reason else ""
    return f"Maintenance is on: new calls go straight to the queue, those that talk with an agent go on.{why}"


def not_resting() -> str:
    """For a desk that is told of no maintenance."""
    return ""
