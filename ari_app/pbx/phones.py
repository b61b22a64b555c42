"""The SIP phones that every instance has."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["caller", "agent"]


@dataclass(frozen=True, slots=True)
class Phone:
    """A SIP phone: a test caller, or a human agent who is a member of the queue."""

    user: str
    role: Role
    name: str

    @property
    def browser_user(self) -> str:
        """SIP user of the same person's phone in the browser; only agents have one."""
        return f"{self.user}-web"


PHONES = (
    Phone("1001", "caller", "Test caller"),
    Phone("2001", "agent", "Agent 2001"),
    Phone("2002", "agent", "Agent 2002"),
)

SIP_USERS = tuple(phone.user for phone in PHONES) + tuple(phone.browser_user for phone in PHONES if phone.role == "agent")
"""Every SIP user that has a password."""
