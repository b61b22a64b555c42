"""The two ends of a test call: a caller with a voice, and a person who answers the queue."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from ari_app.caller.answering import Behaviour, Person, on_duty
from ari_app.caller.calling import Manner, place_call
from ari_app.caller.report import CallReport
from ari_app.caller.script import Step
from ari_app.caller.user_agent import SipTarget
from ari_app.commands.call import Voice
from ari_app.commands.up import RUNTIME
from ari_app.service.layout import Layout
from tests.e2e.instance import Instance


@contextlib.asynccontextmanager
async def voice_of(instance: Instance) -> AsyncIterator[Voice]:
    voice = Voice(Layout(instance.data), RUNTIME / "root")
    try:
        yield voice
    finally:
        await voice.close()


def trunk(instance: Instance, caller_id: str = "5550100") -> SipTarget:
    return SipTarget("127.0.0.1", instance.sip_port, caller_id=caller_id)


def phone(instance: Instance, user: str) -> SipTarget:
    account = instance.phones()[user]
    return SipTarget("127.0.0.1", instance.sip_port, user, account["password"])


async def talk(
    instance: Instance,
    number: str,
    steps: Sequence[Step],
    *,
    target: SipTarget | None = None,
    manner: Manner | None = None,
    out: Path | None = None,
) -> CallReport:
    """One scripted call; the agent's side is transcribed."""
    async with voice_of(instance) as voice:
        return await place_call(
            target or trunk(instance),
            number,
            steps,
            synthesize=voice.synthesize,
            transcribe=voice.transcribe,
            manner=manner,
            out_dir=out,
        )


@contextlib.asynccontextmanager
async def person(instance: Instance, user: str = "2001", behaviour: Behaviour | None = None) -> AsyncIterator[Person]:
    async with on_duty(phone(instance, user), behaviour) as taking:
        yield taking


async def settled(instance: Instance, limit_s: float = 5.0) -> None:
    """Wait until everything that calls took has been given back. Raises AssertionError naming what has not."""
    for _ in range(int(limit_s / 0.1)):
        if not any(instance.holdings().values()):
            return
        await asyncio.sleep(0.1)
    left = {name: count for name, count in instance.holdings().items() if count}
    raise AssertionError(f"still held after {limit_s} s: {left}")


def agent_words(report: CallReport) -> str:
    """Everything the agent said, as heard at the caller's end."""
    return " ".join(turn.text for turn in report.transcript if turn.who == "agent").lower()


def history_of_newest(instance: Instance) -> dict[str, Any]:
    """The newest call with its turns, once the records have arrived."""
    newest = json.loads(instance.cli("calls", "--json", "--limit", "1"))[0]
    return dict(json.loads(instance.cli("calls", "show", newest["id"], "--json")))
