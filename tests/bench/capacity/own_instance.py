"""An instance for capacity: as many ports as calls may need, the declared mind, nothing beside the calls that costs."""

import asyncio
import contextlib
import json
import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

from agents.audio import Pcm
from ari_app.caller.script import Say, prepare
from tests.bench.capacity.speech import LEDGER, Shares
from tests.e2e.instance import Instance, apart
from tests.e2e.people import voice_of
from tests.free_ports import free_block

NUMBER: Final = "400"
OVER: Final = "401"
"""The agent there hands over at once."""
MIND: Final = "tests.bench.capacity.mind"
SENTENCES: Final = ("How long does delivery take?", "Can I return a table?", "Is there a car park?", "Do you wrap presents?")
_AGENTS: Final = Path(__file__).with_name("agents")
_ASTERISK_PORTS: Final = 6
"""For each call: caller, agent, and a person later, a pair each."""
_SPARE: Final = 60


def ports_for(calls: int) -> dict[str, Any]:
    """Settings. Raises RuntimeError when this machine has not so many free ports in a row."""
    wanted_rtp, wanted_media = calls * _ASTERISK_PORTS + _SPARE, 2 * calls + _SPARE
    for _ in range(200):
        rtp, media = free_block(wanted_rtp), free_block(wanted_media)
        settings = {
            "sip.rtp_first": rtp,
            "sip.rtp_last": rtp + wanted_rtp - 1,
            "media.first_port": media,
            "media.last_port": media + wanted_media - 1,
        }
        if apart(settings):
            return settings
    raise RuntimeError(f"no room for the ports of {calls} calls")


def settings_for(calls: int, **more: Any) -> dict[str, Any]:
    """``more``: ``section__name`` -> value."""
    return {
        **ports_for(calls),
        "calls.max_calls": calls,
        "calls.max_call_s": 7200,
        "agents.folder": str(_AGENTS),
        "agents.demo.enabled": "false",
        "desk.enabled": "false",
        f"numbers.{NUMBER}.agent": "capacity",
        f"numbers.{OVER}.agent": "capacity-over",
        **{key.replace("__", "."): value for key, value in more.items()},
    }


@contextlib.asynccontextmanager
async def running(calls: int, shares: Shares, settings: Mapping[str, Any] | None = None) -> AsyncIterator[Instance]:
    """Started and settled in; stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="patchcord-capacity-") as folder:
        data = Path(folder) / "data"
        given = {**shares.environment(), LEDGER: str(Path(folder) / "ledger.json")}
        before = {name: os.environ.get(name) for name in given}
        os.environ.update(given)  # the instance takes the environment of this process
        try:
            instance = await asyncio.to_thread(_started, data, calls, settings or {})
            try:
                instance.settle_in()
                yield instance
            finally:
                instance.stop()
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def _started(data: Path, calls: int, settings: Mapping[str, Any]) -> Instance:
    """Raises RuntimeError when it does not start, though a port that was taken meanwhile gets another try."""
    for last in (False, False, True):
        instance = Instance(data, {**settings_for(calls), **settings}, arguments=["--mind", MIND])
        try:
            instance.start()
        except RuntimeError as error:
            if last or "is in use" not in str(error):
                raise
        else:
            return instance
    raise AssertionError("not reached")


def ledger(instance: Instance) -> dict[str, float]:
    """What the declared recogniser and voice have burnt so far; empty before the first second, and of an instance that is not ours."""
    path = instance.data.parent / "ledger.json"
    return dict(json.loads(path.read_text())) if path.is_file() else {}


async def caller_sentences(instance: Instance) -> list[Pcm]:
    """What the callers say: real voices, since the instance's voice detector has to find them. 8 kHz."""
    async with voice_of(instance) as voice:
        spoken = await prepare([Say(text) for text in SENTENCES], voice.synthesize)
    return list(spoken.values())
