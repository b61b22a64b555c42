"""The dialplan commands beside a Patchcord that runs: numbers come and go with calls on the line and nothing restarted."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ari_app.caller.echo_delay import unique_noise
from ari_app.caller.script import Hangup, Wait
from tests.e2e.crowd import answered_calls, audible_since, until
from tests.e2e.instance import PROJECT, Instance, environment_of, ports_beside, take_speech
from tests.e2e.people import settled, talk

NEW = "5550177"
ROUTES = f"""
routes:
  front:
    numbers: ["100"]
    agent: front-desk
  hear:
    numbers: ["101"]
    agent: echo
  new:
    about: The number that was bought today
    numbers: ["{NEW}"]
    agent: front-desk
"""
BROKEN = (ROUTES.replace("agent: echo", "agent: nobody-at-all"), ROUTES.replace('["101"]', '["101"'))


def patchcord(data: Path, *words: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """As an admin types it, with the data directory."""
    return subprocess.run(
        [sys.executable, "-m", "ari_app.cli", *words, "--data", str(data)],
        cwd=PROJECT,
        env=environment or environment_of({}),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


async def said(data: Path, *words: str, status: int = 0) -> str:
    done = await asyncio.to_thread(patchcord, data, "dialplan", *words)
    assert done.returncode == status, done.stdout[-2000:] + done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def background(tmp_path: Path) -> Iterator[Instance]:
    instance = Instance(tmp_path)
    take_speech(tmp_path)
    try:
        settings = ports_beside({"calls.max_calls": 60, "service.spare": "false"})
        started = patchcord(tmp_path, "up", "--background", environment=environment_of(settings))
        assert started.returncode == 0, started.stdout[-2000:] + started.stderr[-2000:] + instance.tails()
        instance.refresh()
        yield instance
    finally:
        patchcord(tmp_path, "down")


def in_force(data: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((data / "asterisk/etc/patchcord.d").iterdir())}


async def is_answered(instance: Instance, number: str) -> bool:
    return (await talk(instance, number, [Wait(0.5), Hangup(wait=False)])).answered


async def test_a_new_number_is_answered_after_apply_and_a_call_goes_on_meanwhile(background: Instance) -> None:
    data, routes = background.data, background.data / "routes.yaml"
    processes = background.refresh()["processes"]
    assert not await is_answered(background, NEW)
    routes.write_text(ROUTES)
    assert NEW in await said(data, "plan", status=2)
    assert "Sound" in await said(data, "check")
    async with answered_calls(background, ["101"]) as lines:
        (talking,) = lines.values()
        assert "reloaded pbx_config" in await said(data, "apply")
        assert not talking.leg.ended.is_set()
        after = time.monotonic_ns()
        talking.session.play(unique_noise(2.0))
        await until(lambda: audible_since(talking.session.log.received, after), 5, "the call of before still hears its echo")
    assert await is_answered(background, NEW)
    assert "Nothing to do" in await said(data, "plan")
    shown = await said(data, "show", NEW, "--at", "2026-12-24 18:00")
    assert "agent front-desk" in shown

    applied = in_force(data)
    for broken in BROKEN:
        routes.write_text(broken)
        assert "routes.yaml:" in await said(data, "apply", status=1), "with the line"
        assert in_force(data) == applied
    assert await is_answered(background, NEW)
    assert background.refresh()["processes"] == processes

    # Asterisk falls while the file is still half written: what was applied answers again.
    old = background.kill("asterisk")
    await until(lambda: background.pid("asterisk") != old and background.ready(), 15, "Asterisk is back and the worker has found it")
    assert in_force(data) == applied
    assert await is_answered(background, NEW)

    assert "Rolled back" in await said(data, "rollback")
    assert not await is_answered(background, NEW)
    assert await is_answered(background, "200"), "the built-in numbers are back"
    await settled(background)
    assert patchcord(data, "down").returncode == 0
    assert not (data / "run/service.json").exists()
