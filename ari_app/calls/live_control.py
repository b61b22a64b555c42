"""What a supervisor does about a live call. Implements ``handoff.desk.floor.actions.CallActions``."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ari_app.ami.port import AmiError, AmiPort
from ari_app.ari.client import AriClient
from ari_app.ari.errors import AriError, Gone
from ari_app.calls.actor import CallActor
from ari_app.calls.conversations import Conversation
from ari_app.calls.record import CallRecord
from ari_app.calls.recording import Recorder
from ari_app.calls.steps import SendOn, State
from handoff.desk.floor.actions import ControlAway, NoSuchCall, NotPossible
from handoff.transfer_steps import Withdraw

LISTENER_PREFIX: Final = "patchcord-listen-"
_RING_S: Final = 30
_HOW: Final = {"listen": "q", "whisper": "qw", "barge": "qB"}
"""Options of ChanSpy: ``q`` without its beep, ``w`` heard by the channel that is listened to, ``B`` by both sides."""


@dataclass(frozen=True, slots=True)
class Switchboard:
    """What it takes to do something about calls."""

    ari: AriClient
    ami: AmiPort
    recorder: Recorder | None
    find: Callable[[str], CallActor | None]
    """The call with this id."""
    app: str
    """Our Stasis application: it is told when a listener hangs up."""


class LiveControl:
    """``connect`` comes when calls are served; until then every action is refused."""

    def __init__(self) -> None:
        self._board: Switchboard | None = None

    def connect(self, board: Switchboard) -> None:
        self._board = board

    @property
    def _switchboard(self) -> Switchboard:
        if self._board is None:
            raise ControlAway("The worker is still starting. Try again in a few seconds.")
        return self._board

    async def say(self, call_id: str, text: str, *, by: str) -> str:
        actor = self._talking(call_id)
        actor.record.note("supervisor_said", by=by)
        _talk_of(actor).say(text)
        return "The agent says it next."

    async def instruct(self, call_id: str, text: str, *, by: str) -> str:
        actor = self._talking(call_id)
        actor.record.note("supervisor_instructed", by=by)
        _talk_of(actor).instruct(text)
        return "The agent has been told."

    async def transfer(self, call_id: str, *, queue: str = "", phone: str = "", by: str) -> str:
        actor = self._actor(call_id)
        if actor.state is State.OUTSIDE:
            await self._redirect(actor, *(("patchcord-phones", phone) if phone else ("patchcord-queue", queue)))
        elif transfers := actor.transfers():
            transfers[-1].post(Withdraw(queue=queue, phone=phone))
        elif phone:
            self._talking(call_id).post(SendOn("supervisor", phone=phone))
        else:
            _talk_of(self._talking(call_id)).transfer(queue, "supervisor")
        actor.record.note("supervisor_transferred", by=by, queue=queue, phone=phone)
        return "The caller is on the way."

    async def end(self, call_id: str, *, by: str) -> str:
        actor = self._actor(call_id)
        actor.record.note("supervisor_ended", by=by)
        if actor.state is State.TALKING and not actor.transfers():
            _talk_of(actor).end("ended_by_supervisor", after_sentence=True)
            return "The agent ends the call after its sentence."
        try:
            if isinstance(await self._switchboard.ari.hangup(actor.record.facts.channel_id), Gone):
                raise NoSuchCall(call_id)
        except AriError as error:
            raise ControlAway(str(error)) from error
        return "The call is over."

    async def pause_recording(self, call_id: str, *, by: str) -> str:
        return await self._blind(call_id, True, by)

    async def resume_recording(self, call_id: str, *, by: str) -> str:
        return await self._blind(call_id, False, by)

    async def listen(self, call_id: str, phone: str, *, by: str) -> str:
        return await self._enter("listen", call_id, phone, by)

    async def whisper(self, call_id: str, phone: str, *, by: str) -> str:
        return await self._enter("whisper", call_id, phone, by)

    async def barge(self, call_id: str, phone: str, *, by: str) -> str:
        return await self._enter("barge", call_id, phone, by)

    async def take_over(self, call_id: str, phone: str, *, by: str) -> str:
        await self.transfer(call_id, phone=phone, by=by)
        return "Your phone rings."

    def _actor(self, call_id: str) -> CallActor:
        actor = self._switchboard.find(call_id)
        if actor is None or actor.state in (State.ENDING, State.ENDED):
            raise NoSuchCall(call_id)
        return actor

    def _talking(self, call_id: str) -> CallActor:
        actor = self._actor(call_id)
        if actor.state not in (State.TALKING, State.TRANSFERRING):
            raise NotPossible("The caller is not with the agent now; a person can be whispered to.")
        return actor

    async def _redirect(self, actor: CallActor, context: str, extension: str) -> None:
        try:
            if not await self._switchboard.ami.redirect(actor.record.facts.channel_name, context, extension):
                raise NotPossible("Asterisk could not move the call; it may have ended.")
        except AmiError as error:
            raise ControlAway(str(error)) from error

    async def _blind(self, call_id: str, blind: bool, by: str) -> str:
        actor = self._actor(call_id)
        recorder = self._switchboard.recorder
        if recorder is None:
            raise NotPossible("Calls are not recorded (calls.record is off).")
        if actor.record.recording_state == "off":
            raise NotPossible(f"This call is not recorded{_why_not(actor.record)}.")
        actor.record.note("supervisor_recording", by=by, paused=blind)
        if not await recorder.blind(actor.record, blind):
            raise ControlAway("Asterisk did not obey; see the call's events for how the recording stands.")
        return "The recording is silent." if blind else "The recording goes on."

    async def _enter(self, how: str, call_id: str, phone: str, by: str) -> str:
        actor = self._actor(call_id)
        heard = actor.record.facts.channel_name
        if how == "whisper":
            heard = await self._person_of(actor)
        listener = LISTENER_PREFIX + secrets.token_hex(8)
        try:
            made = await self._switchboard.ari.originate_in_dialplan(
                f"Local/{phone}@patchcord-members",
                "patchcord-listen",
                "s",
                listener,
                caller_id=f'"Patchcord: {how}" <{phone}>',
                timeout_s=_RING_S,
                variables={"PATCHCORD_HEARD": heard, "PATCHCORD_HOW": _HOW[how]},
            )
        except AriError as error:
            raise ControlAway(str(error)) from error
        if isinstance(made, Gone):
            raise NotPossible(f"The phone {phone} cannot be rung: is it registered?")
        actor.record.entered(listener, by, phone, how)
        try:
            await self._switchboard.ari.subscribe_channel(self._switchboard.app, listener)
        except AriError as error:
            raise ControlAway(str(error)) from error
        return "Your phone rings; what you hear begins when you answer."

    async def _person_of(self, actor: CallActor) -> str:
        """The name of the channel of the person with whom the caller is."""
        try:
            for bridge in await self._switchboard.ari.list_bridges() if actor.state is State.OUTSIDE else ():
                others = [ident for ident in bridge.channels if ident != actor.person_faces]
                if actor.person_faces in bridge.channels and others:
                    found = await self._switchboard.ari.get_channel(others[0])
                    if not isinstance(found, Gone):
                        return found.name
        except AriError as error:
            raise ControlAway(str(error)) from error
        raise NotPossible("No person is on this call. To tell the agent something, steer it.")


def _why_not(record: CallRecord) -> str:
    """Why a recording has not begun, as the end of a sentence."""
    if record.recording_awaits == "notice":
        return " yet: the caller has not been told"
    if record.recording_consent == "refused":
        return ": the caller did not agree"
    return " yet: the caller has not agreed" if record.recording_awaits else ""


def _talk_of(actor: CallActor) -> Conversation:
    talk = actor.talk
    if talk is None:
        raise NotPossible("The agent has not begun to talk, or has just ended. Try again in a second.")
    return talk
