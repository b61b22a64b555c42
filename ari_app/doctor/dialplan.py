"""What lies in Asterisk's ``patchcord.d`` against what routes.yaml and trunks.yaml say. Pure: what was read goes in."""

from collections.abc import Sequence
from dataclasses import dataclass

from ari_app.doctor.finding import Finding, ok, problem, warning

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """How one folder stands."""

    folder: str
    changed: Sequence[str] = ()
    """Files that an apply would make, change or remove."""
    lacking: Sequence[str] = ()
    """Files of theirs without their include line."""
    edited: Sequence[str] = ()
    """Files that were edited by hand since they were written."""
    in_force: bool = True
    """An Asterisk reads them; False for one of our own that does not run: they are written when it starts."""


def unreadable(file: str, why: str) -> Finding:
    """``routes.yaml`` or ``trunks.yaml`` cannot be used."""
    return problem(file, why, "correct it there, then: ./patchcord dialplan check")


def standing(seen: Standing) -> Finding:
    """One line, with the most urgent remedy."""
    name = "Dialplan"
    if seen.edited:
        loses = "dialplan apply --overwrite" if seen.in_force else "up"
        return warning(
            name,
            f"edited by hand in {seen.folder}: {_some(seen.edited)}",
            f"put the change into routes.yaml, trunks.yaml or a file of your own; ./patchcord {loses} writes over it",
        )
    if not seen.in_force:
        return ok(name, "routes and trunks can be read; up writes them for Asterisk")
    if seen.changed:
        return warning(
            name,
            f"{seen.folder} is not what the files say now: {_some(seen.changed)}",
            "./patchcord dialplan plan shows the difference, ./patchcord dialplan apply brings it into force",
        )
    if seen.lacking:
        return problem(
            name, f"{_some(seen.lacking)} in {seen.folder} lacks the line that includes ours", "./patchcord dialplan apply --add-includes"
        )
    return ok(name, f"{seen.folder} holds what routes and trunks say")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
