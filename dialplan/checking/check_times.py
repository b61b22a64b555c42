"""Times in the dialplan: GotoIfTime, ExecIfTime, IFTIME and timed includes."""

import re
from collections.abc import Iterator

from .expressions import split
from .finding import Finding, Place
from .jumps import branches
from .view import View, fault, nearest

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_IFTIME = re.compile(r"\$\{IFTIME\(([^?]*)\?")


def check(view: View) -> Iterator[Finding]:
    """Find times that hold never or at other hours than written."""
    for step in view.dialplan.steps():
        if step.application.lower() in ("gotoiftime", "execiftime"):
            yield from _time(view, step.at, branches(step.arguments)[0])
        for match in _IFTIME.finditer(step.arguments):
            yield from _time(view, step.at, match[1])
    for section in view.config("extensions.conf").plain():
        for entry in section.entries:
            if entry.name.lower() == "include" and (parts := split(entry.value))[1:]:
                yield from _time(view, entry.at, ",".join(parts[1:]))


def _time(view: View, at: Place, text: str) -> Iterator[Finding]:
    parts = [part.strip() for part in text.split(",")]
    if any("${" in part for part in parts):
        return
    if parts[0] not in ("", "*"):
        yield from _hours(at, parts[0])
    for part, known, what in zip(parts[1:], (_DAYS, None, _MONTHS), ("weekday", "", "month"), strict=False):
        if known is not None and part not in ("", "*"):
            for word in re.split("[-&]", part):
                if word.strip().lower()[:3] not in known:
                    yield fault(at, f"'{word.strip()}' is no {what}.", f"Use {', '.join(known)}.")
    if len(parts) > 4 and parts[4] and view.around.zones is not None and parts[4] not in view.around.zones:
        yield fault(
            at,
            f"This machine knows no time zone '{parts[4]}'{nearest(parts[4], view.around.zones)}",
            "Correct it; Asterisk would take UTC without a word.",
        )


def _hours(at: Place, text: str) -> Iterator[Finding]:
    for span in text.split("&"):
        ends = [_CLOCK.fullmatch(end.strip()) for end in span.split("-")]
        if not all(ends) or len(ends) > 2:
            yield fault(at, f"'{span}' is no span of hours.", "Write it as 09:00-17:30.")
            continue
        minutes = [int(end[1]) * 60 + int(end[2]) for end in ends if end]
        if len(minutes) == 2 and minutes[0] > minutes[1] and minutes[0] < 12 * 60:
            yield fault(
                at,
                f"The hours {span} end before they begin: Asterisk takes this as over midnight.",
                f"Write {span.partition('-')[2]}-{span.partition('-')[0]} if the day is meant, else two spans that meet at midnight.",
            )
