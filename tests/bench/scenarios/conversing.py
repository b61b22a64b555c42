"""One call: dials, lets the caller hear and speak, and brings back what was heard and said."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal

from ari_app.caller.calling import Line, Manner, dialled
from ari_app.caller.listener import CallOver
from ari_app.caller.recording import Sides, sides
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.sip_message import SipError
from ari_app.caller.user_agent import SipTarget, UserAgent
from tests.bench.scenarios.case import Case, Scenario
from tests.bench.scenarios.ear import Ear, Recognise
from tests.bench.scenarios.mouth import Mouth
from tests.bench.scenarios.moves import Leave, Move, Press, PressCode, Speak
from tests.bench.scenarios.persona import Caller
from tests.bench.scenarios.questions import Topic, question
from tests.bench.scenarios.second_hearing import mended
from tests.bench.scenarios.wordings import Wordings, text_of
from tests.bench.turns.voices import Voices

MOST_S: Final = 180.0
ANSWER_S: Final = 15.0
_SILENCE_S: Final = 11.0
"""Longer than any wait of the agent before it asks again."""
_SILENT_CALLER_S: Final = 60.0
_CODE_WAIT_S: Final = 2.0

Code = Callable[[str], Awaitable[str]]
"""Phone to the one-time code sent to it."""
Said = Callable[[Case], Awaitable[Sequence[str]]]
"""The agent's latest turns by the service's own record, as far as they are written yet."""


@dataclass(frozen=True, slots=True)
class Told:
    who: Literal["agent", "caller"]
    text: str
    at_ms: int
    """Since the call was answered."""


@dataclass(slots=True)
class Talk:
    """What came of a call on the caller's side."""

    case: Case
    told: list[Told] = field(default_factory=list)
    """The agent's words as the caller heard them."""
    ended: str = ""
    """Why it was over."""
    believed: bool = False
    seconds: float = 0.0
    answered: bool = False
    sound: Sides | None = None


@dataclass(slots=True)
class Telephone:
    """What all calls of a run share."""

    target: SipTarget
    number: Callable[[Case], str]
    voices: Voices
    recognise: Recognise
    wordings: Wordings
    code: Code
    said: Said
    today: date

    async def call(self, case: Case, threads: RtpThreads) -> Talk:
        """Never longer than MOST_S; whatever goes wrong with the line is told in ``Talk.ended``."""
        talk = Talk(case)
        target = replace(self.target, caller_id=case.phone, display="Caller")
        try:
            async with await UserAgent.open(target) as agent, dialled(agent, threads, self.number(case), Manner(laws=("ulaw",))) as line:
                await asyncio.wait_for(line.leg.answered(), ANSWER_S)
                talk.answered = True
                began = time.monotonic()
                try:
                    await asyncio.wait_for(self._converse(line, case, talk), MOST_S)
                except CallOver:
                    talk.ended = talk.ended or "the agent hung up"
                except TimeoutError:
                    talk.ended = f"longer than {MOST_S:g} s"
                talk.seconds = time.monotonic() - began
                talk.sound = await asyncio.to_thread(sides, line.session.log)
        except (SipError, TimeoutError) as error:
            talk.ended = str(error) or f"not answered within {ANSWER_S:g} s"
        return talk

    async def _converse(self, line: Line, case: Case, talk: Talk) -> None:
        caller, ear, mouth = Caller(case, self.wordings, self.today), Ear(line, self.recognise), Mouth(case, self.voices)
        chance, began = random.Random(f"{case.seed} pauses"), time.monotonic()

        def note(who: Literal["agent", "caller"], text: str) -> None:
            talk.told.append(Told(who, text, round(1000 * (time.monotonic() - began))))

        while True:
            text = await self._heard(ear, case, note)
            move = caller.hear(text) if text else caller.silence()
            talk.believed = caller.belief
            if isinstance(move, Leave):
                talk.ended = move.why
                await _over(line, move.after_s)
                return
            if move is not None:
                await asyncio.sleep(chance.uniform(0.0, 0.3))
                note("caller", await self._make(move, line, mouth))
                ear.spoke()

    async def _heard(self, ear: Ear, case: Case, note: Callable[[Literal["agent", "caller"], str], None]) -> str:
        """What the agent says up to a pause; more when it goes on while that is thought about, unless it is the end anyway."""
        limit_s = _SILENT_CALLER_S if case.scenario is Scenario.SILENCE else _SILENCE_S
        text = ""
        while True:
            words = await ear.listen(limit_s)
            if words:
                words = mended(words, await self.said(case))
                note("agent", words)
            text = f"{text} {words}".strip()
            asked = question(text)
            last = asked is not None and asked.topic in (Topic.HOLD, Topic.FAREWELL)
            if last or not words or not ear.speaks_on():
                return text

    async def _make(self, move: Move, line: Line, mouth: Mouth) -> str:
        """What the caller did, as it stands in the transcript: no card, no code."""
        match move:
            case Speak(parts):
                await line.say(await mouth.speech(parts))
                return text_of(parts)
            case Press(keys, secret):
                await _press(line, keys)
                return "[keys of the card]" if secret else f"[{keys}]"
            case PressCode():
                await asyncio.sleep(_CODE_WAIT_S)
                await _press(line, await self.code(mouth.phone))
                return "[the code]"
        raise TypeError(f"not for the telephone: {move}")


async def _press(line: Line, keys: str) -> None:
    playback = line.session.press(keys)
    while not playback.done and not line.leg.ended.is_set():
        await asyncio.sleep(0.01)


async def _over(line: Line, after_s: float) -> None:
    try:
        await asyncio.wait_for(line.leg.ended.wait(), after_s)
    except TimeoutError:
        return
