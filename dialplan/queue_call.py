"""One call of the dialplan application Queue(), whose arguments moved between versions of Asterisk.

``Queue(queue,options,URL,announceoverride,timeout,AGI,gosub,rule,position)`` since 21; up to 20 there is ``macro`` before ``gosub``
(apps/app_queue.c at tags 20.20.1 and 22.10.1).
"""

from dataclasses import dataclass
from typing import Final

OPTIONS: Final = "Cb(patchcord-member^s^1)"
"""C: phones that did not get the call do not show it as missed; b: the subroutine that puts the card id on the member's call."""
_MACRO_REMOVED_IN = 21


@dataclass(frozen=True, slots=True)
class QueueCall:
    """The arguments of Queue() by name."""

    queue: str
    options: str = OPTIONS
    url: str = ""
    announce: str = ""
    timeout_s: int | None = None
    agi: str = ""
    gosub: str = ""
    rule: str = ""
    position: str = ""

    def render(self, asterisk_major: int) -> str:
        """Return the application call for this version, without trailing empty arguments."""
        timeout = "" if self.timeout_s is None else str(self.timeout_s)
        arguments = [self.queue, self.options, self.url, self.announce, timeout, self.agi]
        arguments += [self.gosub] if asterisk_major >= _MACRO_REMOVED_IN else ["", self.gosub]
        arguments += [self.rule, self.position]
        return f"Queue({','.join(arguments).rstrip(',')})"
