"""Performs the scenes of one call on a live line, as a person would: listening, waiting for a turn, speaking over the agent."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from agents.audio import Pcm
from ari_app.caller.calling import Line
from ari_app.caller.listener import CallOver, TurnTimeout
from ari_app.caller.rtp_frames import Playback
from ari_app.media.g711 import RATE
from tests.bench.turns.agent import COLLECTING, HOME_KEY, Place
from tests.bench.turns.capture import Played, Status
from tests.bench.turns.events import OVER_AGENT, SURVIVING, Event, Kind, Scene
from tests.bench.turns.sounds import Sound

ANSWER_LIMIT_S: Final = 6.0
"""A turn of the caller that is not answered within this time counts as unanswered."""
SURVIVE_S: Final = 2.2
"""After a sound over the agent its going on is watched for so long."""
TURN_OVER_S: Final = 0.9
"""Quiet after which a turn of the agent that nobody disturbs is over; a pause of its own is shorter."""
AFTER_ANSWER_S: Final = 0.5
"""So much of an answer is recorded before the caller goes on."""
KEY_PAUSE_S: Final = 0.35
STALE_S: Final = 2.5
"""An agent that has been silent for so long over its own text has stopped."""
_LAST: Final = 0.001
"""Into the last frame of a sound from its end."""
_HOME_AFTER: Final = 6
"""Scenes at home before its key is pressed again: so many sentences in a row may go ununderstood."""


class Player:
    """One call. ``sounds`` by name; the caller's level and line are the session's matter."""

    def __init__(self, line: Line, sounds: Mapping[str, Sound]) -> None:
        self._line = line
        self._sounds = sounds
        self._place: Place | None = None
        self._at_place = 0
        self._from_ns = 0
        """Sound of the agent before this time belongs to an earlier turn."""
        self.played: list[Played] = []

    async def perform(self, scene: Scene) -> list[Event]:
        """Play the scene; what could not be played comes back. Raises CallOver; TurnTimeout when the agent does not do its part."""
        turn_ns = await self._go(scene.place)
        for index, event in enumerate(scene.events):
            if event.kind in OVER_AGENT:
                if not await self._over(event, turn_ns):
                    return await self._skip(scene.events[index:], turn_ns)
            elif event.kind is Kind.LISTEN:
                await self._listen(event, turn_ns)
            else:
                await self._in_turn(event, turn_ns)
        await self._quiet(KEY_PAUSE_S)
        return []

    async def _skip(self, events: Sequence[Event], turn_ns: int) -> list[Event]:
        self.played += [Played(each.id, Status.SKIPPED, turn_ns, 0, 0, 0, time.monotonic_ns()) for each in events]
        await self._quiet(KEY_PAUSE_S)
        return list(events)

    async def _go(self, place: Place) -> int:
        """To the place; when the agent's turn there began."""
        if self._place is None and place is not Place.GREETING:
            # Not on to the place at once: the greeting and the text there would be one talk spurt.
            await self._line.listener.speaking_since(0, ANSWER_LIMIT_S)
            await self._press(Place.HOME.value)
            await self._heard_out()
            self._place = Place.HOME
        if place is self._place is Place.HOME and self._at_place < _HOME_AFTER:
            self._at_place += 1
            return self._line.listener.detector.spurt_start_ns or 0
        if self._place in COLLECTING:
            await self._press(HOME_KEY)
            await self._heard_out()
        if place is not Place.GREETING:
            await self._press(place.value)
        self._place, self._at_place = place, 0
        return await self._line.listener.speaking_since(self._from_ns, ANSWER_LIMIT_S)

    async def _press(self, key: str) -> Playback:
        playback = self._line.session.press(key)
        await self._left(playback)
        self._from_ns = playback.finished_ns or time.monotonic_ns()
        return playback

    async def _in_turn(self, event: Event, turn_ns: int) -> None:
        """Hear the agent out, pause, speak, wait for an answer."""
        await self._quiet(max(event.at_s, KEY_PAUSE_S))
        sound = self._sounds[event.sound]
        pcm, end_s = sound.pcm, sound.end_s
        if event.kind is Kind.HANGING:
            end_s = sound.pauses[0].start_s
            pcm = pcm[: round(end_s * RATE)]
        await self._say(event, pcm, sound.onset_s, end_s, turn_ns)
        await self._answered()
        self._note_until()

    async def _over(self, event: Event, turn_ns: int) -> bool:
        """Speak over the agent; False when it is not speaking then. One that is held by an earlier sound gets time to go on."""
        await self._sleep(turn_ns / 1e9 + event.at_s - time.monotonic())
        try:
            await self._line.listener.speaking_since(turn_ns, STALE_S)
        except TurnTimeout:
            return False
        if event.kind is Kind.KEY:
            await self._key(event, turn_ns)
            return True
        sound = self._sounds[event.sound]
        await self._say(event, sound.pcm, sound.onset_s, sound.end_s, turn_ns)
        if event.kind in SURVIVING:
            await self._sleep(SURVIVE_S)
        elif event.kind is Kind.LEGAL:
            await self._quiet(TURN_OVER_S)
            await self._answered(ANSWER_LIMIT_S / 2)
        else:
            await self._answered()
        self._note_until()
        return True

    async def _key(self, event: Event, turn_ns: int) -> None:
        playback = await self._press(event.sound)
        started = playback.started_ns or self._from_ns
        self.played.append(Played(event.id, Status.PLAYED, turn_ns, started, started, started, self._from_ns))
        self._place = Place.HOME
        await self._answered()
        self._note_until()

    async def _listen(self, event: Event, turn_ns: int) -> None:
        """An agent that does not come to an end, because it interrupts itself again and again, was listened to all the same."""
        try:
            await self._quiet(TURN_OVER_S)
        finally:
            self.played.append(Played(event.id, Status.PLAYED, turn_ns, turn_ns, turn_ns, turn_ns, time.monotonic_ns()))

    async def _say(self, event: Event, pcm: Pcm, onset_s: float, end_s: float, turn_ns: int) -> None:
        playback = self._line.session.play(np.ascontiguousarray(pcm))
        await self._left(playback)
        start = playback.started_ns or time.monotonic_ns()
        self._from_ns = playback.finished_ns or time.monotonic_ns()
        # A frame is heard when its packet leaves, which is when its first sample is spoken: see ari_app.caller.measures.
        onset, end = start + _packet_ns(onset_s), start + _packet_ns(end_s - _LAST)
        self.played.append(Played(event.id, Status.PLAYED, turn_ns, start, onset, end, self._from_ns))

    async def _answered(self, limit_s: float = ANSWER_LIMIT_S) -> None:
        """Hear the beginning of an answer, or wait in vain."""
        try:
            await self._line.listener.speaking_since(self._from_ns, limit_s)
        except TurnTimeout:
            return
        await self._sleep(AFTER_ANSWER_S)

    def _note_until(self) -> None:
        last = self.played[-1]
        self.played[-1] = Played(
            last.event, last.status, last.turn_ns, last.start_ns, last.onset_ns, last.end_ns, until_ns=time.monotonic_ns()
        )

    async def _heard_out(self) -> None:
        """Until the agent has said something to what was keyed and is quiet again."""
        await self._line.listener.quiet_after_speech(self._from_ns, KEY_PAUSE_S, ANSWER_LIMIT_S)

    async def _quiet(self, quiet_s: float, limit_s: float = 25.0) -> None:
        """Until the agent has been quiet for so long."""
        await self._line.listener.quiet_after_speech(0, quiet_s, limit_s)

    async def _left(self, playback: Playback) -> None:
        while not playback.done:
            if self._line.leg.ended.is_set():
                raise CallOver
            await asyncio.sleep(0.005)

    async def _sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        try:
            await asyncio.wait_for(self._line.leg.ended.wait(), seconds)
        except TimeoutError:
            return
        raise CallOver


def _packet_ns(seconds: float) -> int:
    """When the packet with this moment of a sound leaves, from the sound's first packet on."""
    return max(0, int(seconds / 0.02)) * 20_000_000
