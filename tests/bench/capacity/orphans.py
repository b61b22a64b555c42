"""What is still there of calls that are over: at Asterisk, and by the service's own count."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from tests.e2e.instance import Instance

_LOOKS: Final = 4
_TRIES: Final = 12
_BETWEEN_S: Final = 3.0
"""What is being given back at one look is gone at the last one: giving back a call takes well below 9 s."""


@dataclass(frozen=True, slots=True)
class Orphans:
    """Counts of what has no call any more."""

    channels: int
    """At Asterisk: of a caller who has hung up, or a media leg that is in no bridge."""
    bridges: int
    """At Asterisk, with nobody in them."""
    conversations: int
    """Of ours, more than there are callers."""
    ports: int
    """Media ports of ours, more than there are callers and people on the line."""

    def to_json(self) -> dict[str, int]:
        return asdict(self)

    def __bool__(self) -> bool:
        return any(asdict(self).values())


@dataclass(frozen=True, slots=True)
class Look:
    """One look at everything: ids at Asterisk, numbers of ours."""

    channels: frozenset[str]
    bridges: frozenset[str]
    conversations: int
    ports: int


def look_at(
    channels: Sequence[dict[str, Any]], bridges: Sequence[dict[str, Any]], counts: dict[str, Any], callers: Collection[str], first: int
) -> Look:
    """``callers``: caller ids that are on the line; ids of the crowd are numbers from ``first`` up. Other numbers are people's phones."""
    bridged = {channel for bridge in bridges for channel in bridge["channels"]}
    loose = set()
    for channel in channels:
        number, name = channel["caller"]["number"], channel["name"]
        ours = name.startswith("PJSIP/") and number.isdigit() and int(number) >= first and number not in callers
        # The same number is on the legs to people as the caller's: those are told by their dialplan.
        if (ours and channel["id"] not in bridged) or (name.startswith("UnicastRTP/") and channel["id"] not in bridged):
            loose.add(channel["id"])
    empty = {bridge["id"] for bridge in bridges if not bridge["channels"]}
    people = sum(channel["name"].startswith("UnicastRTP/") for channel in channels)
    spare_talks = max(0, int(counts["conversations"]) - len(callers))
    spare_ports = max(0, int(counts["rtp_ports"]) - max(len(callers), people))
    return Look(frozenset(loose), frozenset(empty), spare_talks, spare_ports)


def lasting(looks: Sequence[Look]) -> Orphans:
    """What was there at every look: anything else was on its way out."""
    return Orphans(
        channels=len(frozenset.intersection(*(look.channels for look in looks))),
        bridges=len(frozenset.intersection(*(look.bridges for look in looks))),
        conversations=min(look.conversations for look in looks),
        ports=min(look.ports for look in looks),
    )


async def orphans(instance: Instance, callers: Callable[[], Collection[str]], first: int) -> Orphans | None:
    """Takes about 9 s, up to 36 while a worker starts anew. None: not everything could be asked in that time."""
    looks: list[Look] = []
    for _ in range(_TRIES):
        try:
            channels, bridges = await asyncio.to_thread(instance.ari, "/channels"), await asyncio.to_thread(instance.ari, "/bridges")
            counts = (await asyncio.to_thread(instance.status))["counts"]
            looks.append(look_at(channels, bridges, counts, callers(), first))
        except (OSError, KeyError):
            looks.clear()  # a worker that starts anew has given back nothing yet
        if len(looks) == _LOOKS:
            return lasting(looks)
        await asyncio.sleep(_BETWEEN_S)
    return None
