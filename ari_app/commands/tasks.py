"""``patchcord tasks``: webhooks that nobody took, and what the next purge would remove."""

import argparse
import asyncio
import json
from datetime import UTC, datetime

import psycopg

from ari_app.commands.instance import mind_config, running_settings
from ari_app.service.desk_links import desk_secret
from ari_app.service.layout import Layout
from handoff.records.store import RecordsUnavailable
from handoff.tasks.redelivery import dead_letters, redeliver
from handoff.tasks.retention import Retention


async def tasks(options: argparse.Namespace) -> int:
    """Returns the exit status. Raises NotRunning, RecordsUnavailable."""
    layout = Layout(options.data.resolve())
    url = str(mind_config(layout)["database_url"])
    try:
        match options.tasks_action:
            case "dead-letters":
                return await asyncio.to_thread(_dead_letters, url, as_json=options.json)
            case "redeliver":
                return await asyncio.to_thread(_redeliver, url, options.id)
            case _:
                settings = running_settings(layout).tasks.retention
                retention = Retention(settings, url, layout.recordings, lambda: desk_secret(layout))
                return await asyncio.to_thread(_report, retention, as_json=options.json)
    except psycopg.Error as error:
        raise RecordsUnavailable(f"the database does not answer ({type(error).__name__}): start the service with ./patchcord up") from error


def _dead_letters(url: str, *, as_json: bool) -> int:
    rows = [{name: str(value) for name, value in row.items()} for row in dead_letters(url)]
    if as_json:
        print(json.dumps(rows, indent=2))
        return 0
    for row in rows:
        print(f"{row['id']}  {row['event']}  to {row['receiver']}  {row['tries']} tries  {row['reason']}")
    if not rows:
        print("Every webhook was taken.")
    return 0


def _redeliver(url: str, delivery: str | None) -> int:
    count = redeliver(url, delivery)
    if delivery is not None and count == 0:
        print(f"There is no dead letter {delivery}; ./patchcord tasks dead-letters lists them.")
        return 1
    print(f"{count} will be sent again.")
    return 0


def _report(retention: Retention, *, as_json: bool) -> int:
    counts = retention.report(datetime.now(UTC)).counts()
    if as_json:
        print(json.dumps(counts, indent=2))
        return 0
    for name, count in counts.items():
        print(f"{name.replace('_', ' '):<16} {count}")
    return 0
