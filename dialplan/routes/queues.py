"""Queues of people: those that Patchcord writes, and the names of those that are there already."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal, Protocol

from pydantic import AfterValidator, Field

from dialplan import templates

from .targets import About, Part, Prompt, QueueName

_MEMBER: Final = re.compile(r"[0-9]{1,20}|(?:PJSIP|Local|SIP|IAX2|DAHDI)/[A-Za-z0-9_@./-]{1,79}")
_WORD: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_MUSIC: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
Strategy = Literal["ringall", "leastrecent", "fewestcalls", "random", "rrmemory", "linear", "wrandom", "rrordered"]


def _member(text: str) -> str:
    if _MEMBER.fullmatch(text) is None:
        raise ValueError(f"'{text[:60]}' is no member; write a phone's number (2001) or an interface of yours (PJSIP/301)")
    return text


def _own(text: str) -> str:
    if _WORD.fullmatch(text) is None or len(text) < 2:
        raise ValueError(f"'{text[:40]}' cannot name a queue of ours; use 2 to 32 of a-z, 0-9 and '-', a letter first")
    return text


def _music(text: str) -> str:
    if _MUSIC.fullmatch(text) is None:
        raise ValueError(f"'{text[:40]}' is no class of music; write a name of musiconhold.conf such as default")
    return text


OwnQueue = Annotated[str, AfterValidator(_own)]
Member = Annotated[str, AfterValidator(_member)]
Seconds = Annotated[int, Field(ge=0, le=3600)]


class Queue(Part):
    """A queue that Patchcord writes into queues.conf."""

    about: About = Field("", max_length=120, description="What it is for, in words.")
    members: tuple[Member, ...] | None = Field(
        None, description="Phones of people (2001) or interfaces of yours (PJSIP/301); without this key the phones of all people."
    )
    strategy: Strategy = Field("rrmemory", description="Whose phone rings next.")
    timeout: int = Field(15, ge=1, le=300, description="Seconds that one phone rings.")
    retry: Seconds = Field(1, description="Seconds until the next phone rings.")
    wrapup: Seconds = Field(3, description="Seconds of peace for a member after a call.")
    maxlen: int | None = Field(None, ge=0, le=10000, description="Callers who may wait at once; 0: any number; without: calls.queue_most.")
    music: Annotated[str, AfterValidator(_music)] = Field("default", description="Class of music on hold.")
    service_level: int = Field(20, ge=1, le=3600, description="Seconds within which an answer counts as in time.")
    announce_every: Seconds = Field(30, description="Seconds between announcements of the place in line; 0: none.")
    announce_position: bool = Field(True, description="Say the place in line.")
    announce_wait: Literal["yes", "no", "once"] = Field("once", description="Say the expected wait.")
    periodic_announce: tuple[Prompt, ...] = Field((), max_length=10, description="Prompts that are played in turn while callers wait.")
    periodic_every: int = Field(60, ge=10, le=3600, description="Seconds between those prompts.")


class Queues(Part):
    """All queues that routes may name."""

    ours: dict[OwnQueue, Queue] = Field(default_factory=dict, description="Queues that Patchcord writes.")
    theirs: tuple[QueueName, ...] = Field((), description="Queues that your Asterisk has already; nothing is written for them.")


class Person(Protocol):
    """Who answers calls of a queue."""

    @property
    def user(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...


def members_of(queue: Queue, people: Sequence[Person]) -> tuple[tuple[str, str], ...]:
    """Return phone or interface and name of each member; the name is empty for an interface of the admin's."""
    known = {person.user: person.name for person in people}
    if queue.members is None:
        return tuple((person.user, person.name) for person in people if person.role == "agent")
    return tuple((member, known.get(member, f"Agent {member}" if member.isdigit() else "")) for member in queue.members)


def render_queues(ours: Mapping[str, Queue], people: Sequence[Person], queue_most: int) -> str:
    """Return the text of queues.conf for the queues of ours.

    ``queue_most``: callers who may wait at once in a queue that does not say it itself; 0 is any number.
    """
    rows = [
        {"name": name, "queue": queue, "members": members_of(queue, people), "maxlen": queue_most if queue.maxlen is None else queue.maxlen}
        for name, queue in sorted(ours.items())
    ]
    return templates.render("patchcord.d/queues.conf", queues=rows)
