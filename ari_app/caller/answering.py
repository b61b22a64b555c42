"""A scripted person with a telephone: registers, waits, answers as told, speaks, records."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from agents.audio import Pcm
from ari_app.caller import sdp
from ari_app.caller.calling import dialled
from ari_app.caller.dialog import Dialog
from ari_app.caller.incoming import IncomingCall
from ari_app.caller.leg import Leg, MediaOffer
from ari_app.caller.listener import Listener
from ari_app.caller.outcome import CallFailed
from ari_app.caller.recording import Sides, sides
from ari_app.caller.rtp_session import Misbehaviour, RtpSession
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.sip_message import Headers
from ari_app.caller.user_agent import SipTarget, UserAgent
from ari_app.media.g711 import Law

Reaction: TypeAlias = Literal["answer", "decline", "busy", "ignore"]
"""``ignore`` rings until the caller gives up."""
_GIVEN_ON_S = 10.0
"""A telephone that transfers hears within this whether it worked, and hangs up."""
_REFUSALS = {"decline": (603, "Decline"), "busy": (486, "Busy Here")}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the person does with each call."""

    reaction: Reaction = "answer"
    ring_s: float = 1.0
    """Rings for so long before the reaction."""
    speech: Pcm | None = None
    """Spoken after the answer: int16 at 8 kHz."""
    speak_after_s: float = 0.5
    keys: tuple[tuple[float, str], ...] = ()
    """Pressed so many seconds after the answer, such as ``((2.0, "1"),)`` to accept a caller who is announced."""
    give_on: tuple[float, str] | None = None
    """Transfers the call to a number so many seconds after the answer: ``(4.0, "2002")``."""
    first_talk_s: float | None = None
    """With ``give_on``: puts the caller on hold, talks to whoever answers there for so long, and joins both; None: does not ask first."""
    hangup_after_s: float | None = None
    """Seconds after the answer; None leaves it to the other side."""
    laws: tuple[Law, ...] = ("ulaw", "alaw")
    misbehaviour: Misbehaviour = field(default_factory=Misbehaviour)


@dataclass(eq=False)
class TakenCall:
    """One call that reached the person, answered or not."""

    call: IncomingCall
    session: RtpSession
    listener: Listener
    finished: asyncio.Event
    pressed_at: list[float] = field(default_factory=list)
    """``time.monotonic()`` of each key of the behaviour."""

    given_on: int | None = None
    """What the other side answered to the transfer of the behaviour, or to the call before it: 202 when it accepted."""

    @property
    def headers(self) -> Headers:
        """Everything on the INVITE, such as ``X-Patchcord-Card``."""
        return self.call.headers

    @property
    def caller(self) -> tuple[str, str]:
        """Display name and number."""
        return self.call.caller

    @property
    def answered(self) -> bool:
        return self.call.times.answered is not None

    def recording(self) -> Sides:
        """Both sides: ``caller`` is what the person sent, ``agent`` what it heard."""
        return sides(self.session.log)


class Person:
    """Takes calls until closed; see ``on_duty``. ``behaviour`` may be changed between calls."""

    def __init__(self, agent: UserAgent, threads: RtpThreads, behaviour: Behaviour) -> None:
        self.agent = agent
        self.behaviour = behaviour
        self.calls: list[TakenCall] = []
        self._threads = threads
        self._arrived = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    async def call(self, index: int = 0, limit_s: float = 30.0) -> TakenCall:
        """Wait for the call with this index. Raises TimeoutError."""
        async with asyncio.timeout(limit_s), self._arrived:
            await self._arrived.wait_for(lambda: len(self.calls) > index)
        return self.calls[index]

    async def run(self) -> None:
        """Take calls, several at once if they come, until cancelled; then end them."""
        try:
            while True:
                incoming = await self.agent.incoming.get()
                taken = self._take(incoming)
                task = asyncio.create_task(self._attend(taken, self.behaviour), name="person on a call")
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                async with self._arrived:
                    self.calls.append(taken)
                    self._arrived.notify_all()
        finally:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _take(self, incoming: IncomingCall) -> TakenCall:
        session = RtpSession(self._threads, self.agent.local[0], self.behaviour.misbehaviour)
        return TakenCall(incoming, session, Listener(session, incoming.ended), asyncio.Event())

    async def _attend(self, taken: TakenCall, behaviour: Behaviour) -> None:
        try:
            taken.call.ring()
            if await _over_within(taken.call, behaviour.ring_s):
                return
            if behaviour.reaction in _REFUSALS:
                taken.call.reject(*_REFUSALS[behaviour.reaction])
            elif behaviour.reaction == "ignore":
                await taken.call.ended.wait()
            else:
                await self._talk(taken, behaviour)
        finally:
            await self.agent.release(taken.call)
            taken.session.close()
            taken.finished.set()

    async def _talk(self, taken: TakenCall, behaviour: Behaviour) -> None:
        session = taken.session

        def on_media(remote: sdp.RemoteAudio) -> None:
            session.muted = remote.direction in ("sendonly", "inactive")
            session.start((remote.host, remote.port), remote.select(behaviour.laws), remote.event_type)

        with contextlib.suppress(sdp.SdpError):  # refused with 488: the caller learns it from that
            taken.call.answer(MediaOffer(session.host, session.port, behaviour.laws, behaviour.misbehaviour.packet_ms), on_media)
        async with asyncio.TaskGroup() as doing:
            doing.create_task(self._speak(taken, behaviour))
            doing.create_task(self._press(taken, behaviour))
            doing.create_task(self._give_on(taken, behaviour))
            await _over_within(taken.call, behaviour.hangup_after_s)

    @staticmethod
    async def _speak(taken: TakenCall, behaviour: Behaviour) -> None:
        if behaviour.speech is not None and not await _over_within(taken.call, behaviour.speak_after_s):
            taken.session.play(behaviour.speech)

    @staticmethod
    async def _press(taken: TakenCall, behaviour: Behaviour) -> None:
        answered = time.monotonic()
        for after_s, digits in behaviour.keys:
            if await _over_within(taken.call, max(0.0, answered + after_s - time.monotonic())):
                return
            taken.pressed_at.append(time.monotonic())
            taken.session.press(digits)

    async def _give_on(self, taken: TakenCall, behaviour: Behaviour) -> None:
        if behaviour.give_on is None or await _over_within(taken.call, behaviour.give_on[0]):
            return
        number = behaviour.give_on[1]
        if behaviour.first_talk_s is None:
            await self._refer(taken, number)
            return
        await taken.call.hold()
        taken.session.muted = True
        async with dialled(self.agent, self._threads, number) as line:
            try:
                await line.leg.answered()
            except CallFailed as error:
                taken.given_on = error.status
                return
            if not await _over_within(line.leg, behaviour.first_talk_s):
                await self._refer(taken, number, line.leg.dialog)

    async def _refer(self, taken: TakenCall, number: str, instead_of: Dialog | None = None) -> None:
        target = self.agent.target
        taken.given_on = await taken.call.refer(f"sip:{number}@{target.host}:{target.port}", instead_of)
        if taken.given_on == 202:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(taken.call.given_on.wait(), _GIVEN_ON_S)
            await taken.call.hangup()


async def _over_within(call: Leg, seconds: float | None) -> bool:
    try:
        await asyncio.wait_for(call.ended.wait(), seconds)
    except TimeoutError:
        return False
    return True


@contextlib.asynccontextmanager
async def on_duty(target: SipTarget, behaviour: Behaviour | None = None) -> AsyncIterator[Person]:
    """Register ``target.user`` and take calls inside the block. Raises CallFailed when the registration is refused."""
    with RtpThreads() as threads:
        async with await UserAgent.open(target) as agent:
            await agent.register()
            person = Person(agent, threads, behaviour or Behaviour())
            task = asyncio.create_task(person.run(), name="person on duty")
            try:
                yield person
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
