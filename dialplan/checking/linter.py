"""Reads a whole configuration and says what in it would not do what its author meant."""

from collections.abc import Mapping

from . import check_access, check_jumps, check_media, check_patchcord, check_queues, check_sip, check_times, check_words
from .finding import Finding
from .surroundings import Surroundings
from .view import View

_CHECKS = (
    check_words.check,
    check_jumps.check,
    check_queues.check,
    check_sip.check,
    check_access.check,
    check_media.check,
    check_times.check,
)


def lint(files: Mapping[str, str], surroundings: Surroundings | None = None) -> list[Finding]:
    """Return what is wrong, sorted by file and line, each thing once.

    ``files``: name below Asterisk's configuration folder to text, Patchcord's files in ``patchcord.d/`` among them.
    """
    around = surroundings or Surroundings()
    view = View(files, around)
    found = set(around.more)
    for check in _CHECKS:
        found |= set(check(view))
    if around.worker is not None:
        found |= set(check_patchcord.check(view))
    return sorted(found)
