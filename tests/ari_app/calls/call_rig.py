"""Call control whole, against a real Asterisk and a real media process; callers are Local channels, the agent obeys their keys."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from prometheus_client import CollectorRegistry

from agents.audio import FRAME_SAMPLES, Pcm
from agents.conversation.messages import Unanswered
from agents.line import DigitPressed, Line, LineClosed, PlaybackStarted
from agents.transcript import Outcome, Sink, Turn
from ari_app.ami.client import AmiClient
from ari_app.ami.port import AmiEvent
from ari_app.ari.client import AriClient
from ari_app.calls.conversations import Resume, TransferTalks, Watch
from ari_app.calls.manager import CallManager, ManagerDeps
from ari_app.calls.metrics import CallMetrics
from ari_app.media.link import MediaLink
from ari_app.settings import AsteriskSettings, CallSettings, MediaSettings, Settings, SipSettings
from handoff.records.memory import MemoryRecords
from tests.ari_app.calls.pbx_rig import APP, SECRET, Pbx, until
from tests.ari_app.media.media_rig import Media, media_process

ANSWERS = {"1": Outcome("goodbye", "granted"), "2": Outcome("goodbye", "refused"), "0": Outcome("handover", "caller_request", "elsewhere")}
"""Of the caller who is asked whether the call may be recorded."""
KEYS = {
    "1": Outcome("handover", "caller_request", "support", "person", {"order_number": "12345"}),
    "2": Outcome("goodbye", "done"),
    "4": Outcome("handover", "caller_request", "empty"),
    "5": Outcome("handover", "caller_request", "staffed"),
    "6": Outcome("goodbye", "callback", slots={"callback_number": "5550000"}),
    "7": Outcome("caller_left"),
    "*": Outcome("handover", "caller_request", "sales"),
}


async def _nothing() -> None:
    """A dead process does nothing."""


async def _tone() -> AsyncIterator[Pcm]:
    yield (6000 * np.sin(np.arange(25 * FRAME_SAMPLES) * 0.2)).astype(np.int16)


@dataclass
class KeyTalk:
    """A conversation that greets with a tone and ends as the caller's key says; 3 is a fault, 9 makes it ignore its line's end."""

    line: Line
    sink: Sink
    resume: Resume | None
    greeted_at: float | None = None
    digits: list[str] = field(default_factory=list)

    said: list[str] = field(default_factory=list)
    clip: str = "greeting"
    ends: Mapping[str, Outcome] = field(default_factory=lambda: KEYS)
    """By the key that ends it so."""

    def unanswered(self) -> Sequence[Unanswered]:
        return ()

    def say(self, text: str) -> None:
        self.said.append(text)

    def instruct(self, text: str) -> None:
        self.said.append(f"({text})")

    def transfer(self, queue: str = "", reason: str = "transfer", say: str = "") -> None:
        self.said.append(f"-> {queue}")

    def end(self, reason: str, *, after_sentence: bool = False) -> None:
        self.said.append(f"end: {reason}")

    async def run(self) -> Outcome:
        await self.line.play(self.clip, _tone())
        async for event in self.line.events():
            match event:
                case PlaybackStarted(_, at):
                    self.greeted_at = at
                case DigitPressed(at, digit):
                    self.digits.append(digit)
                    number = len(self.digits) + (len(self.resume.turns) if self.resume else 0)
                    self.sink.turn(Turn(number, "caller", digit, digit, at, at, via="keypad"))
                    if digit == "3":
                        raise RuntimeError("a fault of the conversation")
                    if digit == "9":
                        await asyncio.sleep(3600)
                    if digit in self.ends:
                        return self.ends[digit]
                case LineClosed(_, _):
                    break
        return Outcome("caller_left")


class Asks:
    """Asks whether the call may be recorded; the answers are keys."""

    def __init__(self) -> None:
        self.asked: list[KeyTalk] = []
        self.broken = False

    def recording_question(self, *, agent: str, number: str, caller: str, call_id: str, line: Line, sink: Sink, language: str) -> KeyTalk:
        del agent, number, caller, call_id, language
        if self.broken:
            raise LookupError("no agent that asks")
        self.asked.append(KeyTalk(line, sink, None, clip="question", ends=ANSWERS))
        return self.asked[-1]


@dataclass
class Rig:
    pbx: Pbx
    ari: AriClient
    ami: AmiClient
    manager: CallManager
    records: MemoryRecords
    media: Media
    talks: list[KeyTalk]
    events: list[AmiEvent]
    registry: CollectorRegistry
    stack: "_Stack"
    asks: Asks

    async def die(self) -> None:
        """What a kill does: everything of ours stops where it stands; Asterisk is told nothing."""
        await self.stack.stop()
        for actor in self.manager._directory.actors():
            actor.shell.abandon = _nothing  # type: ignore[method-assign]
        await self.manager._cancel_all()

    async def dial(self, number: str = "100", **options: Any) -> str:
        return await self.pbx.dial(self.ari, number, **options)

    async def press(self, channel: str, digits: str) -> None:
        for digit in digits:
            assert await self.ami._succeeds({"Action": "PlayDTMF", "Channel": channel, "Digit": digit, "Duration": "80"})

    async def until_state(self, state: str, count: int = 1) -> None:
        await until(lambda: self.states().get(state, 0) == count, what=f"{count} calls {state}")

    async def talk(self, index: int) -> KeyTalk:
        """The conversation with this index, once it is there: a call counts as talking a moment before."""
        await until(lambda: len(self.talks) > index, what=f"conversation {index}")
        return self.talks[index]

    def states(self) -> dict[str, int]:
        calls = self.manager.status()["calls"]
        assert isinstance(calls, dict)
        return {str(key): int(str(value)) for key, value in calls.items()}

    async def until_idle(self, timeout_s: float = 8.0) -> None:
        """Nothing is left: not with us, not at Asterisk, not in the media process."""

        async def idle() -> bool:
            status = self.manager.status()
            ours = (status["channels"], status["bridges"], status["media_ports"], status["conversations"], status["tasks"])
            return ours == (0, 0, 0, 0, 0) and not await self.ari.list_bridges() and not await self.ari.list_channels()

        await until(idle, timeout_s, "nothing left")

    def seen(self, name: str) -> list[AmiEvent]:
        return [event for event in self.events if event.get("UserEvent") == name]

    async def call(self, index: int = -1) -> dict[str, Any]:
        """The record of the last call begun."""
        calls = await self.records.list_calls(1000)
        found = await self.records.get_call(str(sorted(calls, key=lambda c: str(c["started_at"]))[index]["id"]))
        assert found is not None
        return found


def settings_for(pbx: Pbx, **calls: Any) -> Settings:
    return Settings(
        sip=SipSettings(rtp_first=pbx.rtp_first, rtp_last=pbx.rtp_last),
        asterisk=AsteriskSettings(app=APP, http_port=pbx.http, ami_port=pbx.ami),
        media=MediaSettings(),
        calls=CallSettings(**calls),
    )


@contextlib.asynccontextmanager
async def service(
    pbx: Pbx,
    folder: Path,
    *,
    ports: int = 16,
    records: MemoryRecords | None = None,
    company: TransferTalks | None = None,
    maintenance: Callable[[], bool] = lambda: False,
    **calls: Any,
) -> AsyncIterator[Rig]:
    """``company``: callers stay with it until a person takes them; None: they go into the queue."""
    records = records or MemoryRecords()
    async with media_process(folder, ports) as media, pbx.client() as ari:
        with contextlib.closing(_Stack()) as stack:
            rig = _build(pbx, ari, media, records, folder, calls, stack, company, maintenance)
            await until(lambda: not rig.manager.not_ready(), 8)
            try:
                yield rig
            except BaseException:
                for call in await records.list_calls(20):
                    print(await records.get_call(str(call["id"])))  # noqa: T201 - shown by pytest beside the failure
                for channel in await ari.list_channels():  # the next test shares this Asterisk
                    await ari.hangup(channel.id)
                raise
            finally:
                await rig.manager.close()
                await stack.stop()


class _Stack:
    """Tasks that end with the rig."""

    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def close(self) -> None:
        assert all(task.done() for task in self.tasks)


def _build(
    pbx: Pbx,
    ari: AriClient,
    media: Media,
    records: MemoryRecords,
    folder: Path,
    calls: dict[str, Any],
    stack: _Stack,
    company: TransferTalks | None,
    maintenance: Callable[[], bool],
) -> Rig:
    ami = AmiClient("127.0.0.1", pbx.proxied_ami or pbx.ami, "patchcord", SECRET, events="agent,user")
    talks: list[KeyTalk] = []
    events: list[AmiEvent] = []
    ami.on_event("UserEvent", events.append)

    def converse(
        *,
        agent: str,
        number: str,
        caller: str,
        call_id: str,
        line: Line,
        sink: Sink,
        resume: Resume | None,
        watch: Watch | None = None,
        language: str = "",
    ) -> KeyTalk:
        if agent == "nobody":
            raise LookupError("no such agent")
        talks.append(KeyTalk(line, sink, resume))
        return talks[-1]

    registry, asks = CollectorRegistry(), Asks()
    manager = CallManager(
        ManagerDeps(
            settings=settings_for(pbx, **calls),
            ari=ari,
            ami=ami,
            connect_media=lambda: MediaLink.connect(media.socket, 0.3),
            writer=records,
            conversations=converse,
            talks=company,
            recording_questions=asks,
            metrics=CallMetrics(registry),
            reader=records,
            maintenance=maintenance,
            recordings=folder / "recordings",
        )
    )
    stack.tasks += [asyncio.create_task(ami.run()), asyncio.create_task(manager.run())]
    return Rig(pbx, ari, ami, manager, records, media, talks, events, registry, stack, asks)
