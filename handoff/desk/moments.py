"""Times in a call, as pages show them."""


def clock(milliseconds: float | None) -> str:
    """Minutes and seconds: ``1:05``; with hours from one on."""
    if milliseconds is None:
        return "–"
    seconds = round(abs(milliseconds) / 1000)
    sign = "-" if milliseconds < 0 and seconds else ""
    hours, rest = divmod(seconds, 3600)
    return f"{sign}{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{sign}{rest // 60}:{rest % 60:02}"
