"""``routes.yaml``: which numbers there are, and where calls to each of them are led."""

import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from dialplan.errors import DialplanError

from .calendar import Holiday, Hours, ZoneName, check_holiday, expand, zone
from .callers import Callers
from .patterns import Pattern, clash, read_pattern
from .queues import Queues
from .targets import About, AgentName, Closed, Exit, Lead, Part, Place, Prompt, QueueName, exactly_one

_LANGUAGE: Final = re.compile(r"[a-z]{2}(-[A-Za-z]{2})?")
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{1,31}")


def _number(text: str) -> str:
    try:
        return read_pattern(text).text
    except DialplanError as error:
        raise ValueError(str(error)) from error


def _language(text: str) -> str:
    if text and _LANGUAGE.fullmatch(text) is None:
        raise ValueError(f"'{text[:20]}' is no language; write en or en-GB")
    return text


def _name(text: str) -> str:
    if _NAME.fullmatch(text) is None:
        raise ValueError(f"'{text[:40]}' cannot name a route; use 2 to 32 of a-z, 0-9 and '-', a letter first")
    return text


def _list_name(text: str) -> str:
    if _NAME.fullmatch(text) is None:
        raise ValueError(f"'{text[:40]}' cannot name a list of holidays; use 2 to 32 of a-z, 0-9 and '-', a letter first")
    return text


def _day(text: str) -> str:
    if check_holiday(text) and not text[0].isdigit():
        raise ValueError(f"'{text}' is a name; a list of holidays holds days only")
    return text


Number = Annotated[str, AfterValidator(_number)]
RouteName = Annotated[str, AfterValidator(_name)]
Percent = Annotated[int, Field(ge=0, le=100)]


class Route(Part):
    """What happens to calls to some numbers."""

    about: About = Field("", max_length=120, description="What it is for, in words.")
    numbers: tuple[Number, ...] = Field(min_length=1, max_length=1000, description="Numbers and Asterisk patterns, each in quotes.")
    agent: AgentName = Field("", validate_default=False, description="Automated agent that answers.")
    queue: QueueName = Field("", validate_default=False, description="Queue of people that gets the calls.")
    goto: Place = Field("", validate_default=False, description="context,extension,priority in your own dialplan.")
    split: dict[AgentName, Percent] = Field(default_factory=dict, description="Agents with their share of the calls in percent, 100 in all")
    announce: tuple[Prompt, ...] = Field((), max_length=5, description="Prompts that are played first while the route is open.")
    hours: Hours | None = Field(None, description="When the route is open; without this key always.")
    holidays: tuple[Holiday, ...] = Field((), max_length=200, description="Days on which it is closed, and names of lists of them.")
    closed: Closed | None = Field(None, description="What happens while it is closed.")
    language: Annotated[str, AfterValidator(_language)] = Field("", description="Language of agent and prompts: en or en-GB.")
    callers: Callers = Field(Callers(), description="Rules by the caller's number.")
    overflow: Exit | None = Field(None, description="Where calls go that no worker takes; without: the fallback queue.")
    max_calls: int | None = Field(None, ge=1, le=10000, description="Calls of this route at once; the next one goes to overflow.")
    record: bool | None = Field(None, description="false: no recording; true: recording when calls.record is on.")
    emotion: Literal["off", "text", "audio"] | None = Field(None, description="How feelings are judged; without: as in the settings.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        exactly_one(self, ("agent", "queue", "goto", "split"))
        if self.split and (total := sum(self.split.values())) != 100:
            raise ValueError(f"the shares of split are {total} in all; make them 100")
        if (self.hours or self.holidays) and self.closed is None:
            raise ValueError("has hours or holidays but not what happens then; add closed: with announce, agent, queue or goto")
        if self.closed is not None and not (self.hours or self.holidays):
            raise ValueError("has closed: but no hours or holidays; add them, or remove closed:")
        if not self.agents() and (self.record is not None or self.emotion is not None):
            raise ValueError("sets record or emotion, which only an agent heeds, and leads to no agent; remove them")
        return self

    def leads(self) -> Iterator[Lead]:
        """Give every place with announcements that is not the main one."""
        yield from self.callers.vip
        if self.closed is not None:
            yield self.closed

    def exits(self) -> Iterator[Exit]:
        """Give every way out."""
        if isinstance(self.callers.anonymous, Exit):
            yield self.callers.anonymous
        if self.overflow is not None:
            yield self.overflow

    def options(self, variant: str = "") -> str:
        """Return what it adds for the worker: ``key:value`` with spaces between."""
        pairs = {
            "language": self.language.lower(),
            "emotion": self.emotion or "",
            "record": {True: "on", False: "off", None: ""}[self.record],
            "variant": variant,
        }
        return " ".join(f"{key}:{value}" for key, value in pairs.items() if value)

    def agents(self) -> frozenset[str]:
        """Return every agent that it can lead to."""
        return frozenset({self.agent, *self.split, *(lead.agent for lead in self.leads())} - {""})

    def queues(self) -> frozenset[str]:
        """Return every queue that it can lead to."""
        return frozenset({self.queue, *(lead.queue for lead in self.leads()), *(way.queue for way in self.exits())} - {""})

    def gotos(self) -> frozenset[str]:
        """Return every place in the admin's dialplan that it can lead to."""
        return frozenset({self.goto, *(lead.goto for lead in self.leads()), *(way.goto for way in self.exits())} - {""})

    def patterns(self) -> tuple[Pattern, ...]:
        """Return its numbers and patterns."""
        return tuple(read_pattern(number) for number in self.numbers)


class Routes(Part):
    """All of ``routes.yaml``."""

    timezone: ZoneName = Field("UTC", min_length=1, description="IANA time zone of hours and holidays that do not name one.")
    holidays: dict[Annotated[str, AfterValidator(_list_name)], tuple[Annotated[str, AfterValidator(_day)], ...]] = Field(
        default_factory=dict, description="Lists of holidays by name, for routes to share."
    )
    queues: Queues = Field(Queues(), description="Queues that routes may name.")
    routes: dict[RouteName, Route] = Field(default_factory=dict, description="Routes by name.")

    def zone_name(self, route: Route) -> str:
        """Return the time zone that this route's hours and holidays are in."""
        return (route.hours.timezone if route.hours else "") or self.timezone

    def zones(self) -> tuple[str, ...]:
        """Return every time zone that is used, sorted."""
        return tuple(sorted({self.timezone, *(self.zone_name(route) for route in self.routes.values())}))

    def zone_of(self, number: str) -> ZoneInfo:
        """Return the time zone for calls to this number; that of the file when no route takes it."""
        found = self.find(number)
        return zone(self.zone_name(self.routes[found[0]]) if found else self.timezone)

    def holidays_of(self, route: Route) -> tuple[tuple[str, str], ...]:
        """Return each day or range on which it is closed, with the list that it comes from."""
        return expand(route.holidays, self.holidays)

    def find(self, number: str) -> tuple[str, Pattern] | None:
        """Return the route that takes this number, and by which number or pattern; the narrower pattern goes first."""
        best: tuple[str, Pattern] | None = None
        for name, route in self.routes.items():
            for pattern in route.patterns():
                if pattern.matches(number) and (best is None or pattern.within(best[1])):
                    best = (name, pattern)
        return best

    def clashes(self) -> Iterator[tuple[str, int, str, str]]:
        """Give route, index of its number, the other route and why Asterisk's choice between them could surprise."""
        seen: list[tuple[str, Pattern]] = []
        for name, route in self.routes.items():
            for index, pattern in enumerate(route.patterns()):
                for other, earlier in seen:
                    if why := clash(earlier, pattern):
                        yield name, index, other, why
                seen.append((name, pattern))

    def agents(self) -> tuple[str, ...]:
        """Return every agent that a route can lead to, sorted."""
        return tuple(sorted({agent for route in self.routes.values() for agent in route.agents()}))

    def queue_names(self) -> tuple[str, ...]:
        """Return every queue that is declared or that a route can lead to, sorted."""
        used = {queue for route in self.routes.values() for queue in route.queues()}
        return tuple(sorted({*used, *self.queues.ours, *self.queues.theirs}))

    def contexts(self) -> tuple[str, ...]:
        """Return every place of the admin's dialplan that a route can jump to, as context,extension,priority, sorted."""
        return tuple(sorted({place for route in self.routes.values() for place in route.gotos()}))

    def prompts(self) -> tuple[str, ...]:
        """Return every prompt that a route or a queue of ours plays, sorted."""
        routes = self.routes.values()
        played = {prompt for route in routes for prompt in route.announce}
        played |= {prompt for route in routes for lead in route.leads() for prompt in lead.announce}
        return tuple(sorted(played | {prompt for queue in self.queues.ours.values() for prompt in queue.periodic_announce}))

    def agent_numbers(self) -> tuple[tuple[str, str], ...]:
        """Return each number or pattern that an agent answers, with the agent; of a split the first."""
        return tuple(
            (number, agent)
            for route in self.routes.values()
            for number in route.numbers
            if (agent := route.agent or next(iter(route.split), ""))
        )
