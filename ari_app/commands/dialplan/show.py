"""``patchcord dialplan show``: what a call to a number at a time does, and why."""

import argparse
import dataclasses
import json
import sys
from datetime import UTC, datetime

from ari_app.commands.dialplan.target import Target
from ari_app.pbx.site import routes_of
from dialplan.routes import Routes, decide, explain_text

_FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")


def show(options: argparse.Namespace, target: Target) -> int:
    """Returns the exit status. Raises DialplanError."""
    routes = routes_of(target.settings, target.data, target.agents())
    try:
        at = _moment(options.at, routes, options.number)
        if not 0 <= options.chance < 1:
            raise ValueError(f"--chance {options.chance} is not from 0 to below 1. Give 0 for the first arm of a split")
    except ValueError as error:
        sys.stderr.write(f"patchcord: {error}.\n")
        return 2
    explanation = decide(routes, options.number, options.caller, at, options.chance)
    if options.json:
        print(json.dumps(dataclasses.asdict(explanation), indent=2, ensure_ascii=False, default=str))
    else:
        print(explain_text(explanation))
    return 0


def _moment(text: str | None, routes: Routes, number: str) -> datetime:
    """Raises ValueError with a message for the user."""
    zone = routes.zone_of(number)
    if text is None:
        return datetime.now(UTC).astimezone(zone)
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is no time. Write it as 2026-12-24 18:00") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)
