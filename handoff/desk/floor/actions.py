"""What may be done to a live call: the seam between the desk and the process that holds the calls, and how it is refused.

ActionError
├── NoSuchCall      the call has ended, or never was
├── NotPossible     not in the state that the call is in; the text says why and what would help
├── NotUnderstood   a value is missing or wrong
└── ControlAway     the process that holds the calls does not answer, or refuses the desk; the call goes on without us
"""

from typing import Annotated, Final, Protocol

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator


class ActionError(Exception):
    """The text is for the supervisor."""


class NoSuchCall(ActionError):
    def __init__(self, call_id: str = "") -> None:
        super().__init__("This call has ended." if not call_id else f"There is no live call {call_id}: it has ended.")


class NotPossible(ActionError):
    pass


class NotUnderstood(ActionError):
    pass


class ControlAway(ActionError):
    pass


class CallActions(Protocol):
    """``by`` is the supervisor's name, for the call's record and for those who may see who listens.

    Each returns what to tell the supervisor, in one sentence (may be empty), as soon as it is under way. Raises ActionError.
    """

    async def say(self, call_id: str, text: str, *, by: str) -> str:
        """The agent says ``text`` next, as it stands."""
        ...

    async def instruct(self, call_id: str, text: str, *, by: str) -> str:
        """A private instruction to the agent; the caller does not hear it."""
        ...

    async def transfer(self, call_id: str, *, queue: str = "", phone: str = "", by: str) -> str:
        """To a person now: of a queue, or at a phone account. Exactly one of the two."""
        ...

    async def end(self, call_id: str, *, by: str) -> str: ...

    async def pause_recording(self, call_id: str, *, by: str) -> str: ...

    async def resume_recording(self, call_id: str, *, by: str) -> str: ...

    async def listen(self, call_id: str, phone: str, *, by: str) -> str:
        """Rings ``phone``, an account at Asterisk, which then hears both sides and is heard by none."""
        ...

    async def whisper(self, call_id: str, phone: str, *, by: str) -> str:
        """As ``listen``, and the member hears the supervisor; the caller does not. NotPossible while there is no member."""
        ...

    async def barge(self, call_id: str, phone: str, *, by: str) -> str:
        """As ``listen``, and everybody hears the supervisor."""
        ...

    async def take_over(self, call_id: str, phone: str, *, by: str) -> str:
        """The supervisor speaks with the caller in place of the agent or member."""
        ...


_Line = StringConstraints(strip_whitespace=True, min_length=1)


class Body(BaseModel):
    """Of every action."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    by: Annotated[str, _Line, Field(max_length=80)]


class TextBody(Body):
    text: Annotated[str, _Line, Field(max_length=600)]


class PhoneBody(Body):
    phone: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


class TransferBody(Body):
    queue: str = Field("", pattern=r"^([A-Za-z0-9][A-Za-z0-9_-]{0,63})?$")
    phone: str = Field("", pattern=r"^([A-Za-z0-9][A-Za-z0-9_.-]{0,63})?$")

    @model_validator(mode="after")
    def _one_target(self) -> "TransferBody":
        if bool(self.queue) is bool(self.phone):
            raise ValueError("name either a queue or a phone")
        return self


BODIES: Final[dict[str, type[Body]]] = {
    "say": TextBody,
    "instruct": TextBody,
    "transfer": TransferBody,
    "end": Body,
    "pause_recording": Body,
    "resume_recording": Body,
    "listen": PhoneBody,
    "whisper": PhoneBody,
    "barge": PhoneBody,
    "take_over": PhoneBody,
}
"""By action, which is also the name of the method."""


async def perform(control: CallActions, action: str, call_id: str, body: Body) -> str:
    """Raises ActionError, and KeyError for an action that does not exist."""
    match BODIES[action], body:
        case _, TextBody(text=text, by=by):
            return await (control.say if action == "say" else control.instruct)(call_id, text, by=by)
        case _, TransferBody(queue=queue, phone=phone, by=by):
            return await control.transfer(call_id, queue=queue, phone=phone, by=by)
        case _, PhoneBody(phone=phone, by=by):
            entering = {"listen": control.listen, "whisper": control.whisper, "barge": control.barge, "take_over": control.take_over}
            return await entering[action](call_id, phone, by=by)
    plain = {"end": control.end, "pause_recording": control.pause_recording, "resume_recording": control.resume_recording}
    return await plain[action](call_id, by=body.by)
