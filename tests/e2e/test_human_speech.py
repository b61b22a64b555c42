"""Callers with a human voice: a professional speaker's prompts, and six people who read out digits."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.nlu.slots.digits import spell
from ari_app.caller.script import AfterOnset, Hangup, Key, Say, Step, Wait
from tests.e2e.figures import tell
from tests.e2e.instance import Instance
from tests.e2e.people import settled
from tests.e2e.prompts import digits, joined, prompt, sounds
from tests.e2e.side_by_side import callers, histories, said

STOPPED = Wait(0.6)
"""A key is pressed sooner than the agent stops: what it says next is what comes after that."""


def end_of(call: dict[str, Any]) -> tuple[str, str]:
    """Of the first conversation, if it handed over: nobody is on duty, so the agent has the caller back afterwards. Else of the call."""
    ended: dict[str, Any] = next((event["data"] for event in call["events"] if event["kind"] == "conversation_ended"), {})
    return ("handover", ended["reason"]) if ended.get("kind") == "handover" else (call["outcome"], call["reason"])


async def test_a_human_voice_is_understood_in_whole_conversations(instance: Instance, tmp_path: Path) -> None:
    where = await asyncio.to_thread(sounds)
    order, other = digits("10482", tmp_path / "10482.wav"), digits("23571", tmp_path / "23571.wav")
    mine = joined([where / "vm-num-i-have.wav", *(where / f"digits/{digit}.wav" for digit in "10482")], tmp_path / "mine.wav")
    operator = prompt("vm-reachoper", tmp_path / "operator.wav", keep_last_s=0.75)
    goodbye, no = prompt("goodbye", tmp_path / "goodbye.wav"), prompt("vm-no", tmp_path / "no.wav")
    hours = joined([where / "your.wav", where / "hours.wav"], tmp_path / "hours.wav", gap_ms=20)
    greeted = AfterOnset(0.8)
    handed_over: tuple[Step, ...] = (AfterOnset(0.5), Wait(7), Hangup(wait=False))
    scripts: dict[str, list[Step]] = {
        "5550601": [greeted, Say(hours, wait=False), AfterOnset(2.5), Say(goodbye, wait=False), Wait(20)],
        "5550602": [greeted, Say(prompt("queue-callswaiting", tmp_path / "waiting.wav"), wait=False), *handed_over],
        "5550603": [greeted, Say(prompt("spy-agent", tmp_path / "agent.wav"), wait=False), *handed_over],
        "5550604": [greeted, Say(operator, wait=False), *handed_over],
        "5550605": [
            *(greeted, Say(mine, wait=False)),
            *(AfterOnset(1.8), Say(no, wait=False)),
            *(AfterOnset(1.4), Say(other, wait=False)),
            *(AfterOnset(1.4), Key("1", wait=False), STOPPED),
            *(AfterOnset(5), Hangup(wait=False)),
        ],
        "5550606": [
            *(greeted, Key("1", wait=False), STOPPED),
            *(AfterOnset(1.4), Say(order, wait=False)),
            *(AfterOnset(1.4), Key("1", wait=False), STOPPED),
            *(AfterOnset(3), Say(goodbye, wait=False), Wait(20)),
        ],
    }
    async with callers(instance) as people:
        reports = await asyncio.gather(*(people.call("100", steps, caller_id=caller) for caller, steps in scripts.items()))
    assert [report.problem for report in reports] == [None] * len(scripts)
    await settled(instance)
    calls = await asyncio.to_thread(histories, instance, list(scripts))
    ends = {caller: end_of(call) for caller, call in calls.items()}
    assert ends == {
        "5550601": ("goodbye", "done"),
        "5550602": ("handover", "caller_request"),
        "5550603": ("handover", "caller_request"),
        "5550604": ("handover", "caller_request"),
        "5550605": ("caller_left", ""),
        "5550606": ("goodbye", "done"),
    }, {caller: said(call, "caller") for caller, call in calls.items()}
    assert any("monday" in text for text in said(calls["5550601"], "agent"))
    read_back = [text for text in said(calls["5550605"], "agent") if spell("10482", "en") in text or spell("23571", "en") in text]
    assert [spell("23571", "en") in text for text in read_back] == [False, True], read_back
    assert any("your order" in text for text in said(calls["5550605"], "agent")[-2:])
    assert any(spell("10482", "en") in text for text in said(calls["5550606"], "agent"))


async def test_numbers_read_out_by_six_people_and_the_keypad_behind_them(
    instance: Instance, data_sets: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Twenty order numbers, digit by digit with 150 ms in between; whoever is misunderstood keys the number over the read-back."""
    numbers = spoken_numbers(data_sets / "speech" / "digits", tmp_path, 20)
    few = asyncio.Semaphore(5)
    async with callers(instance) as people:

        async def order(caller: str, number: str, wav: Path) -> None:
            async with few:
                steps: list[Step] = [
                    *(AfterOnset(0.5), Key("1", wait=False), STOPPED),
                    *(AfterOnset(1.4), Say(wav, wait=False)),
                    *(AfterOnset(1.8), Key(number, wait=False)),
                    AfterOnset(0.8),
                ]
                report = await people.call("100", [*steps, Hangup(wait=False)], caller_id=caller)
                assert report.problem is None

        await asyncio.gather(*(order(caller, number, wav) for caller, (number, wav) in numbers.items()))
    await settled(instance)
    calls = await asyncio.to_thread(histories, instance, list(numbers))
    first, wrong = 0, []
    for caller, (number, _) in numbers.items():
        agent, heard = said(calls[caller], "agent"), said(calls[caller], "caller")
        assert number in heard, (number, heard)
        assert spell(number, "en") in agent[-1], f"the keyed number is read back: {agent}"
        understood = any(spell(number, "en") in text for text in agent[:-1])
        first += understood
        if not understood:
            wrong.append((number, heard[1:-1]))
    tell(record_property, "human_digits", numbers=len(numbers), understood_at_once=first)
    assert first >= 12, wrong


def spoken_numbers(recordings: Path, folder: Path, count: int) -> dict[str, tuple[str, Path]]:
    """By caller id: a five-digit number and one of the speakers saying it."""
    chance = random.Random(2026)
    speakers = sorted({file.stem.split("_")[1] for file in recordings.glob("*.wav")})
    found: dict[str, tuple[str, Path]] = {}
    for index in range(count):
        number = "".join(chance.choices("0123456789", k=5))
        who = speakers[index % len(speakers)]
        files = [chance.choice(sorted(recordings.glob(f"{digit}_{who}_*.wav"))) for digit in number]
        found[f"55506{10 + index}"] = (number, joined(files, folder / f"{index}-{number}.wav"))
    return found
