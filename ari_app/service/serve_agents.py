"""``agent.serve(…)`` in a script: the whole service with the script's agents on their numbers.

What stands behind the script's name on the command line are options of ``patchcord up``, such as ``--data`` and ``--sip-port``.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from agents.sdk.serving import Registration
from ari_app.cli import build_parser
from ari_app.commands.errors import expected
from ari_app.commands.up import settings_for, up_with
from ari_app.service.script_mind import SCRIPT, read_script
from ari_app.settings import NumberSettings, Settings


def serve_script(script: Path, registrations: Sequence[Registration]) -> int:
    """Run the service until it is ended; returns its exit status. ``registrations``: only the first of the script's; it is read anew."""
    options = build_parser().parse_args(["up", "--mind", "ari_app.service.script_mind", *sys.argv[1:]])
    if options.background:
        sys.stderr.write(f"{script.name}: --background is not possible here; start it as a service of the system instead\n")
        return 2
    every = read_script(str(script)).registrations
    os.environ[SCRIPT] = str(script)
    try:
        return asyncio.run(up_with(options, with_numbers(settings_for(options), list(every.values()))))
    except expected() as error:
        sys.stderr.write(f"{script.name}: {error}\n")
        return 1


def with_numbers(settings: Settings, registrations: Sequence[Registration]) -> Settings:
    """The settings with the numbers that the agents are to answer."""
    numbers = dict(settings.numbers)
    for one in registrations:
        known = numbers.get(one.number, NumberSettings())
        numbers[one.number] = known.model_copy(update={"agent": one.agent.name, "max_calls": one.max_concurrent_calls})
    return settings.model_copy(update={"numbers": numbers})
