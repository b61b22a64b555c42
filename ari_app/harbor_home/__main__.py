"""``python -m ari_app.harbor_home``: the demo backend."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web

from agents.tools.webhook_signature import LEAST_SECRET
from ari_app.harbor_home.app import Shop, build_app
from ari_app.harbor_home.database import Database, DatabaseAway, prepare
from ari_app.harbor_home.requests import clear_old
from ari_app.logs import configure
from handoff.records.migrate import MigrationError

log = logging.getLogger(__name__)

RETRY_S = 0.5
CLEAR_EVERY_S = 3600.0


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ari_app.harbor_home", description="The demo shop that the agents that ship work with.")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--database", metavar="URL", help="PostgreSQL; its user may create schemas")
    where.add_argument("--database-env", metavar="NAME", help="environment variable with that URL, when it holds a password")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, required=True, help="TCP port")
    parser.add_argument("--secret-env", metavar="NAME", required=True, help="environment variable with the secret of the signatures")
    parser.add_argument("--timezone", default="", help="the shop's time zone, an IANA name (default: the machine's)")
    parser.add_argument("--test", action="store_true", help="open /test/…, which shows one-time codes to anybody: never with real callers")
    parser.add_argument("--log-level", default="info", choices=["debug", "info", "warning", "error"])
    return parser.parse_args(argv)


class Unusable(Exception):
    """The command line or the environment lacks something; the message names the remedy."""


def _from_environment(name: str, what: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise Unusable(f"the environment variable {name} with {what} is not set")
    return value


async def _serve(options: argparse.Namespace) -> None:
    """Until SIGTERM or SIGINT. Raises Unusable, OSError."""
    secret = _from_environment(options.secret_env, "the secret")
    if len(secret) < LEAST_SECRET:
        raise Unusable(f"the secret in {options.secret_env} is shorter than {LEAST_SECRET} characters")
    url = options.database or _from_environment(options.database_env, "the database's URL")
    try:
        zone = ZoneInfo(options.timezone) if options.timezone else None
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Unusable(f"there is no time zone '{options.timezone}'; names are like Europe/London") from error

    def now() -> datetime:
        return datetime.now(zone).replace(tzinfo=None)

    stopping, prepared = asyncio.Event(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    database = Database(url)
    await database.open()
    runner = web.AppRunner(build_app(Shop(database, secret, now, prepared.is_set), test=options.test), access_log=None)
    await runner.setup()
    upkeep = asyncio.create_task(_upkeep(url, database, now, prepared), name="upkeep")
    try:
        await web.TCPSite(runner, options.host, options.port).start()
        log.info("harbor_home_listens", extra={"port": options.port, "test": options.test})
        await stopping.wait()
    finally:
        upkeep.cancel()
        await asyncio.gather(upkeep, return_exceptions=True)
        await runner.cleanup()
        await database.close()


async def _upkeep(url: str, database: Database, now: Callable[[], datetime], prepared: asyncio.Event) -> None:
    """The database may come later than we do."""
    while not prepared.is_set():
        try:
            await asyncio.to_thread(prepare, url, now().date())
            prepared.set()
        except MigrationError as error:
            log.warning("database_not_ready", extra={"error": str(error)})
            await asyncio.sleep(RETRY_S)
    while True:
        try:
            async with database.transaction(now().date()) as connection:
                await clear_old(connection)
        except DatabaseAway as error:
            log.warning("database_away", extra={"problem": str(error)})
        await asyncio.sleep(CLEAR_EVERY_S)


def main(argv: list[str]) -> int:
    """Run until SIGTERM or SIGINT; exit status 0 then, 1 when it cannot start."""
    options = _arguments(argv)
    configure("harbor-home", options.log_level)
    try:
        asyncio.run(_serve(options))
    except (Unusable, OSError) as error:
        log.error("cannot_start", extra={"error": str(error)})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
