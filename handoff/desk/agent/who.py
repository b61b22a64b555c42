"""Whose page it is: the person's place in the queues, and what they may therefore see."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from handoff.desk.access import Role, Session, session_of
from handoff.desk.agent.members import MEMBERS, Member, MembersAway
from handoff.desk.agent.store import AgentStore
from handoff.desk.database import Row

STORE: Final = web.AppKey("agent_store", AgentStore)
ROLES: Final = (Role.AGENT, Role.SUPERVISOR, Role.ADMIN)
_SEE_ALL: Final = frozenset({Role.SUPERVISOR, Role.ADMIN})
_MOST_GIVEN: Final = 20
"""Cards that are remembered of each phone."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands."""

    interface: str
    """Empty: no phone belongs to the user, or there are no queues here."""
    member: Member | None
    problem: str
    """Why the state is not known, for people; empty when it is."""


class KnownQueues:
    """Queues by member, as last heard: while the telephone system is away people still see the cards that are theirs."""

    def __init__(self) -> None:
        self._queues: dict[str, tuple[str, ...]] = {}

    def remember(self, interface: str, queues: tuple[str, ...]) -> None:
        self._queues[interface] = queues

    def of(self, interface: str) -> tuple[str, ...]:
        return self._queues.get(interface, ())


KNOWN: Final = web.AppKey("agent_known_queues", KnownQueues)


class GivenCards:
    """Cards of the callers whom colleagues gave to a phone: whoever has it may see them, whatever queue they are of."""

    def __init__(self) -> None:
        self._cards: dict[str, deque[str]] = {}

    def remember(self, phone: str, card_id: str) -> None:
        self._cards.setdefault(phone, deque(maxlen=_MOST_GIVEN)).append(card_id)

    def to(self, phone: str) -> tuple[str, ...]:
        return tuple(self._cards.get(phone, ()))


GIVEN: Final = web.AppKey("agent_given_cards", GivenCards)


async def place_of(app: web.Application, session: Session) -> Place:
    """Never raises: what is not known is said."""
    members = app.get(MEMBERS)
    if not session.phone:
        return Place("", None, "No phone belongs to this user: an administrator can enter one.")
    if members is None:
        return Place("", None, "This desk is not connected to queues.")
    interface = members.interface_of(session.phone)
    try:
        member = await members.member(interface)
    except MembersAway as error:
        return Place(interface, None, str(error))
    if member is None:
        return Place(interface, None, f"Phone {session.phone} is a member of no queue.")
    app[KNOWN].remember(interface, member.queues)
    return Place(interface, member, "")


async def queues_of(app: web.Application, session: Session) -> tuple[str, ...] | None:
    """Queues whose cards and callbacks somebody may see; None: all."""
    if session.role in _SEE_ALL:
        return None
    place = await place_of(app, session)
    return place.member.queues if place.member is not None else app[KNOWN].of(place.interface)


async def may_see_queue(app: web.Application, session: Session, queue: str) -> bool:
    queues = await queues_of(app, session)
    return queues is None or queue in queues


async def card_for(request: web.Request, card_id: str) -> Row:
    """The JSON of a card. Raises HTTPNotFound, also for one of a queue that is not the person's: they do not learn that it exists."""
    session = session_of(request)
    body, queues = await asyncio.gather(request.app[STORE].card(card_id), queues_of(request.app, session))
    given = card_id in request.app[GIVEN].to(session.phone)
    if body is None or not (given or queues is None or str(body.get("queue", "")) in queues):
        raise web.HTTPNotFound(text="There is no such card for you. It may be of a queue that you do not work for.")
    return body
