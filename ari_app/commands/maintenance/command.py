"""What ``patchcord maintenance`` does: the notice is written, and Asterisk is waited for."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Mapping
from typing import Any, Final

from ari_app.service.layout import Layout
from ari_app.service.maintenance import Maintenance, MaintenanceNotice, begin, end, lasts
from ari_app.service.query import ServiceUnreachable, get_json
from ari_app.service.state import NotRunning, read_state

KNOWN_S: Final = 6.0
"""Longest wait for Asterisk to know of a change."""


async def maintenance(options: argparse.Namespace) -> int:
    """Exit status 0; 1 when the instance runs and Asterisk could not be told."""
    layout = Layout(options.data.resolve())
    try:
        match options.maintenance_action:
            case "on":
                begin(layout, options.reason)
                return await _settled(layout, wanted=True)
            case "off":
                if not end(layout):
                    print("Maintenance was not on.")
                return await _settled(layout, wanted=False)
    except OSError as error:
        sys.stderr.write(f"patchcord: {error.filename or layout.run} cannot be written ({error.strerror}). Mend its permissions.\n")
        return 1
    return await _show(layout, options.json)


async def _told(layout: Layout) -> Mapping[str, Any] | None:
    """What the running instance says of it; None when none runs. Raises ServiceUnreachable."""
    try:
        state = read_state(layout.state_file, layout.data)
    except NotRunning:
        return None
    answer = await get_json(state.http_port, "/status")
    found: Mapping[str, Any] = {**answer.get("maintenance", {}), "live_calls": answer.get("live_calls", 0)}
    return found


async def _settled(layout: Layout, *, wanted: bool) -> int:
    """Wait until the running instance has told Asterisk."""
    until, told = time.monotonic() + KNOWN_S, None
    while time.monotonic() < until:
        try:
            told = await _told(layout)
        except ServiceUnreachable:
            told = {}
        if told is None:
            word = "It will be in force" if wanted else "Calls will be answered"
            print(f"{word} when Patchcord runs on {layout.data}.")
            return 0
        if told.get("in_dialplan") is wanted:
            if not wanted:
                print("New calls are answered by the agent again.")
            else:
                print(f"New calls go to the queue. Live calls that go on: {told['live_calls']}.")
            return 0
        await asyncio.sleep(0.1)
    sys.stderr.write(
        f"patchcord: Asterisk was not told within {KNOWN_S:.0f} s; it will be as soon as it answers. See ./patchcord status, and "
        f"{layout.logs / 'supervisor.log'}.\n"
    )
    return 1


async def _show(layout: Layout, as_json: bool) -> int:
    found = MaintenanceNotice(layout).now()
    told = await _told(layout)
    known = told.get("in_dialplan") if told is not None else None
    if as_json:
        print(json.dumps({"on": found is not None, **(found.told() if found else {}), "in_dialplan": known}, indent=2))
    else:
        print(_line(found, known))
    return 0


def _line(found: Maintenance | None, known: bool | None) -> str:
    if found is None:
        return "Maintenance is off." + (" Asterisk has not been told yet." if known else "")
    lasting = lasts(found.since)
    line = "Maintenance is on" + (f" for {lasting}" if lasting else "") + (f": {found.reason}" if found.reason else "") + "."
    if known is None:
        return line + " Patchcord is not running."
    return line + ("" if known else " Asterisk has not been told yet.")
