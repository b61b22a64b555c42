"""Writes extensions.conf from the numbers, the queues and the phones."""

from collections.abc import Sequence
from dataclasses import dataclass

from . import templates
from .numbers import Numbers
from .queue_call import QueueCall
from .words import check_number, check_word

MOST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the dialplan depends on."""

    numbers: Numbers
    app: str
    """Name of the Stasis application."""
    fallback_queue: str
    """Where callers go when the application does not answer for them."""
    queue_timeout_s: int
    """Seconds in a queue before the caller comes back."""
    deadman_s: float
    """Seconds without a heartbeat after which the dialplan takes a call out of the application."""
    phones: Sequence[str]
    """Phones that other phones may ring; trunks never can."""
    asterisk_major: int
    default_route: str = "front-desk"
    """The agent for callers who come back from a queue without ever having had one."""

    def __post_init__(self) -> None:
        check_word("application", self.app)
        check_word("queue", self.fallback_queue)
        check_word("route", self.default_route)
        for phone in self.phones:
            check_number("phone", phone)

    def queues(self) -> tuple[str, ...]:
        """Return every queue that a caller can reach, sorted."""
        return tuple(sorted({*self.numbers.queues(), self.fallback_queue}))


def render_extensions(plan: Plan) -> str:
    """Return the text of extensions.conf.

    Raises:
        DialplanError: something in the plan cannot be written safely.
    """
    calls = {
        queue: QueueCall(queue, url="${PATCHCORD_CARD}", timeout_s=plan.queue_timeout_s).render(plan.asterisk_major)
        for queue in plan.queues()
    }
    return templates.render(
        "extensions.conf",
        numbers=plan.numbers.entries,
        app=plan.app,
        fallback_queue=plan.fallback_queue,
        queue_calls=calls,
        deadman=f"{plan.deadman_s:g}",
        phones=tuple(plan.phones),
        default_route=plan.default_route,
        rounds=MOST_ROUNDS,
    )
