"""Not a measurement: a mind process whose order tool spins in pure Python for two seconds (see ``spin``)."""

import time
from collections.abc import Mapping

from agents.tools import ToolInfo
from agents.tools.source import OtherToolbox
from agents.transcript import JsonValue
from ari_app.service.mind import serve_calls

SPIN_S = 2.0


class SpinningTools:
    """The worst tool there can be: it blocks the event loop and never lets go of the interpreter."""

    def __init__(self) -> None:
        self.spins = 0

    def describe(self, name: str) -> ToolInfo | None:
        return ToolInfo(name, "Spins.")

    async def call(self, name: str, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        self.spins += 1
        until = time.monotonic() + SPIN_S
        while time.monotonic() < until:
            pass
        return {"found": True, "status": "shipped", "item": "a spinning top", "expected_on": ""}


if __name__ == "__main__":
    serve_calls([OtherToolbox(SpinningTools(), ("orders.find",))])
