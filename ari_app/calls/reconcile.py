"""What Asterisk holds that no live call of ours owns: left by a process that died, or by a fault. Callers go on, the rest is removed.

After a reconnect Asterisk repeats no StasisStart, so this is the only way to learn of them.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from ari_app.ari.client import Application, AriClient, Bridge
from ari_app.ari.errors import AriError, Gone
from ari_app.ari.events import Channel
from ari_app.calls.metrics import CallMetrics
from ari_app.calls.shell_names import BRIDGE_PREFIX, HEARING_PREFIX, LEG_PREFIX
from ari_app.calls.steps import Where
from ari_app.calls.transfer_names import place_of_channel

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Owned:
    """Ids of what live calls have, or may have any moment."""

    callers: frozenset[str]
    legs: frozenset[str]
    bridges: frozenset[str]
    places: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class View:
    """What Asterisk says, at one moment."""

    application: Application
    channels: tuple[Channel, ...]
    bridges: tuple[Bridge, ...]

    def where(self, channel_id: str) -> Where:
        """Where a caller's channel is."""
        channel = next((channel for channel in self.channels if channel.id == channel_id), None)
        return Where.GONE if channel is None else where_of(channel, self.application.name)


def where_of(channel: Channel, app: str) -> Where:
    """Where a channel that is there is, for the worker whose application is ``app``."""
    if channel.app != "Stasis":
        return Where.OUTSIDE
    return Where.IN_STASIS if channel.stasis in (app, "") else Where.ELSEWHERE


@dataclass(frozen=True, slots=True)
class Strays:
    callers: frozenset[str] = frozenset()
    legs: frozenset[str] = frozenset()
    bridges: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    """Places in a queue for which nobody waits, people who answered them, and ears on callers that nobody uses."""

    def __bool__(self) -> bool:
        return bool(self.callers or self.legs or self.bridges or self.places)

    def __and__(self, other: "Strays") -> "Strays":
        """Those that are stray in both: at second sight nothing is a stray that was only just on its way to its owner."""
        return Strays(self.callers & other.callers, self.legs & other.legs, self.bridges & other.bridges, self.places & other.places)


def is_leg(channel: Channel) -> bool:
    return channel.technology == "UnicastRTP" and channel.id.startswith(LEG_PREFIX)


def _is_place(channel: Channel) -> bool:
    return place_of_channel(channel.id) is not None or channel.id.startswith(HEARING_PREFIX)


def find_strays(view: View, owned: Owned) -> Strays:
    """Bridges are told apart by the application's name, callers by the one that they are in: other workers may share the Asterisk."""
    ours = [channel for channel in view.channels if channel.id in view.application.channels]
    here = [channel for channel in ours if where_of(channel, view.application.name) is Where.IN_STASIS]
    # A person who is joined with a caller stands in a bridge of the dialplan: nobody of ours is needed there.
    joined = {ident for bridge in view.bridges if not bridge.id.startswith(BRIDGE_PREFIX) for ident in bridge.channels}
    return Strays(
        callers=frozenset(c.id for c in here if not is_leg(c) and not _is_place(c)) - owned.callers,
        places=frozenset(c.id for c in ours if _is_place(c)) - owned.places - joined,
        legs=frozenset(c.id for c in ours if is_leg(c)) - owned.legs,
        bridges=frozenset(b.id for b in view.bridges if b.id.startswith(BRIDGE_PREFIX) and b.name == view.application.name) - owned.bridges,
    )


async def look(ari: AriClient, app: str) -> View:
    """Raises AriError."""
    application = await ari.application(app)
    if isinstance(application, Gone):
        application = Application(app, frozenset(), frozenset())
    return View(application, tuple(await ari.list_channels()), tuple(await ari.list_bridges()))


async def reap(ari: AriClient, strays: Strays, metrics: CallMetrics) -> None:
    """Callers first. What fails now is found again at the next look."""
    await _each(strays.callers, "caller", metrics, lambda ident: ari.continue_in_dialplan(ident, "patchcord-fallback", "s"))
    await _each(strays.places, "place", metrics, ari.hangup)
    await _each(strays.legs, "leg", metrics, ari.hangup)
    await _each(strays.bridges, "bridge", metrics, ari.destroy_bridge)


async def _each(idents: Iterable[str], kind: str, metrics: CallMetrics, act: Callable[[str], Awaitable[object]]) -> None:
    for ident in sorted(idents):
        try:
            await act(ident)
        except AriError as error:
            log.warning("reap_failed", extra={"kind": kind, "ident": ident, "error": str(error)})
        else:
            metrics.reaped.labels(kind).inc()
            log.warning("reaped", extra={"kind": kind, "ident": ident})
