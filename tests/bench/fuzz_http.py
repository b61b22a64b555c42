"""Broken and forged HTTP at the desk, the status page and Asterisk's port: no crash, no leak, nothing given without a login."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ari_app.commands.instance import running_settings
from ari_app.service.layout import Layout
from tests.bench import _target
from tests.bench.fuzz.course import OWN_CALLERS, fuzz, options
from tests.bench.fuzz.http_requests import Where
from tests.bench.fuzz.http_sending import HttpSending


class _Sending(HttpSending):
    def told(self) -> Mapping[str, Any]:
        return {"sent": dict(self.sent), "answers": dict(sorted(self.answers.items()))}


def ports(data: Path) -> dict[Where, int]:
    """Raises NotRunning."""
    settings = running_settings(Layout(data.resolve()))
    return {"desk": settings.desk.port, "status": settings.service.http_port, "asterisk": settings.asterisk.http_port}


async def measure(chosen: argparse.Namespace) -> int:
    return await fuzz("fuzz_http", _Sending(ports(chosen.data), chosen.seed, half_frames=chosen.half_frames), chosen, f"{OWN_CALLERS}2")


def main(argv: Sequence[str] | None = None) -> int:
    made = options(__doc__, per_s=120.0)
    made.add_argument("--half-frames", action="store_true", help="websocket frames without an end to Asterisk: stops the SIP of 22.10.1")
    return _target.run(made, measure, argv)


if __name__ == "__main__":
    raise SystemExit(main())
