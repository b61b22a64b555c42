"""The mind process for agents in Python: reads the author's script, whose ``serve`` registers them, and serves calls with them.

Everything else, the agents in files and their tools, is as always.
"""

import os
import runpy
from typing import Final

from agents.sdk.serving import Registrar, registering
from ari_app.service.mind import serve_calls

SCRIPT: Final = "PATCHCORD_AGENT_SCRIPT"
"""Path of the author's script."""


def read_script(path: str) -> Registrar:
    """Run the script as its author would; what it serves is collected and nothing is started. Whatever the script raises comes through."""
    with registering(Registrar()) as registrar:
        runpy.run_path(path, run_name="__main__")
    return registrar


if __name__ == "__main__":
    serve_calls(scripts=read_script(os.environ[SCRIPT]).registrations)
