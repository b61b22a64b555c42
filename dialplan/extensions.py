"""Writes extensions.conf from the routes, the queues and the phones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import templates
from .errors import DialplanError
from .queue_call import OPTIONS, QueueCall
from .routes.model import Routes
from .routes.queues import Queue
from .routes.rendering import route_texts
from .trunks.entries import NO_TRUNKS, Trunks
from .words import DRAFT_ROUTE, check_number, check_queue, check_word

MOST_ROUNDS = 5
MOST_OVERFLOWS = 3
"""How often one call may be sent to the overflow of its route; then it goes to the fallback queue."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the dialplan depends on."""

    routes: Routes
    app: str
    """Stasis application; worker N is ``<app>-N``."""
    fallback_queue: str
    """Where callers go when the application does not answer for them and their route has no overflow."""
    queue_timeout_s: int
    """Seconds in a queue before the caller comes back."""
    deadman_s: float
    """Seconds without a heartbeat after which the dialplan takes a call out of the application."""
    phones: Sequence[str]
    """Phones that other phones may ring; trunks never can."""
    asterisk_major: int
    place_timeout_s: int = 300
    """Seconds in a queue of a caller who stays with the agent meanwhile."""
    default_route: str = "front-desk"
    """The agent for callers who come back from a queue without ever having had one."""
    callback_trunk: str = ""
    """By which callers are called back when it is their turn; empty: their places are not kept."""
    callback_hold_s: int = 3600
    """For how long such a place is kept."""
    feature_codes: bool = False
    """Whether people may give callers on by the feature codes of features.conf."""
    trunks: Trunks = NO_TRUNKS
    """Through which calls come in from carriers."""
    workers: int = 1
    """Workers that are tried while the global variable PATCHCORD_WORKERS is empty."""

    def __post_init__(self) -> None:
        check_word("application", self.app)
        check_queue(self.fallback_queue)
        check_word("route", self.default_route)
        for phone in self.phones:
            check_number("phone", phone)
        for name, route in self.routes.routes.items():
            if both := {*route.numbers} & {*self.phones}:
                raise DialplanError(
                    f"{min(both)} is a person's phone and a number of the route {name}: other phones could not dial both. Change one."
                )
        for name, queue in self.routes.queues.ours.items():
            for member in queue.members or ():
                if member.isdigit() and member not in self.phones:
                    raise DialplanError(
                        f"Queue {name} has the member {member}, and there is no such phone here. "
                        f"Write the interface of a phone of yours, such as PJSIP/{member}."
                    )

        trunk = self.trunks.get(self.callback_trunk) if self.callback_trunk else None
        if self.callback_trunk and (trunk is None or trunk.said.outbound is None):
            raise DialplanError(
                f"transfer.callback_trunk is {self.callback_trunk}, and there is no trunk of that name that may call out. "
                "Give it a section 'outbound' in trunks.yaml, or leave the setting empty."
            )

    def queues(self) -> tuple[str, ...]:
        """Return every queue that a caller can reach, ours and theirs, sorted."""
        return tuple(sorted({*self.routes.queue_names(), self.fallback_queue}))

    def own_queues(self) -> Mapping[str, Queue]:
        """Return the queues that are written: those of the routes file, and each other one that is not theirs."""
        given = self.routes.queues
        return {name: given.ours.get(name, Queue()) for name in self.queues() if name not in given.theirs}


def render_extensions(plan: Plan) -> str:
    """Return the text of extensions.conf.

    Raises:
        DialplanError: something in the plan cannot be written safely.
    """
    callback = plan.trunks.get(plan.callback_trunk) if plan.callback_trunk else None
    return templates.render(
        "patchcord.d/extensions.conf",
        routes=route_texts(plan.routes),
        trunks=plan.trunks.entries,
        app=plan.app,
        workers=plan.workers,
        fallback_queue=plan.fallback_queue,
        queue_calls=_queue_calls(plan, plan.queue_timeout_s),
        place_calls=_queue_calls(plan, plan.place_timeout_s, "${PATCHCORD_POSITION}"),
        held_calls=_queue_calls(plan, plan.callback_hold_s, "${PATCHCORD_POSITION}"),
        callback_trunk=callback.outbound_context if callback else "",
        deadman=f"{plan.deadman_s:g}",
        phones=tuple(plan.phones),
        default_route=plan.default_route,
        feature_codes=plan.feature_codes,
        draft_route=DRAFT_ROUTE,
        rounds=MOST_ROUNDS,
        overflows=MOST_OVERFLOWS,
    )


def _queue_calls(plan: Plan, timeout_s: int, position: str = "") -> dict[str, str]:
    """The call of each queue; ``timeout_s``: how long somebody stands in it, ``position``: where they come in, else at its end."""
    options = f"{'t' if plan.feature_codes else ''}{OPTIONS}"  # t: the person who has the caller may give them on by keys
    return {
        queue: QueueCall(queue, options, "${PATCHCORD_URL}", timeout_s=timeout_s, position=position).render(plan.asterisk_major)
        for queue in plan.queues()
    }
