"""Where a call can be led."""

import re
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from dialplan.errors import DialplanError
from dialplan.words import check_queue, check_word

_CONTEXT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,78}")
_EXTENSION: Final = re.compile(r"[A-Za-z0-9+*#_-]{1,78}")
_PRIORITY: Final = re.compile(r"[1-9][0-9]{0,3}|[a-z][a-z0-9-]{0,30}")
_PROMPT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*){0,6}")


def _agent(text: str) -> str:
    try:
        return check_word("agent", text)
    except DialplanError as error:
        raise ValueError(str(error)) from error


def _queue(text: str) -> str:
    try:
        return check_queue(text)
    except DialplanError as error:
        raise ValueError(str(error)) from error


def _goto(text: str) -> str:
    parts = [part.strip() for part in text.split(",")]
    if (
        len(parts) != 3
        or not _CONTEXT.fullmatch(parts[0])
        or not _EXTENSION.fullmatch(parts[1])
        or parts[1].startswith("_")
        or not _PRIORITY.fullmatch(parts[2])
    ):
        raise ValueError(
            f"'{text[:60]}' is no place in a dialplan; write context,extension,priority as plain words, e.g. ivr-main,s,1 "
            "(no variables: the caller must not choose where it leads)"
        )
    if parts[0].startswith("patchcord-"):
        raise ValueError(f"'{parts[0]}' is Patchcord's own; name a context of your dialplan, or use agent: or queue:")
    return ",".join(parts)


def _prompt(text: str) -> str:
    if len(text) > 120 or _PROMPT.fullmatch(text) is None:
        raise ValueError(f"'{text[:60]}' is no name of a prompt; write it as Playback() takes it, without ending: custom/we-are-closed")
    return text


def _about(text: str) -> str:
    if any(ord(letter) < 32 or letter in ";\x7f\x85\u2028\u2029" for letter in text):
        raise ValueError("holds a line break, a control character or a semicolon, which would end the comment in the dialplan; remove it")
    return text


About = Annotated[str, AfterValidator(_about)]
AgentName = Annotated[str, AfterValidator(_agent)]
QueueName = Annotated[str, AfterValidator(_queue)]
Place = Annotated[str, AfterValidator(_goto)]
Prompt = Annotated[str, AfterValidator(_prompt)]


class Part(BaseModel):
    """Part of routes.yaml: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Exit(Part):
    """Where callers go who do not get what they dialled for: a queue, or a place in the admin's own dialplan."""

    queue: QueueName = Field("", validate_default=False, description="Queue, ours or theirs.")
    goto: Place = Field("", validate_default=False, description="context,extension,priority in your own dialplan.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, ("queue", "goto"))
        return self


class Lead(Part):
    """An agent, a queue, or a place in the admin's own dialplan; with announcements before it, if any."""

    announce: tuple[Prompt, ...] = Field((), max_length=5, description="Prompts that are played first, in this order.")
    agent: AgentName = Field("", validate_default=False, description="Automated agent, by its name.")
    queue: QueueName = Field("", validate_default=False, description="Queue of people, ours or theirs.")
    goto: Place = Field("", validate_default=False, description="context,extension,priority in your own dialplan.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, ("agent", "queue", "goto"))
        return self


class Closed(Lead):
    """As Lead, but announcements alone will do: after them the call ends."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, ("agent", "queue", "goto"), least=0 if self.announce else 1)
        return self


def exactly_one(part: BaseModel, keys: tuple[str, ...], least: int = 1) -> None:
    given = [key for key in keys if getattr(part, key)]
    if len(given) > 1:
        raise ValueError(f"leads to more than one place ({', '.join(given)}); keep one of them")
    if len(given) < least:
        raise ValueError(f"leads nowhere; add one of {', '.join(keys)}")
