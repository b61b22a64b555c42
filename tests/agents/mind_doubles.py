"""A caller, a recogniser and a voice that exchange words inside the sound itself, and a rig that runs whole conversations."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from agents.audio import RATE, Pcm
from agents.conversation import Conversation, Resume
from agents.conversation.attention import NOBODY, Attention
from agents.flows.definition import AgentDefinition
from agents.llm.task import ModelTurns
from agents.stt.transcriber import Hint, Transcript, TranscriptionError
from agents.tools import ToolError, ToolInfo
from agents.transcript import JsonValue, Outcome, Turn
from agents.tts.speaker import SpeechError
from agents.turns.knobs import Layer, WaitLimits
from tests.agents.flows.small_desk import DESK
from tests.agents.virtual_time import run_virtual, virtual_clock
from tests.agents.watched_line import WatchedLine

_MARK = 30_001
SECONDS_PER_CHARACTER = 0.06
FRONT_DESK = DESK
FRIDAY_TEN = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def sound_of(text: str, seconds: float | None = None) -> Pcm:
    """Sound that carries its text: a mark, the length, the code points; then a steady level."""
    letters = [_MARK, len(text), *map(ord, text)]
    count = max(len(letters), round((seconds or max(0.3, len(text) * SECONDS_PER_CHARACTER)) * RATE))
    return np.array(letters + [1000] * (count - len(letters)), dtype=np.int16)


def texts_in(pcm: Pcm) -> list[str]:
    """Every text whose beginning lies within ``pcm``."""
    found = []
    for start in np.flatnonzero(pcm == _MARK):
        length = int(pcm[start + 1])
        found.append("".join(map(chr, pcm[start + 2 : start + 2 + length])))
    return found


class HonestTranscriber:
    """Understands ``sound_of``. ``fail`` takes what it raises, one per call; ``down`` lets all fail."""

    def __init__(self, takes_s: float = 0.05) -> None:
        self.name = "honest"
        self.takes_s = takes_s
        self.fail: list[Exception] = []
        self.down = False
        self.calls = 0
        self.hints: list[Hint] = []
        self.confidence: float | None = None

    async def transcribe(self, pcm: Pcm, hint: Hint = Hint.SPEECH) -> Transcript:
        self.calls += 1
        self.hints.append(hint)
        await asyncio.sleep(self.takes_s)
        if self.fail:
            raise self.fail.pop(0)
        if self.down:
            raise TranscriptionError("honest: told to be down")
        return Transcript(" ".join(texts_in(pcm)), self.takes_s, self.confidence)

    async def close(self) -> None:
        """Nothing to give back."""


class HonestSpeaker:
    """Speaks in ``sound_of``, in chunks of 0.2 s. ``fail_after`` sentences it raises SpeechError, for those in ``mute`` always."""

    def __init__(self, first_s: float = 0.1) -> None:
        self.name = "honest"
        self.first_s = first_s
        self.fail_after: int | None = None
        self.mute: set[str] = set()
        self.hang = False
        self.asked: list[str] = []

    async def speak(self, text: str) -> AsyncGenerator[Pcm, None]:
        self.asked.append(text)
        if text in self.mute or (self.fail_after is not None and len(self.asked) > self.fail_after):
            raise SpeechError("honest: told to fail")
        await asyncio.sleep(self.first_s)
        if self.hang:
            await asyncio.Event().wait()
        pcm = sound_of(text)
        for start in range(0, len(pcm), RATE // 5):
            yield pcm[start : start + RATE // 5]

    async def close(self) -> None:
        """Nothing to give back."""


ORDERS: Mapping[str, Mapping[str, JsonValue]] = {
    "45678": {"found": True, "status": "shipped", "item": "a desk lamp", "expected_on": "2026-11-27"},
    "74512": {"found": True, "status": "delivered", "item": "a kettle", "expected_on": ""},
}


class OrderBook:
    def __init__(self, takes_s: float = 0.02) -> None:
        self.takes_s = takes_s
        self.fail = False
        self.asked: list[tuple[str, Mapping[str, JsonValue]]] = []

    def describe(self, name: str) -> ToolInfo | None:
        return ToolInfo(name, "Looks an order up by its number.", safe=True) if name == "orders.find" else None

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        self.asked.append((name, arguments))
        await asyncio.sleep(self.takes_s)
        if self.fail:
            raise ToolError("told to fail")
        return ORDERS.get(str(arguments["number"]), {"found": False})


@dataclass
class Notes:
    """A Sink that keeps everything."""

    turns: list[Turn] = field(default_factory=list)
    events: list[tuple[str, float, Mapping[str, JsonValue]]] = field(default_factory=list)
    partials: list[str] = field(default_factory=list)
    questions: list[tuple[str, str]] = field(default_factory=list)

    def turn(self, turn: Turn) -> None:
        self.turns.append(turn)

    def event(self, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        self.events.append((kind, at, data))

    def partial(self, text: str, at: float) -> None:
        self.partials.append(text)

    def listens(self, node: str, question: str) -> None:
        self.questions.append((node, question))

    def said(self) -> list[str]:
        return [f"{turn.who}: {turn.text}" for turn in self.turns]

    def kinds(self) -> list[str]:
        return [kind for kind, _, _ in self.events]


@dataclass
class Rig:
    """One call in virtual time; the script is the caller."""

    line: WatchedLine
    notes: Notes = field(default_factory=Notes)
    transcriber: HonestTranscriber = field(default_factory=HonestTranscriber)
    speaker: HonestSpeaker = field(default_factory=HonestSpeaker)
    orders: OrderBook = field(default_factory=OrderBook)
    now: datetime = FRIDAY_TEN
    layers: list[Layer] = field(default_factory=list)
    limits: WaitLimits = field(default_factory=WaitLimits)
    resume: Resume | None = None
    agent: AgentDefinition = FRONT_DESK
    models: ModelTurns | None = None
    attention: Attention = NOBODY
    conversation: Conversation | None = None
    _heard: int = 0

    async def hears(self, words: str) -> str:
        """Wait until a sentence that contains ``words`` has been played to its end; sentences before it are skipped."""
        async with asyncio.timeout(60):
            while True:
                while self._heard < len(self.line.played):
                    text = " ".join(texts_in(self.line.played[self._heard][1]))
                    self._heard += 1
                    if words in text:
                        return text
                self.line.progress.clear()
                await self.line.progress.wait()

    async def begins(self, after_s: float = 0.0, words: str = "") -> str:
        """Wait until the agent speaks, a sentence with ``words`` if any are given, and ``after_s`` longer; its clip."""
        async with asyncio.timeout(60):
            while (clip := self.line.playing) is None or words not in self.text_of(clip):
                self.line.progress.clear()
                await self.line.progress.wait()
        await asyncio.sleep(after_s)
        return clip

    def text_of(self, clip: str) -> str:
        """The sentence that was given to the line as ``clip``."""
        return " ".join(texts_in(self.line.source(clip)))

    async def says(self, text: str, *, seconds: float | None = None, after_s: float = 0.3) -> None:
        await asyncio.sleep(after_s)
        await self.line.speak(sound_of(text, seconds))

    async def coughs(self, seconds: float = 0.2) -> None:
        """A sound without words that the line takes for a voice."""
        await self.line.speak(np.full(round(seconds * RATE), 900, dtype=np.int16))

    async def keys(self, digits: str, gap_s: float = 0.3) -> None:
        for digit in digits:
            await asyncio.sleep(gap_s)
            self.line.press(digit)


Script = Callable[[Rig], Awaitable[None]]


def converse(script: Script, prepare: Callable[[Rig], None] = lambda rig: None) -> tuple[Outcome, Rig]:
    """Run the rig's agent (the front desk) against ``script``; fails when the agent is not done 120 s after the script."""

    async def main() -> tuple[Outcome, Rig]:
        rig = Rig(WatchedLine(virtual_clock))
        prepare(rig)
        conversation = Conversation(
            rig.agent,
            rig.line,
            rig.transcriber,
            rig.speaker,
            rig.orders,
            rig.notes,
            rig.resume,
            now=lambda: rig.now,
            layers=rig.layers,
            limits=rig.limits,
            clock=virtual_clock,
            models=rig.models,
            attention=rig.attention,
        )
        rig.conversation = conversation
        running = asyncio.create_task(conversation.run())
        await script(rig)
        async with asyncio.timeout(120):
            outcome = await running
        await asyncio.sleep(0)
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task() and not task.done()]
        rig.line.hang_up()
        mine = [task for task in left if "MemoryLine" not in repr(task.get_coro())]
        assert not mine, f"tasks left behind: {mine}"
        return outcome, rig

    return run_virtual(main())
