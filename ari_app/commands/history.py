"""``patchcord calls``: opens the history of an instance; ``calls.py`` prints it."""

import argparse
import sys

from ari_app.commands.calls import print_call, print_calls
from ari_app.commands.instance import mind_config
from ari_app.service.layout import Layout
from handoff.records.reader import PostgresReader


async def history(options: argparse.Namespace) -> int:
    """Raises NotRunning, RecordsUnavailable."""
    layout = Layout(options.data.resolve())
    url = mind_config(layout)["database_url"]
    if options.action == "show" and not options.id:
        sys.stderr.write("patchcord: calls show needs the id of a call; ./patchcord calls lists them\n")
        return 2
    reader = PostgresReader(url, connections=1)
    await reader.open()
    try:
        if options.action == "show":
            return await print_call(reader, options.id, options.json)
        return await print_calls(reader, options.json, options.limit)
    finally:
        await reader.close()
