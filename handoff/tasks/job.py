"""What a job is given, and how it ends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import psycopg

Row: TypeAlias = dict[str, Any]
Connection: TypeAlias = psycopg.Connection[Row]


@dataclass(frozen=True, slots=True)
class Job:
    task: str
    subject: str
    created_at: datetime
    """When its reason came."""
    tries: int
    """Tries before this one."""


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing is left to do."""


@dataclass(frozen=True, slots=True)
class Later:
    """Not yet, or not this time."""

    wait_s: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """It cannot be done."""

    why: str


Ending: TypeAlias = Done | Later | GivenUp
Handler: TypeAlias = Callable[[Job, Connection], Ending]
"""Runs inside the transaction that ends the job: what it writes there is written exactly once. What it does elsewhere must bear being done
again. What it raises is a try that failed."""
Handlers: TypeAlias = Mapping[str, Handler]


class JobFailed(Exception):
    """A try that failed; the message holds nothing that somebody said, for it is logged and stored."""
