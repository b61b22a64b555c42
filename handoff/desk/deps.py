"""What the pages are given: made once by the process (or a test), found in ``request.app[DEPS]``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aiohttp import web

from handoff.desk.audit import AuditLog
from handoff.desk.database import Database
from handoff.desk.links import CardLinks
from handoff.desk.live import LiveHub, Topics
from handoff.desk.nav import NavItem
from handoff.desk.rate_limits import LoginLimits
from handoff.desk.resting import not_resting
from handoff.desk.secret import DeskSecret
from handoff.desk.sessions import SessionStore
from handoff.desk.users import UserStore
from handoff.records.store import CallReader

if TYPE_CHECKING:
    from handoff.desk.control import CallControl
    from handoff.queues import QueueBoard


@dataclass(frozen=True, slots=True)
class DeskSettings:
    title: str = "Patchcord"
    public_url: str = ""
    """Where browsers reach the desk, such as ``https://desk.example.com``; empty: as they come."""
    link_base: str = ""
    """What links to cards begin with; empty: ``public_url``."""
    cookie_secure: bool = False
    """Cookies only over TLS: on behind a proxy that ends TLS."""
    trusted_proxies: frozenset[str] = frozenset()
    """Addresses whose ``X-Forwarded-For`` is believed."""
    idle_s: float = 8 * 3600.0
    absolute_s: float = 24 * 3600.0
    link_s: float = 600.0
    """Seconds for which a link to a card is good."""
    connect_sources: tuple[str, ...] = ()
    """Further sources for the pages' ``connect-src``, such as ``wss://pbx.example.com:8089``."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class DeskDeps:
    database: Database
    reader: CallReader
    secret: DeskSecret
    settings: DeskSettings = DeskSettings()
    control: "CallControl | None" = None
    """None: live calls cannot be steered from here."""
    board: "QueueBoard | None" = None
    recordings: Path | None = None
    """Folder with ``<call id>-caller.wav`` and ``-agent.wav``."""
    resting: Callable[[], str] = not_resting
    """What pages say while the instance is in maintenance; empty while it is not."""
    clock: Callable[[], datetime] = utc_now
    hub: LiveHub = field(default_factory=LiveHub)
    limits: LoginLimits = field(default_factory=LoginLimits)
    users: UserStore = field(init=False)
    sessions: SessionStore = field(init=False)
    audit: AuditLog = field(init=False)
    links: CardLinks = field(init=False)

    def __post_init__(self) -> None:
        settings = self.settings
        self.users = UserStore(self.database)
        self.sessions = SessionStore(self.database, self.secret, idle_s=settings.idle_s, absolute_s=settings.absolute_s)
        self.audit = AuditLog(self.database, self.secret)
        self.links = CardLinks(self.secret, settings.link_base or settings.public_url, settings.link_s)


DEPS: Final = web.AppKey("desk_deps", DeskDeps)
NAV: Final = web.AppKey("desk_nav", list[NavItem])
TOPICS: Final = web.AppKey("desk_topics", Topics)
