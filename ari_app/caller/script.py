"""What the scripted caller says and does, step by step, and the player that performs it on a call."""

import asyncio
import random
import time
import wave
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import soxr

from agents.audio import RATE, Pcm
from ari_app.caller.listener import CallOver, Listener, TurnTimeout
from ari_app.caller.rtp_frames import Playback
from ari_app.caller.rtp_session import RtpSession
from ari_app.caller.sip_message import SipError
from ari_app.media.g711 import RATE as LINE_RATE

Synthesize: TypeAlias = Callable[[str], Awaitable[Pcm]]
"""Text to mono int16 at 16 kHz."""


class ScriptError(SipError):
    """The script cannot be performed; the message names the step and the remedy."""


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a text, or a WAV file when ``text`` is a Path."""

    text: str | Path
    wait: bool = True
    """Wait for our turn first; False talks at once."""


@dataclass(frozen=True, slots=True)
class Key:
    """Press keys."""

    digits: str | Callable[[], str]
    """A function is called in a thread when it is time to press, for what is known only then, such as a one-time code."""
    wait: bool = True


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: float


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Speak over the agent, ``after_s`` after it has begun its turn (in a pause of its own: as soon as it goes on)."""

    after_s: float
    text: str | Path


@dataclass(frozen=True, slots=True)
class Hangup:
    wait: bool = True
    """Hear the agent out first."""


@dataclass(frozen=True, slots=True)
class AfterAgent:
    """When the agent has spoken since our last sound and then been quiet for ``quiet_s``."""

    quiet_s: float = 0.6
    limit_s: float | None = None
    """Play all the same after so long; None: the script stops at ``Patience.limit``."""


@dataclass(frozen=True, slots=True)
class AfterOnset:
    """So long after the first speech frame of the agent's turn that is going on, or else of its next one, whether it pauses or not.

    A turn is told from a click by 3 speech frames: an offset below 60 ms becomes 60 ms. The packet is the first one due at or after it.
    """

    offset_s: float
    limit_s: float | None = None
    """Play all the same when no turn begins for so long; None: the script stops at ``Patience.limit``."""


@dataclass(frozen=True, slots=True)
class AtOnce:
    """With the next packet."""


@dataclass(frozen=True, slots=True, eq=False)
class Play:
    """Play prepared audio, whatever it is, at an exact moment. Goes on when its last packet has left."""

    pcm: Pcm
    """int16 at 8 kHz, not empty."""
    when: AfterAgent | AfterOnset | AtOnce = field(default_factory=AtOnce)
    label: str = ""
    """Comes back in ``Spoken.label``."""
    text: str = ""


Step: TypeAlias = Say | Key | Wait | AfterOnset | Interrupt | Play | Hangup
"""``AfterOnset`` as a step of its own: listen so far into the agent's turn, then go on."""
StepKind: TypeAlias = Literal["say", "key", "interrupt", "play"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the caller did: the ground truth for its side of the transcript."""

    kind: StepKind
    text: str
    start_ns: int
    """First packet left (``Sent.at_ns``)."""
    end_ns: int
    """Last packet left, quiet at the sound's end included."""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How the caller takes turns, in seconds."""

    quiet_least: float = 0.6
    quiet_most: float = 0.9
    limit: float = 20.0
    """Longest wait for a turn."""
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.quiet_least <= self.quiet_most:
            raise ValueError(f"quiet_least {self.quiet_least} must lie between 0 and quiet_most {self.quiet_most}")


def read_wav(path: Path) -> Pcm:
    """Any 16-bit PCM WAV as mono at 8 kHz. Raises ScriptError."""
    try:
        with wave.open(str(path), "rb") as file:
            if file.getsampwidth() != 2:
                raise ScriptError(f"{path}: {8 * file.getsampwidth()}-bit samples; convert it to 16-bit PCM WAV")
            channels, rate = file.getnchannels(), file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, channels)
    except (OSError, EOFError, wave.Error) as error:
        raise ScriptError(f"{path}: cannot be read as a WAV file ({error}); give a 16-bit PCM WAV") from error
    return to_line_rate(samples.mean(axis=1).astype(np.int16), rate)


def to_line_rate(pcm: Pcm, rate: int) -> Pcm:
    """Whole utterance to 8 kHz."""
    return pcm if rate == LINE_RATE else np.asarray(soxr.resample(pcm, rate, LINE_RATE), dtype=np.int16)


async def prepare(steps: Sequence[Step], synthesize: Synthesize | None) -> dict[str | Path, Pcm]:
    """All speech of a script at 8 kHz, made before the call so that synthesis delays nothing. Raises ScriptError."""
    speech: dict[str | Path, Pcm] = {}
    for step in steps:
        if not isinstance(step, Say | Interrupt) or step.text in speech:
            continue
        if isinstance(step.text, Path):
            speech[step.text] = await asyncio.to_thread(read_wav, step.text)
        elif synthesize is None:
            raise ScriptError(f"no voice to say {step.text!r}; give WAV files instead")
        else:
            speech[step.text] = trim(to_line_rate(await synthesize(step.text), RATE))
        if not len(speech[step.text]):
            raise ScriptError(f"{step.text}: there is no audio in it")
    return speech


def trim(pcm: Pcm, limit: int = 100) -> Pcm:
    """Without the silence that voices put around a sentence; ``limit`` is the least amplitude that counts."""
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > limit)
    return pcm[max(0, loud[0] - 80) : loud[-1] + 400] if len(loud) else pcm


@dataclass(slots=True)
class Performance:
    """Plays a script on one call."""

    session: RtpSession
    listener: Listener
    ended: asyncio.Event
    speech: dict[str | Path, Pcm]
    patience: Patience = field(default_factory=Patience)
    spoken: list[Spoken] = field(default_factory=list)
    problem: str | None = None
    """Why the script stopped early, None when it ran to its end or the agent hung up."""
    _random: random.Random = field(default_factory=random.Random)
    _turn_from: int = 0

    async def run(self, steps: Sequence[Step]) -> None:
        """Returns when the caller should hang up, or the call is over already."""
        self._random.seed(self.patience.seed)
        try:
            for step in steps:
                await self._perform(step)
                if isinstance(step, Hangup):
                    return
        except CallOver:
            return
        except TurnTimeout as error:
            self.problem = str(error)

    async def _perform(self, step: Step) -> None:
        if isinstance(step, Wait):
            await self._sleep(step.seconds)
        elif isinstance(step, AfterOnset):
            await self._sleep(await self._moment(step) / 1e9 - time.monotonic())
        elif isinstance(step, Interrupt):
            await self._interrupt(step)
        elif isinstance(step, Play):
            start_ns = await self._moment(step.when)
            await self._follow("play", step.text, self.session.play(step.pcm, start_ns), step.label)
        else:
            if step.wait:
                await self._my_turn()
            if isinstance(step, Say):
                await self._follow("say", str(step.text), self.session.play(self.speech[step.text]))
            elif isinstance(step, Key):
                digits = step.digits if isinstance(step.digits, str) else await asyncio.to_thread(step.digits)
                await self._follow("key", digits, self.session.press(digits))

    async def _my_turn(self) -> None:
        quiet = self._random.uniform(self.patience.quiet_least, self.patience.quiet_most)
        await self.listener.quiet_after_speech(self._turn_from, quiet, self.patience.limit)

    async def _interrupt(self, step: Interrupt) -> None:
        start = await self.listener.speaking_since(self._turn_from, self.patience.limit)
        await self._sleep(start / 1e9 + step.after_s - time.monotonic())
        # Between two sentences there is nothing to interrupt: wait for the voice to be there again.
        await self.listener.speaking_since(self._turn_from, self.patience.limit)
        await self._follow("interrupt", str(step.text), self.session.play(self.speech[step.text]))

    async def _moment(self, when: AfterAgent | AfterOnset | AtOnce) -> int:
        """When to begin to play, in ns; 0: at once."""
        if isinstance(when, AtOnce):
            return 0
        limit = self.patience.limit if when.limit_s is None else when.limit_s
        try:
            if isinstance(when, AfterOnset):
                return await self.listener.speaking_since(self._turn_from, limit) + round(when.offset_s * 1e9)
            await self.listener.quiet_after_speech(self._turn_from, when.quiet_s, limit)
        except TurnTimeout:
            if when.limit_s is None:
                raise
        return 0

    async def _follow(self, kind: StepKind, text: str, playback: Playback, label: str = "") -> None:
        while not playback.done:
            if self.ended.is_set():
                raise CallOver
            await asyncio.sleep(0.005)
        end = playback.finished_ns or time.monotonic_ns()
        self.spoken.append(Spoken(kind, text, playback.started_ns or end, end, label))
        self._turn_from = end

    async def _sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        try:
            await asyncio.wait_for(self.ended.wait(), seconds)
        except TimeoutError:
            return
        raise CallOver
