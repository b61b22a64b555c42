"""What an endpoint is: a path, the arguments it takes, and what it does within one transaction."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from agents.transcript import JsonValue
from ari_app.harbor_home.database import Connection

Answer: TypeAlias = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Work:
    """What an endpoint works with. ``now``: the shop's local time, without a zone."""

    connection: Connection
    now: datetime
    secret: str
    """For digests of one-time codes."""
    send_code: Callable[[str, str], None]
    """Sends (phone on file, code)."""


class Arguments(BaseModel):
    """An optional argument that is empty counts as not given."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _last_seven(value: object) -> object:
    """Callers' numbers come with and without area code, from trunks of any kind."""
    return re.sub(r"\D", "", value)[-7:] if isinstance(value, str) else value


def _plus_and_digits(value: object) -> object:
    return re.sub(r"[ ()./-]", "", value) if isinstance(value, str) else value


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


Number = Annotated[str, Field(pattern=r"^[0-9]{5}$")]
Phone = Annotated[str, BeforeValidator(_last_seven)]
"""Of somebody to be found; a withheld number finds nobody."""
Dialable = Annotated[str, BeforeValidator(_plus_and_digits), Field(pattern=r"^\+?[0-9]{3,20}$")]
"""To be called."""
Reference = Annotated[str, Field(pattern=r"^[0-9]{4}$")]
Text = Annotated[str, Field(max_length=500)]
Amount = Annotated[str, Field(pattern=r"^[0-9]{1,8}(\.[0-9]{1,2})?$")]
NotGiven = BeforeValidator(_empty_is_none)


@dataclass(frozen=True, slots=True)
class Endpoint:
    path: str
    arguments: type[Arguments]
    run: Callable[[Work, Any], Awaitable[Answer]]
    safe: bool = False
    """Changes nothing, so its answers need not be remembered."""
