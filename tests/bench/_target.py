"""What every measurement needs: the instance to call, a voice for the caller, one form of output."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ari_app.caller.script import Synthesize
from ari_app.caller.sip_message import SipError
from ari_app.caller.user_agent import SipTarget
from ari_app.service.layout import DEFAULT_DATA, Layout
from ari_app.service.state import NotRunning


def parser(description: str | None, *, number: str = "100") -> argparse.ArgumentParser:
    """The options that all measurements share."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    made.add_argument("--data", type=Path, default=DEFAULT_DATA, help="files of the running instance")
    made.add_argument("--number", default=number, help="number to dial")
    made.add_argument("--host", help="SIP address; without it the running instance is asked")
    made.add_argument("--port", type=int, default=5060, help="SIP port, with --host")
    made.add_argument("--user", help="account, with --host; without it the call comes as the trunk")
    made.add_argument("--password", help="of the account")
    return made


def target_of(options: argparse.Namespace) -> SipTarget:
    """Raises NotRunning."""
    if options.host:
        return SipTarget(options.host, options.port, options.user, options.password)
    from ari_app.commands.call import target_of as running  # late: the models it loads are not needed with --host

    return running(Layout(options.data.resolve()), phone=False)


@asynccontextmanager
async def caller_voice(options: argparse.Namespace) -> AsyncIterator[Synthesize]:
    """A voice that is not the agent's. Raises NotRunning, SpeechError."""
    from ari_app.commands.call import Voice
    from ari_app.commands.instance import mind_config

    layout = Layout(options.data.resolve())
    voice = Voice(layout, Path(mind_config(layout)["runtime_root"]))
    try:
        yield voice.synthesize
    finally:
        await voice.close()


def run(
    made: argparse.ArgumentParser, measure: Callable[[argparse.Namespace], Coroutine[Any, Any, int]], argv: Sequence[str] | None
) -> int:
    """Exit status: 0 measured, 1 could not be measured."""
    options = made.parse_args(argv)
    try:
        return asyncio.run(measure(options))
    except (NotRunning, SipError) as error:
        print(f"bench: {error}", file=sys.stderr)  # noqa: T201
        return 1


def show(name: str, conditions: dict[str, Any], figures: dict[str, Any]) -> None:
    """A JSON line for programs, then a row for people."""
    conditions = {**conditions, "cores": os.cpu_count(), "load_1min": round(os.getloadavg()[0], 2)}
    print(json.dumps({"bench": name, "conditions": conditions, "figures": figures}))  # noqa: T201
    told = " · ".join(f"{key} {_text(value)}" for key, value in conditions.items())
    found = " | ".join(f"{key} {_text(value)}" for key, value in figures.items())
    print(f"| {name} | {found} | {told} |", flush=True)  # noqa: T201


def _text(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def spread(values: Sequence[float], unit: str = "ms") -> dict[str, Any]:
    """n, median, 95th and 99th percentile, worst; None where there is nothing."""
    if not values:
        return {"n": 0, f"p50_{unit}": None, f"p95_{unit}": None, f"p99_{unit}": None, f"worst_{unit}": None}
    p50, p95, p99 = (round(float(np.percentile(values, share)), 2) for share in (50, 95, 99))
    return {"n": len(values), f"p50_{unit}": p50, f"p95_{unit}": p95, f"p99_{unit}": p99, f"worst_{unit}": round(max(values), 2)}
