"""What a caller says to a person: written down as turns, and no fault of it reaches the two who talk."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Literal, cast

import numpy as np
import pytest

from agents.audio import RATE, Pcm
from agents.line import LineEvent, VoiceAudio, VoicePaused, VoiceStarted
from agents.stt.transcriber import Hint, Transcript, TranscriptionError
from ari_app.ari.errors import AriRefused, Gone
from ari_app.calls.joined_hearing import HearingDeps, JoinedHearing
from ari_app.calls.record import CallFacts, CallRecord
from handoff.records.memory import MemoryRecords


class Line:
    port = 4000

    def __init__(self) -> None:
        self.coming: asyncio.Queue[LineEvent] = asyncio.Queue()
        self.closed = False

    async def attach(self, host: str, port: int) -> None:
        del host, port

    async def events(self) -> AsyncIterator[LineEvent]:
        while True:
            yield await self.coming.get()

    async def close(self, reason: str) -> dict[str, Any]:
        del reason
        self.closed = True
        return {}

    def say(self, at: float) -> None:
        for event in (VoiceStarted(at, None), VoiceAudio(at, np.ones(RATE // 2, dtype=np.int16)), VoicePaused(at + 0.5)):
            self.coming.put_nowait(event)


class Link:
    def __init__(self, line: Line) -> None:
        self.line = line

    async def open(self, name: str, *, law: str) -> Line:
        assert name.endswith("-h") and law == "ulaw"
        return self.line


class Leg:
    host, port = "127.0.0.1", 4002


class Ari:
    """``snooping``: what a snoop is answered with; ``hearing`` is told of what comes into the application."""

    def __init__(self, snooping: object = None) -> None:
        self.snooping = snooping
        self.hearing: JoinedHearing
        self.hung_up: list[str] = []
        self.bridges: set[str] = set()
        self.here: set[str] = set()
        """Channels that have come into the application."""

    async def snoop(self, channel_id: str, app: str, snoop_id: str, args: str) -> object:
        assert (channel_id, app, args) == ("ch1", "patchcord-1", "hear,c1")
        if isinstance(self.snooping, Exception):
            raise self.snooping
        self._comes(snoop_id)
        return self.snooping

    def _comes(self, channel_id: str) -> None:
        """A moment after the request is answered."""

        def come() -> None:
            self.here.add(channel_id)
            self.hearing.entered(channel_id)

        asyncio.get_running_loop().call_later(0.02, come)

    async def external_media(self, app: str, channel_id: str, address: str, law: str, args: str) -> Leg:
        del app, address, law, args
        self._comes(channel_id)
        return Leg()

    async def create_bridge(self, bridge_id: str, name: str) -> object:
        del name
        self.bridges.add(bridge_id)
        return object()

    async def add_to_bridge(self, bridge_id: str, *channels: str) -> Literal[True]:
        assert bridge_id in self.bridges and len(channels) == 2 and set(channels) <= self.here, "Asterisk refuses others"
        return True

    async def hangup(self, channel_id: str) -> Literal[True]:
        self.hung_up.append(channel_id)
        self.here.discard(channel_id)
        return True

    async def destroy_bridge(self, bridge_id: str) -> Literal[True]:
        self.bridges.discard(bridge_id)
        return True


class Recogniser:
    name = "words"

    def __init__(self, *words: str | Exception) -> None:
        self.words = list(words)

    async def transcribe(self, pcm: Pcm, hint: Hint = Hint.SPEECH) -> Transcript:
        del hint
        assert len(pcm)
        found = self.words.pop(0)
        if isinstance(found, Exception):
            raise found
        return Transcript(found, 0.1)

    async def close(self) -> None:
        return


@pytest.fixture
def record() -> CallRecord:
    return CallRecord(CallFacts("c1", "ch1", "PJSIP/1", "front-desk", "100", "5550100"), MemoryRecords())


def hearing_of(record: CallRecord, ari: Ari, line: Line, recogniser: Recogniser) -> JoinedHearing:
    deps = HearingDeps("patchcord-1", cast("Any", ari), lambda: cast("Any", Link(line)), "127.0.0.1", lambda language: recogniser)
    ari.hearing = JoinedHearing(record, deps)
    return ari.hearing


async def until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def test_pieces_become_turns_and_everything_is_given_back(record: CallRecord) -> None:
    ari, line, recogniser = Ari(object()), Line(), Recogniser("It is broken.", "", "I want a new one.")
    hearing = hearing_of(record, ari, line, recogniser)
    hearing.start()
    hearing.start()
    for index in range(3):
        line.say(100.0 + index * 2)
    await until(lambda: len(record.turns) == 2)
    assert [(turn.number, turn.who, turn.text) for turn in record.turns] == [
        (1, "caller", "It is broken."),
        (2, "caller", "I want a new one."),
    ], "noise without words is no turn"
    await hearing.close()
    await hearing.close()
    assert line.closed and not ari.bridges
    assert set(ari.hung_up) == {hearing.snoop_id, hearing.leg.leg_id}


async def test_a_recogniser_that_fails_costs_its_piece_only(record: CallRecord) -> None:
    line = Line()
    hearing = hearing_of(record, Ari(object()), line, Recogniser(TranscriptionError("out of order"), "Hello?"))
    hearing.start()
    line.say(1.0)
    line.say(3.0)
    await until(lambda: record.turns)
    assert [turn.text for turn in record.turns] == ["Hello?"]
    await hearing.close()


async def test_nothing_is_kept_of_what_is_said_while_the_recording_is_paused(record: CallRecord) -> None:
    line, recogniser = Line(), Recogniser("And my name is Ann.")
    hearing = hearing_of(record, Ari(object()), line, recogniser)
    hearing.start()
    record.note("recording_paused")
    line.say(1.0)
    await asyncio.sleep(0.5)  # nothing tells that nothing came of it
    record.note("recording_resumed")
    line.say(3.0)
    await until(lambda: record.turns)
    assert [turn.text for turn in record.turns] == ["And my name is Ann."]
    await hearing.close()


@pytest.mark.parametrize("snooping", [Gone(404, "no such channel"), AriRefused(500, "no memory")])
async def test_without_an_ear_it_is_noted_and_a_later_person_is_tried_again(record: CallRecord, snooping: object) -> None:
    ari, line = Ari(snooping), Line()
    hearing = hearing_of(record, ari, line, Recogniser("Good morning."))
    noted: list[str] = []
    record.note = lambda kind, **_: noted.append(kind)  # type: ignore[method-assign]
    hearing.start()
    await until(lambda: noted)
    assert noted == ["person_not_transcribed"]
    await hearing.close()
    ari.snooping = object()
    hearing.start()
    line.say(1.0)
    await until(lambda: record.turns)
    await hearing.close()


async def test_a_recogniser_that_breaks_its_contract_ends_the_transcript_and_nothing_else(record: CallRecord) -> None:
    ari, line = Ari(object()), Line()
    hearing = hearing_of(record, ari, line, Recogniser(ZeroDivisionError()))
    noted: list[str] = []
    record.note = lambda kind, **_: noted.append(kind)  # type: ignore[method-assign]
    hearing.start()
    line.say(1.0)
    await until(lambda: noted)
    assert noted == ["person_not_transcribed"]
    await hearing.close()
    assert line.closed and not ari.bridges


async def test_a_second_person_is_listened_to_as_the_first_was(record: CallRecord) -> None:
    ari, line, recogniser = Ari(object()), Line(), Recogniser("To the first.", "To the second.")
    hearing = hearing_of(record, ari, line, recogniser)
    for number in (1, 2):
        hearing.start()
        line.say(100.0 * number)
        await until(lambda wanted=number: len(record.turns) == wanted)
        await hearing.close()
    assert [turn.text for turn in record.turns] == ["To the first.", "To the second."]
