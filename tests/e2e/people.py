"""The two ends of a test call: a caller with a voice, and a person who answers the queue."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

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


def was_heard(report: CallReport, sentence: str) -> bool:
    """Whether the agent's ``sentence`` reached the caller: two thirds of its words, in their order, in what a recogniser wrote down there.

    A recogniser at the end of a telephone line takes a word for another now and then; a sentence that was not said shares hardly any.
    """
    wanted, heard = (re.findall(r"[a-z0-9']+", text.lower()) for text in (sentence, agent_words(report)))
    # Anywhere in the call, but close together: words scattered over other sentences are none of this one.
    spans = (heard[start : start + len(wanted) + 2] for start in range(len(heard)))
    matched = max(
        (sum(block.size for block in SequenceMatcher(None, wanted, span, False).get_matching_blocks()) for span in spans), default=0
    )
    return matched >= 2 / 3 * len(wanted)
