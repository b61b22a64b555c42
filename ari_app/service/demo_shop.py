"""The demo shop's back office beside the service: the shipped agents work with it through webhooks, as with any other company's."""

import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agents.library import FOLDER
from ari_app.harbor_home.child import command, shop_environment, tool_environment
from ari_app.settings import Settings

WEBHOOKS: Final = FOLDER / "tools" / "harbor-home.yaml"


@dataclass(frozen=True, slots=True)
class DemoShop:
    """How it is started, and what those who use it have to know. The secret of the signatures lives as long as the service."""

    port: int
    secret: str
    database_url: str
    timezone: str
    test: bool

    @classmethod
    def of(cls, settings: Settings, database_url: str) -> "DemoShop":
        demo = settings.agents.demo
        return cls(demo.port or free_port(), secrets.token_urlsafe(32), database_url, demo.timezone, demo.test)

    def command(self, log_level: str) -> list[str]:
        return command(self.port, timezone=self.timezone, test=self.test, log_level=log_level)

    @property
    def environment(self) -> dict[str, str]:
        """Its own."""
        return shop_environment(self.database_url, self.secret)

    @property
    def users_environment(self) -> dict[str, str]:
        """That of whoever calls it."""
        return tool_environment(self.port, self.secret)


def webhook_files(settings: Settings) -> Sequence[Path]:
    """Files that describe tools, the demo shop's among them when it runs."""
    own = [Path(file).expanduser().resolve() for file in settings.agents.tools]
    return [WEBHOOKS, *own] if settings.agents.demo.enabled else own


def free_port() -> int:
    """On loopback. Somebody else may take it before it is used; the shop then ends and is started again until it is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
