"""The floor page with many live calls: from a turn's happening to its being seen in a real browser, and how busy the page is.

Run with: ./patchcord bench floor_delay. A process of its own publishes what calls would, through the real control page; the real desk, on
an embedded database, brings it to a headless Chromium. Without Chromium the delay is taken where the browser's stream would be read.
"""

import argparse
import asyncio
import random
import re
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import psutil  # type: ignore[import-untyped]
from aiohttp import web
from argon2 import PasswordHasher

from handoff.desk.access import Role
from handoff.desk.app import build_desk
from handoff.desk.control import HttpCallControl
from handoff.desk.database import Database
from handoff.desk.deps import DeskDeps
from handoff.desk.secret import DeskSecret
from handoff.desk.users import UserStore
from handoff.queues import QueueBoard
from handoff.records.migrate import migrate
from handoff.records.reader import PostgresReader
from handoff.records.server import EmbeddedServer
from tests.bench import _target
from tests.handoff.desk.agent.chromium import Page, chromium
from tests.handoff.desk.agent.chromium_process import PROGRAMS
from tests.handoff.desk.floor.control_rig import TOKEN, ControlRig

SENTENCE: Final = "well I was wondering whether you could tell me where my parcel is because it should have been here on Monday"
_STAMP: Final = re.compile(r"at~([a-j]+)~(call\d+\.\d+)")
"""When a turn happened, in milliseconds since 1970, and which one it is. In letters: a long number could be masked as a card's."""
_LETTERS: Final = str.maketrans("0123456789", "abcdefghij")
_DIGITS: Final = str.maketrans("abcdefghij", "0123456789")
SETTLE_S: Final = 3.0
WATCH: Final = """
(() => {
  const seen = new Set();
  window.floorDelay = { dom: [], painted: [], long: [], patches: 0 };
  const stamp = /at~([a-j]+)~(call\\d+\\.\\d+)/;
  const now = () => performance.timeOrigin + performance.now();
  const look = (text) => {
    const found = stamp.exec(text ?? "");
    if (!found || seen.has(found[2])) return;
    seen.add(found[2]);
    const happened = Number([...found[1]].map((letter) => letter.charCodeAt(0) - 97).join(""));
    window.floorDelay.dom.push(now() - happened);
    performance.mark("floor-turn");
    requestAnimationFrame(() => setTimeout(() => window.floorDelay.painted.push(now() - happened)));
  };
  for (const body of document.querySelectorAll("#floor-calls .body")) seen.add(stamp.exec(body.textContent)?.[2]);
  new MutationObserver((changes) => {
    window.floorDelay.patches += 1;
    for (const change of changes) {
      if (change.target.nodeName === "SPAN") look(change.target.textContent);
      for (const node of change.addedNodes) look(node.textContent);
    }
  }).observe(document.getElementById("floor-calls"), { subtree: true, childList: true, characterData: true });
  const long = (list) => window.floorDelay.long.push(...list.getEntries().map((entry) => entry.duration));
  new PerformanceObserver(long).observe({ type: "longtask" });
})()
"""


# The simulated mind, a process of its own


async def one_call(rig: ControlRig, number: int, chance: random.Random) -> None:
    """Caller and agent in turns, at the pace of people; turns carry when they happened."""
    call_id, publish = f"call{number}", rig.feed.publish
    facts = {
        "state": "talking",
        "caller": f"+44113496{number:04}",
        "number": "100",
        "agent": "front-desk",
        "version": "v3",
        "language": "en",
    }
    publish("state", call_id, {**facts, "recording": "on", "started": time.time()})
    await asyncio.sleep(chance.uniform(0, 5))
    turn = 0
    while True:
        turn += 1
        words = SENTENCE.split()[: chance.randint(5, 21)]
        for count in range(1, len(words), 2):
            publish("partial", call_id, {"text": " ".join(words[:count])})
            await asyncio.sleep(0.25)
        publish("event", call_id, {"event": "end_of_turn", "data": {"p": 0.9, "wait_ms": 400}})
        stamped(rig, call_id, turn, "caller", " ".join(words), {})
        publish("state", call_id, {"node": f"step_{turn % 7}", "confidence": round(chance.uniform(0.5, 1), 2)})
        if turn % 3 == 0:
            publish("event", call_id, {"event": "tool", "data": {"name": "look_up_order", "ok": True, "ms": 120}})
        await asyncio.sleep(chance.uniform(2, 4))
        turn += 1
        stamped(rig, call_id, turn, "agent", "Let me look that up for you.", {"gap": chance.uniform(400, 900)})
        await asyncio.sleep(chance.uniform(0.5, 1.5))


def stamped(rig: ControlRig, call_id: str, turn: int, who: str, text: str, latency: dict[str, float]) -> None:
    now = time.time()
    said = f"{text} at~{f'{now * 1000:.0f}'.translate(_LETTERS)}~{call_id}.{turn}"
    rig.feed.publish("turn", call_id, {"number": turn, "who": who, "text": said, "heard": said, "latency_ms": dict(latency)}, at=now)


async def be_mind(calls: int) -> None:
    async with ControlRig() as rig:
        sys.stdout.write(f"{rig.port}\n")
        sys.stdout.flush()
        chance = random.Random(7)
        async with asyncio.TaskGroup() as group:
            for number in range(calls):
                group.create_task(one_call(rig, number, chance))


@asynccontextmanager
async def mind(calls: int) -> AsyncIterator[tuple[str, int]]:
    """URL of its control page, and process id."""
    command = (sys.executable, "-m", "tests.bench.floor_delay", "--calls", str(calls), "--as-mind")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            port = int(await process.stdout.readline())
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.kill()
        await process.wait()


# The desk


@asynccontextmanager
async def desk(folder: Path, control: HttpCallControl, password: str) -> AsyncIterator[str]:
    """Its address; a user ``supervisor`` may log in."""
    server = EmbeddedServer(folder / "postgres")
    await asyncio.to_thread(server.start)
    try:
        await asyncio.to_thread(migrate, server.url)
        reader = PostgresReader(server.url, connections=2)
        deps = DeskDeps(Database(server.url), reader, DeskSecret(secrets.token_bytes(32)), control=control, board=QueueBoard())
        runner = web.AppRunner(build_desk(deps), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await UserStore(deps.database).add("supervisor", Role.SUPERVISOR, PasswordHasher().hash(password), "2009")
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()
    finally:
        await asyncio.to_thread(server.stop)


async def in_browser(url: str, password: str, seconds: float) -> dict[str, Any]:
    async with chromium() as browser, browser.page() as page:
        await log_in(page, url, password)
        await page.until("document.querySelectorAll('.floor-call').length > 0", 30)
        await asyncio.sleep(SETTLE_S)
        await page.run(WATCH)
        await asyncio.sleep(seconds)
        found: dict[str, Any] = await page.run("window.floorDelay")
        found["problems"] = page.problems
        return found


async def log_in(page: Page, url: str, password: str) -> None:
    await page.goto(f"{url}/login")
    await page.fill("input[name=name]", "supervisor")
    await page.fill("input[name=password]", password)
    await page.run("document.querySelector('main form').requestSubmit()")
    await page.until("!location.pathname.startsWith('/login')", 30)
    await page.goto(f"{url}/floor")


async def in_stream(url: str, password: str, seconds: float) -> dict[str, Any]:
    """No browser: when the bytes arrive that would change the page."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.get(f"{url}/login") as answer:
            token = re.search(r'name="csrf" value="([^"]+)"', await answer.text())
        assert token is not None
        await session.post(f"{url}/login", data={"csrf": token[1], "name": "supervisor", "password": password})
        async with session.get(f"{url}/floor/state") as answer:
            since = (await answer.json())["live_id"]
        seen: set[str] = set()
        delays: list[float] = []
        async with session.get(f"{url}/live", params={"topic": "floor", "since": since}) as stream:
            ends = time.monotonic() + SETTLE_S + seconds
            async for line in stream.content:
                for stamp, name in _STAMP.findall(line.decode()):
                    if name not in seen and time.monotonic() > ends - seconds:
                        delays.append(time.time() * 1000 - int(stamp.translate(_DIGITS)))
                    seen.add(name)
                if time.monotonic() > ends:
                    break
    return {"dom": delays, "painted": [], "long": [], "patches": 0, "problems": []}


async def measure(options: argparse.Namespace) -> int:
    if options.as_mind:
        await be_mind(options.calls)
        return 0
    browser = any(shutil.which(name) for name in PROGRAMS)
    password = secrets.token_urlsafe(12)
    with tempfile.TemporaryDirectory(prefix="floor-delay-", ignore_cleanup_errors=True) as folder:
        async with mind(options.calls) as (url, pid):
            control = HttpCallControl(url, TOKEN)
            reading = asyncio.create_task(control.run())
            async with desk(Path(folder), control, password) as address:
                before = cpu_s(pid), cpu_s()
                began = time.monotonic()
                found = await (in_browser if browser else in_stream)(address, password, options.seconds)
                took_s = time.monotonic() - began
                used = [round(100 * (after - start) / took_s, 1) for after, start in zip((cpu_s(pid), cpu_s()), before, strict=True)]
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await control.close()
    for problem in found["problems"]:
        print(f"the page reports: {problem}", file=sys.stderr)  # noqa: T201
    conditions = {
        "calls": options.calls,
        "seconds": options.seconds,
        "browser": "chromium headless" if browser else "none, taken at the stream",
        "turns_per_s": round(len(found["dom"]) / options.seconds, 1),
    }
    long = found["long"]
    figures = {
        **{f"page_{name}": value for name, value in _target.spread(found["dom"]).items()},
        **{f"painted_{name}": value for name, value in _target.spread(found["painted"]).items() if name != "n"},
        "page_changes_per_s": round(found["patches"] / options.seconds, 1),
        "long_tasks": len(long),
        "long_task_worst_ms": round(max(long, default=0.0)),
        "long_tasks_share": round(sum(long) / options.seconds / 1000, 4),
        "mind_cpu_percent": used[0],
        "desk_cpu_percent": used[1],
    }
    _target.show("floor_delay", conditions, figures)
    return 0


def cpu_s(pid: int | None = None) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def main(argv: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    made.add_argument("--calls", type=int, default=50)
    made.add_argument("--seconds", type=float, default=60.0)
    made.add_argument("--as-mind", action="store_true", help=argparse.SUPPRESS)
    return _target.run(made, measure, argv)


if __name__ == "__main__":
    raise SystemExit(main())
