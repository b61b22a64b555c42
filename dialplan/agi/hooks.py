"""The three questions a dialplan may ask; what knows the answers comes in from outside."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from dialplan.errors import DialplanError
from dialplan.routes import Routes, decide

from . import answers
from .answers import BAD_REQUEST, STATUS, UNAVAILABLE, Estimate
from .head import Head

_NUMBER: Final = re.compile(r"\+?[0-9]{1,20}")
_CARD: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_QUEUE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

Answer = Mapping[str, str]
Hook = Callable[[Head], Awaitable[Answer]]


class Unavailable(Exception):
    """What knows the answer is away."""


class Cards(Protocol):
    """The records."""

    async def get_card(self, card_id: str, /) -> Mapping[str, Any] | None:
        """The newest revision, as card.schema.json has it; None: there is none. Raises Unavailable."""
        ...


class Queues(Protocol):
    """The queues of Asterisk."""

    def estimate(self, queue: str, /) -> Estimate | None:
        """None: there is no such queue. Raises Unavailable while Asterisk is not heard."""
        ...


@dataclass(frozen=True, slots=True)
class Hooks:
    """``routes`` is asked each time, and may raise DialplanError; ``chance`` gives 0 up to 1."""

    routes: Callable[[], Routes]
    cards: Cards
    queues: Queues
    now: Callable[[], datetime]
    chance: Callable[[], float]

    def table(self) -> Mapping[str, tuple[Hook, Sequence[str]]]:
        """Return command to what answers it and the variables that it sets."""
        return {
            "patchcord_route": (self.route, answers.DECISION),
            "patchcord_card": (self.card, answers.CARD),
            "patchcord_queue_estimate": (self.queue_estimate, answers.ESTIMATE),
        }

    async def route(self, head: Head) -> Answer:
        """Arguments: number (default: the extension), caller (default: the call's; ``anonymous``: withheld)."""
        number = head.arguments[0] if head.arguments and head.arguments[0] else head.extension
        if _NUMBER.fullmatch(number) is None:
            return nothing(BAD_REQUEST, answers.DECISION)
        caller = head.arguments[1] if len(head.arguments) > 1 else head.caller
        try:
            return answers.decision(decide(self.routes(), number, caller[:80], self.now(), self.chance()))
        except DialplanError as error:
            raise Unavailable(str(error)) from error

    async def card(self, head: Head) -> Answer:
        """Argument: id of the card."""
        if not head.arguments or _CARD.fullmatch(head.arguments[0]) is None:
            return nothing(BAD_REQUEST, answers.CARD)
        return answers.card(await self.cards.get_card(head.arguments[0]))

    async def queue_estimate(self, head: Head) -> Answer:
        """Argument: name of the queue."""
        if not head.arguments or _QUEUE.fullmatch(head.arguments[0]) is None:
            return nothing(BAD_REQUEST, answers.ESTIMATE)
        return answers.estimate(self.queues.estimate(head.arguments[0]))


def nothing(status: str, names: Sequence[str]) -> Answer:
    """Return an answer that knows nothing."""
    return {STATUS: status, **dict.fromkeys(names, "")}


__all__ = ["UNAVAILABLE", "Answer", "Cards", "Hook", "Hooks", "Queues", "Unavailable", "nothing"]
