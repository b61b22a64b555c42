"""From the decision to hand a caller over to their card being seen on an agent's page, and whether it was there before the phone rang.

Run with: ./patchcord bench card_on_desk. An instance of its own, a headless Chromium as the agent's page with the phone in it. Each caller
is handed over at once and hangs up a moment after the phone has begun to ring. The decision is the call's event ``conversation_ended``, the
card counts when the page's document holds it. A call that reaches the page before its card rings when the card is there, so both are told:
when the call came and when it rang. All on this machine's clock.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from ari_app.caller.calling import dialled, telephone
from ari_app.commands.instance import mind_config
from ari_app.service.layout import Layout
from handoff.records.reader import PostgresReader
from tests.bench import _target
from tests.e2e.desk_page import Seen, at_desk, desk_url, new_user, phone_on, seen_by
from tests.e2e.instance import Instance
from tests.e2e.people import trunk
from tests.e2e.transfers import NUMBER, SETTINGS
from tests.handoff.desk.agent.chromium import Page

RINGS_S: Final = 1.0
"""How long the caller lets it ring: late cards are still seen."""


async def one(instance: Instance, page: Page) -> None:
    async with telephone(trunk(instance)) as (agent, threads), dialled(agent, threads, NUMBER) as line:
        await line.leg.answered()
        await page.until("desk.phone.call?.state === 'ringing'", 30)
        await asyncio.sleep(RINGS_S)
    await page.until("desk.phone.call?.state === 'ended' && desk.state.now === 'ready'", 15)
    await page.until("document.getElementById('state-more').textContent === ''", 15)


async def watched(instance: Instance, calls: int, folder: Path) -> Seen:
    url = desk_url(instance.data)
    password = new_user(instance, "bench", "agent", "2001")
    async with at_desk(url, "bench", password, folder=folder) as page:
        await phone_on(page, url)
        for _ in range(calls):
            await one(instance, page)
        return await seen_by(page)


async def decided(instance: Instance) -> dict[str, float]:
    """When each call was to be handed over, in milliseconds since 1970, by its id, in the order of the calls."""
    reader = PostgresReader(mind_config(Layout(instance.data))["database_url"])
    await reader.open()
    try:
        found: dict[str, float] = {}
        for row in reversed(await reader.list_calls(1000)):
            call: Any = await reader.get_call(str(row["id"]))
            (at_ms,) = (event["at_ms"] for event in call["events"] if event["kind"] == "conversation_ended")
            found[call["id"]] = (datetime.fromisoformat(call["started_at"]) + timedelta(milliseconds=at_ms)).timestamp() * 1000
        return found
    finally:
        await reader.close()


async def measure(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="card-on-desk-") as folder:
        instance = Instance(Path(folder) / "instance", SETTINGS)
        await asyncio.to_thread(instance.start)
        try:
            seen = await watched(instance, options.n, Path(folder))
            decisions = await decided(instance)
        finally:
            await asyncio.to_thread(instance.stop)
    if not len(decisions) == len(seen.calls) == len(seen.rings) == options.n:
        print(f"{options.n} calls were placed, {len(decisions)} recorded, {len(seen.rings)} rang")  # noqa: T201
        return 1
    delays = [seen.cards[call] - at for call, at in decisions.items() if call in seen.cards]
    called = [call - at for at, call in zip(decisions.values(), seen.calls, strict=True)]
    rings = [ring - at for at, ring in zip(decisions.values(), seen.rings, strict=True)]
    before_call, before_ring = (
        [at - seen.cards[call] for call, at in zip(decisions, times, strict=True) if call in seen.cards]
        for times in (seen.calls, seen.rings)
    )
    figures = {
        **{f"card_{key}": value for key, value in _target.spread(delays).items()},
        "card_first_ms": round(delays[0], 1) if delays else None,
        "call_p50_ms": _target.spread(called)["p50_ms"],
        "card_before_call": sum(lead >= 0 for lead in before_call) / options.n,
        "ring_p50_ms": _target.spread(rings)["p50_ms"],
        "card_before_ring": sum(lead >= 0 for lead in before_ring) / options.n,
        "ring_held_worst_ms": round(max(ring - call for ring, call in zip(seen.rings, seen.calls, strict=True)), 1),
    }
    _target.show("card_on_desk", {"n": options.n}, figures)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    made.add_argument("--n", type=int, default=20, help="transfers")
    return _target.run(made, measure, argv)


if __name__ == "__main__":
    raise SystemExit(main())
