"""Warm transfers on real calls: what may become of one, each with everything that must hold. The bench runs them many times.

The caller dials an agent that hands over at once; phones 2001 and 2002 are the people of queue ``support``.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from agents.audio import Pcm
from ari_app.caller.answering import Behaviour, Person, TakenCall, on_duty
from ari_app.caller.calling import CallRecord, record_call, telephone
from ari_app.caller.packet_log import Received
from ari_app.caller.script import AtOnce, Hangup, Play, Say, Step, Wait
from ari_app.caller.speech_level import levels_of
from ari_app.media.g711 import LAW_OF_TYPE, decode
from tests.e2e.crowd import AUDIBLE_DBOV, until
from tests.e2e.history import newest_whole
from tests.e2e.instance import Instance
from tests.e2e.people import phone, trunk

NUMBER: Final = "300"
AGENTS: Final = Path(__file__).with_name("agents")
SETTINGS: Final[dict[str, Any]] = {
    "agents.folder": str(AGENTS),
    f"numbers.{NUMBER}.agent": "at-once",
    "transfer.accept_timeout_s": 10,
    "transfer.wait_s": 200,
}
"""Of the instance."""
PEOPLE: Final = ("2001", "2002")
MOST_SILENCE_MS: Final = 1500.0
_HUM_HZ: Final = 440
_ACCEPT_S: Final = 2.0
"""After the answer: in the middle of the brief."""


def hum(seconds: float, hertz: int = _HUM_HZ) -> Pcm:
    """A steady tone at -20 dBov that no voice detector takes for a voice: int16 at 8 kHz."""
    wave: Pcm = (3277 * np.sqrt(2) * np.sin(2 * np.pi * hertz / 8000 * np.arange(round(seconds * 8000)))).astype(np.int16)
    return wave


TAKES: Final = Behaviour(ring_s=0.6, speech=hum(30), speak_after_s=_ACCEPT_S + 0.01, keys=((_ACCEPT_S, "1"),), hangup_after_s=6.0)
"""Rings, hears some of the brief, accepts, talks at once and hangs up after a while."""


@dataclass
class Transfer:
    """One that is over."""

    caller: CallRecord
    taken: list[TakenCall]
    """Every call that reached a phone, in order."""
    call: dict[str, Any] = field(default_factory=dict)
    """The service's record."""
    rows: list[list[str]] = field(default_factory=list)
    """Of queue_log, for this call's placeholders and itself."""

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.call["events"] if event["kind"] == kind]

    @property
    def row_kinds(self) -> list[str]:
        return [row[4] for row in self.rows]

    @property
    def meanings(self) -> list[str]:
        """What our own rows say of the others."""
        return [row[5] for row in self.rows if row[4] == "PATCHCORD"]

    @property
    def with_person(self) -> TakenCall | None:
        """Whoever accepted."""
        return next((call for call in reversed(self.taken) if call.answered and call.pressed_at), None)

    def silence_ms(self) -> float:
        """The longest that the caller heard nothing, from the handover until a person spoke to them, or to the end."""
        starts = self.caller.invite_ns + round(self.events("conversation_ended")[0]["at_ms"] * 1e6)
        person = self.person_heard_ns()
        ends = person if person is not None else self.caller.log.received[-1].at_ns
        return longest_silence_ms(self.caller, starts, ends)

    def person_heard_ns(self) -> int | None:
        """When the caller first heard the person's hum."""
        return first_hum(self.caller.log.received)

    def accept_to_talk_ms(self) -> float | None:
        """From the end of the person's key to the later of: they hear the caller, the caller hears them. Both hum by then."""
        person = self.with_person
        if person is None:
            return None
        pressed = max(packet.at_ns for packet in person.session.log.sent if packet.payload_type not in LAW_OF_TYPE)
        heard = [first_hum(person.session.log.received, pressed), first_hum(self.caller.log.received, pressed)]
        return None if None in heard else (max(at for at in heard if at is not None) - pressed) / 1e6


def longest_silence_ms(caller: CallRecord, starts: int, ends: int) -> float:
    """The longest that the caller heard nothing between two times in ns."""
    packets = [packet for packet in caller.log.audio_received() if starts <= packet.at_ns <= ends]
    levels = levels_of([packet.payload for packet in packets], [LAW_OF_TYPE[packet.payload_type] for packet in packets])
    heard = [starts, *(packet.at_ns for packet, level in zip(packets, levels, strict=True) if level > AUDIBLE_DBOV), ends]
    return float(max(later - earlier for earlier, later in pairwise(heard)) / 1e6)


def first_hum(received: Sequence[Received], after_ns: int = 0) -> int | None:
    """When the first packet of a hum came: three in a row, so that no clip of music or speech is taken for one."""
    run = 0
    for packet in received:
        if packet.at_ns < after_ns:
            continue
        run = run + 1 if packet.is_audio and _is_hum(packet) else 0
        if run == 3:
            return packet.at_ns - 40_000_000
    return None


def _is_hum(packet: Received) -> bool:
    """Nearly all of its power is at the hum's frequency."""
    samples = np.frombuffer(decode(packet.payload, LAW_OF_TYPE[packet.payload_type]), np.int16).astype(np.float64)
    if len(samples) < 160 or not np.any(samples):
        return False
    wave = np.exp(-2j * np.pi * _HUM_HZ / 8000 * np.arange(len(samples)))
    share = 2 * abs(np.dot(samples, wave)) ** 2 / len(samples) / np.dot(samples, samples)
    return bool(share > 0.8 and np.sqrt(np.mean(samples**2)) > 500)


class Scene:
    """An instance with both people on duty."""

    def __init__(self, instance: Instance, people: list[Person]) -> None:
        self.instance = instance
        self.people = people

    def behave(self, behaviour: Behaviour) -> None:
        for each in self.people:
            each.behaviour = behaviour

    def taken(self, since: float) -> list[TakenCall]:
        found = [call for each in self.people for call in each.calls if call.call.times.invite >= since]
        return sorted(found, key=lambda call: call.call.times.invite)

    async def transfer(
        self, steps: list[Step], *, meanwhile: Callable[[float], Awaitable[None]] | None = None, alone: bool = True
    ) -> Transfer:
        """One call from beginning to end; ``meanwhile`` gets the time of its start. ``alone``: nothing is held when it is over."""
        began = time.monotonic()
        async with telephone(trunk(self.instance)) as (agent, threads):
            calling = asyncio.create_task(record_call(agent, threads, NUMBER, steps))
            try:
                if meanwhile is not None:
                    await meanwhile(began)
            finally:
                record = await calling
        assert record.report.answered, record.report.reason
        taken = self.taken(began)
        if alone:
            for call in taken:
                await asyncio.wait_for(call.finished.wait(), 15)
            await until(lambda: not any(self.instance.holdings().values()), 15, "everything is given back")
        await until(lambda: not self.instance.status()["records_pending"], 5, "everything is written")
        whole = newest_whole(self.instance)
        log = (self.instance.data / "asterisk" / "log" / "queue_log").read_text().splitlines()
        rows = [line.split("|") for line in log]
        return Transfer(record, taken, whole, [row for row in rows if whole["id"] in row[1]])

    async def first_answer(self, since: float, limit_s: float = 30.0) -> TakenCall:
        await until(lambda: any(call.answered for call in self.taken(since)), limit_s, "somebody answers")
        return next(call for call in self.taken(since) if call.answered)

    async def first_end(self, since: float, limit_s: float = 30.0) -> None:
        await until(lambda: any(call.finished.is_set() for call in self.taken(since)), limit_s, "a phone has stopped ringing, or talking")

    async def first_ring(self, since: float, limit_s: float = 15.0) -> None:
        await until(lambda: bool(self.taken(since)), limit_s, "a phone rings")


async def _known(instance: Instance, user: str, person: Person) -> None:
    """Asterisk sometimes takes a phone that registers right after the one before it was signed off for absent: it registers again then."""
    for _ in range(5):
        with contextlib.suppress(AssertionError):
            await until(lambda: instance.ari(f"/endpoints/PJSIP/{user}")["state"] == "online", 1.5, f"{user} is registered")
            return
        await person.agent.unregister()
        await asyncio.sleep(1)
        await person.agent.register()
    raise AssertionError(f"phone {user} cannot be registered")


@contextlib.asynccontextmanager
async def scene(instance: Instance, users: Sequence[str] = PEOPLE) -> AsyncIterator[Scene]:
    """``users``: whose phones are there."""
    async with contextlib.AsyncExitStack() as stack:
        people = [await stack.enter_async_context(on_duty(phone(instance, user), TAKES)) for user in users]
        for user, each in zip(users, people, strict=True):
            await _known(instance, user, each)
        await asyncio.sleep(0.3)  # the queue hears of it
        yield Scene(instance, people)


def humming(seconds: float) -> list[Step]:
    """A caller who hums all the time, so that it is heard when a person can hear them."""
    return [Wait(0.3), Play(hum(seconds), AtOnce()), Hangup(wait=False)]


def asking_to_be_called_back() -> list[Step]:
    """For ``talk``: over the music, and yes to the number that they call from."""
    return [
        Wait(9),
        Say("please call me back", wait=False),
        Wait(8),
        Say("yes please", wait=False),
        Wait(9),
        Hangup(wait=False),
    ]


# What may become of a transfer


def _joined(transfer: Transfer) -> None:
    assert transfer.call["outcome"] == "handover", transfer.call["events"]
    assert transfer.with_person is not None, "a person has the caller"
    assert transfer.person_heard_ns() is not None, "the caller hears the person"
    assert transfer.meanings[-1] == "joined", transfer.rows
    assert transfer.row_kinds[-1] in ("COMPLETEAGENT", "COMPLETECALLER"), transfer.rows
    assert transfer.silence_ms() <= MOST_SILENCE_MS, transfer.silence_ms()
    card = transfer.with_person.headers.get("X-Patchcord-Card")
    assert card and transfer.call["card"]["id"] == card
    assert transfer.call["card"]["state"] == "joined"


async def accepted(scene: Scene) -> Transfer:
    scene.behave(TAKES)
    transfer = await scene.transfer(humming(20))
    _joined(transfer)
    assert transfer.meanings == ["joined"], (transfer.rows, transfer.call["events"])
    return transfer


async def accepted_at_once(scene: Scene) -> Transfer:
    """Whoever knows the way presses the key with the answer, before there is a line to hear the brief on."""
    scene.behave(replace(TAKES, keys=((0.02, "1"),), speak_after_s=0.03))
    transfer = await scene.transfer(humming(20))
    _joined(transfer)
    assert transfer.meanings == ["joined"], (transfer.rows, transfer.call["events"])
    return transfer


async def _after_one(scene: Scene, behaviour: Behaviour, over: Callable[[float], Awaitable[Any]]) -> Transfer:
    """The first phone behaves so; once that is over, everybody takes calls."""
    scene.behave(behaviour)

    async def then_take(began: float) -> None:
        await over(began)
        scene.behave(TAKES)

    transfer = await scene.transfer(humming(45), meanwhile=then_take)
    _joined(transfer)
    return transfer


async def declined(scene: Scene) -> Transfer:
    transfer = await _after_one(scene, replace(TAKES, keys=((1.5, "2"),), hangup_after_s=None), scene.first_answer)
    assert transfer.meanings == ["declined", "joined"], transfer.rows
    first, second = (call for call in transfer.taken if call.answered)
    assert first.call.dialog is not second.call.dialog
    return transfer


async def no_answer(scene: Scene) -> Transfer:
    transfer = await _after_one(scene, Behaviour(reaction="ignore"), scene.first_end)
    assert "RINGNOANSWER" in transfer.row_kinds
    assert transfer.meanings == ["joined"]
    return transfer


async def busy(scene: Scene) -> Transfer:
    return await _after_one(scene, Behaviour(reaction="busy", ring_s=0.1), scene.first_end)


async def phone_rejects(scene: Scene) -> Transfer:
    return await _after_one(scene, Behaviour(reaction="decline", ring_s=0.1), scene.first_end)


async def voicemail(scene: Scene) -> Transfer:
    """Something answers and talks, and presses nothing."""
    transfer = await _after_one(scene, Behaviour(ring_s=0.3, speech=hum(30)), scene.first_answer)
    assert transfer.meanings[0] in ("no_accept", "declined"), transfer.rows
    return transfer


async def agent_leaves_while_briefed(scene: Scene) -> Transfer:
    transfer = await _after_one(scene, Behaviour(ring_s=0.3, hangup_after_s=1.5), scene.first_answer)
    assert transfer.meanings == ["member_left", "joined"], transfer.rows
    return transfer


async def caller_leaves_while_ringing(scene: Scene) -> Transfer:
    scene.behave(Behaviour(reaction="ignore"))
    transfer = await scene.transfer(humming(5))
    assert transfer.call["outcome"] == "caller_left"
    assert transfer.taken and not any(call.answered for call in transfer.taken)
    assert all(call.call.cancelled.is_set() for call in transfer.taken), "no phone rings on"
    assert transfer.meanings == ["caller_left"] and "ABANDON" in transfer.row_kinds, transfer.rows
    assert transfer.call["card"]["state"] == "left"
    return transfer


async def caller_leaves_while_briefed(scene: Scene) -> Transfer:
    scene.behave(Behaviour(ring_s=0.3))
    transfer = await scene.transfer(humming(6.5))
    assert transfer.call["outcome"] == "caller_left", transfer.call["events"]
    (answered,) = (call for call in transfer.taken if call.answered)
    told = [event["data"]["text"] for event in transfer.events("said_to_person")]
    assert any("hung up" in text for text in told), told
    assert answered.call.end_reason == "remote_hangup"
    assert transfer.meanings == ["caller_left"], transfer.rows
    return transfer


async def nobody_on_duty(instance: Instance) -> Transfer:
    """To be run without people: the caller is back with the agent at once."""
    await asyncio.sleep(2.5)  # a phone that was there a moment ago may be registering anew
    alone = Scene(instance, [])
    transfer = await alone.transfer([Wait(6), Hangup(wait=False)])
    assert "Nobody is free now." in [turn["text"] for turn in transfer.call["turns"]], transfer.call["turns"]
    assert transfer.events("transfer_ended")[0]["data"]["detail"] == "JOINEMPTY"
    assert transfer.silence_ms() <= MOST_SILENCE_MS
    return transfer


async def in_mode(instance: Instance, mode: str) -> Transfer:
    """``announced``: nobody presses anything. ``consult``: both hear the introduction before they are left alone."""
    async with scene(instance) as people:
        people.behave(replace(TAKES, keys=() if mode == "announced" else TAKES.keys, speak_after_s=2.1, hangup_after_s=24.0))
        transfer = await people.transfer(humming(30))
    assert transfer.call["outcome"] == "handover", transfer.call["events"]
    detail = transfer.events("transfer_ended")[0]["data"]["detail"]
    assert detail == ("announced" if mode == "announced" else "introduced"), transfer.call["events"]
    assert transfer.meanings == ["joined"], transfer.rows
    assert transfer.person_heard_ns() is not None, "the caller hears the person"
    told = [event["data"]["text"] for event in transfer.events("said_to_person")]
    assert ("You are both on the line." in " ".join(told)) is (mode == "consult"), told
    return transfer


async def person_leaves_while_introduced(instance: Instance) -> Transfer:
    """Mode ``consult``: the caller, who was with them already, is back with music and the agent, and the next person takes them."""
    async with scene(instance) as people:
        people.behave(replace(TAKES, speech=None, hangup_after_s=3.2))

        async def then_stay(began: float) -> None:
            await people.first_answer(began)
            people.behave(replace(TAKES, speak_after_s=2.1, hangup_after_s=24.0))

        transfer = await people.transfer(humming(45), meanwhile=then_stay)
    assert transfer.meanings == ["member_left", "joined"], transfer.rows
    assert transfer.person_heard_ns() is not None, "the caller hears the second person"
    assert transfer.silence_ms() <= MOST_SILENCE_MS, transfer.silence_ms()
    return transfer


async def line_full(instance: Instance) -> Transfer:
    """With ``calls.queue_most`` 1 and a phone that nobody answers: the second caller does not get in."""
    async with scene(instance) as people:
        people.behave(Behaviour(reaction="ignore"))
        async with telephone(trunk(instance, "5550199")) as (agent, threads):
            first = asyncio.create_task(record_call(agent, threads, NUMBER, humming(12)))
            await until(lambda: any(person.calls for person in people.people), 15, "the first caller is in line")
            second = await people.transfer([Wait(5), Hangup(wait=False)], alone=False)
            await first
        await until(lambda: not any(instance.holdings().values()), 15, "everything is given back")
    ended = second.events("transfer_ended")[0]["data"]
    assert (ended["kind"], ended["detail"]) == ("back_to_agent", "FULL"), second.call["events"]
    assert "Nobody is free now." in [turn["text"] for turn in second.call["turns"]]
    return second


async def worker_killed_while_briefing(scene: Scene) -> float:
    """The person is let go, and the caller reaches a person by the dialplan alone. Returns the longest silence that they heard, in ms."""
    scene.behave(Behaviour(ring_s=0.3, speech=hum(30), speak_after_s=0.1))
    began = time.monotonic()
    async with telephone(trunk(scene.instance)) as (agent, threads):
        calling = asyncio.create_task(record_call(agent, threads, NUMBER, humming(30)))
        briefed = await scene.first_answer(began)
        await asyncio.sleep(1.0)
        scene.instance.kill("mind")
        killed_ns = time.monotonic_ns()
        await until(lambda: sum(call.answered for call in scene.taken(began)) == 2, 20, "the caller reaches a person")
        record = await calling
    assert briefed.finished.is_set(), "who was being briefed is not kept"
    person = first_hum(record.log.received)
    assert person is not None, "the caller hears the person"
    await until(lambda: scene.instance.ready() and not any(scene.instance.holdings().values()), 20, "everything is given back")
    return longest_silence_ms(record, killed_ns, person)


async def many_at_once(scene: Scene, callers: int, talk_s: float = 3.0) -> list[int]:
    """More callers than people: all are served, in the order of the line. Returns that order, by the number of each caller."""
    scene.behave(replace(TAKES, keys=((0.8, "1"),), speak_after_s=0.9, hangup_after_s=0.8 + talk_s))
    began = time.monotonic()

    async def call(index: int) -> CallRecord:
        await asyncio.sleep(index * 0.4)
        async with telephone(trunk(scene.instance, f"55501{index:02}")) as (agent, threads):
            return await record_call(agent, threads, NUMBER, humming(callers * (talk_s + 6) / len(scene.people) + 25))

    records = await asyncio.gather(*(call(index) for index in range(callers)))
    await until(lambda: not any(scene.instance.holdings().values()), 15, "everything is given back")
    assert all(first_hum(record.log.received) is not None for record in records), "all are served"
    order = [int(taken.caller[1].removeprefix("55501")) for taken in scene.taken(began) if taken.answered]
    assert sorted(order) == list(range(callers)), order
    at_once = len(scene.people) - 1
    assert all(abs(place - index) <= at_once for place, index in enumerate(order)), f"in order, but for those served at once: {order}"
    return order


OUTCOMES: Final[dict[str, Callable[[Scene], Awaitable[Transfer]]]] = {
    "accepted": accepted,
    "accepted at once": accepted_at_once,
    "declined": declined,
    "no answer": no_answer,
    "busy": busy,
    "phone rejects": phone_rejects,
    "voicemail": voicemail,
    "agent leaves while briefed": agent_leaves_while_briefed,
    "caller leaves while ringing": caller_leaves_while_ringing,
    "caller leaves while briefed": caller_leaves_while_briefed,
}
"""With people on duty. An empty or full queue and a killed worker need a scene of their own."""
