"""How the service runs the shop beside itself: its command, and the environment that it and the agents' tools share."""

import sys
from typing import Final

URL_ENV: Final = "PATCHCORD_HARBOR_HOME_URL"
SECRET_ENV: Final = "PATCHCORD_HARBOR_HOME_SECRET"  # noqa: S105 - a name
DATABASE_ENV: Final = "PATCHCORD_HARBOR_HOME_DATABASE"


def command(port: int, *, timezone: str = "", test: bool = False, log_level: str = "info") -> list[str]:
    """Secrets and the database's address, which may hold one, go by the environment: anybody can read a command line."""
    return [
        *(sys.executable, "-m", "ari_app.harbor_home", "--port", str(port), "--log-level", log_level),
        *("--database-env", DATABASE_ENV, "--secret-env", SECRET_ENV),
        *(("--timezone", timezone) if timezone else ()),
        *(("--test",) if test else ()),
    ]


def shop_environment(database_url: str, secret: str) -> dict[str, str]:
    """For the shop's process. ``secret``: at least 16 characters, made anew at each start, as with ``secrets.token_hex(32)``."""
    return {DATABASE_ENV: database_url, SECRET_ENV: secret}


def tool_environment(port: int, secret: str) -> dict[str, str]:
    """What ``agents/library/tools/harbor-home.yaml`` needs, for the process that calls tools."""
    return {URL_ENV: f"http://127.0.0.1:{port}", SECRET_ENV: secret}
