"""The SIP phones of an instance."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ari_app.settings import TEST_CALLER, Settings

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


def phones_of(settings: Settings) -> tuple[Phone, ...]:
    """The test caller, and the people of ``sip.people``."""
    people = (Phone(user, "agent", name) for user, name in settings.sip.people.items())
    return (Phone(TEST_CALLER, "caller", "Test caller"), *people)


def users_of(phones: Iterable[Phone]) -> tuple[str, ...]:
    """Every SIP user that has a password."""
    phones = tuple(phones)
    return tuple(phone.user for phone in phones) + tuple(phone.browser_user for phone in phones if phone.role == "agent")
