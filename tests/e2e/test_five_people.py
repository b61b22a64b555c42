"""More people than the two of the default settings (``sip.people``), who give callers on to one another."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ari_app.caller.answering import Behaviour, TakenCall
from tests.e2e.instance import Instance
from tests.e2e.transfers import MOST_SILENCE_MS, SETTINGS, Scene, Transfer, first_hum, hum, humming, longest_silence_ms, many_at_once, scene

PEOPLE = tuple(str(user) for user in range(2001, 2006))


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    running = Instance(tmp_path_factory.mktemp("five"), {**SETTINGS, **{f"sip.people.{user}": f"Agent {user}" for user in PEOPLE}})
    running.start()
    running.settle_in()
    yield running
    running.stop()


async def test_ten_callers_at_once_are_served_by_five_people_in_order(five: Instance) -> None:
    async with scene(five, PEOPLE) as people:
        await many_at_once(people, callers=10)
        assert all(any(call.answered for call in person.calls) for person in people.people), "everybody has taken some"


async def given_on(people: Scene, by: dict[str, Any]) -> tuple[Transfer, TakenCall, TakenCall]:
    """2001 takes a caller and gives them on to 2002 ``by`` the phone or by keys: the whole, and the call of each of the two."""
    first, second = people.people
    second.behaviour = Behaviour(reaction="busy", ring_s=0.05)
    first.behaviour = replace(Behaviour(ring_s=0.3, keys=((1.5, "1"),), speech=hum(3.4, 700), speak_after_s=1.51), **by)

    async def then_take(began: float) -> None:
        await people.first_answer(began)
        second.behaviour = Behaviour(ring_s=0.5, speech=hum(40), speak_after_s=0.1, hangup_after_s=9.0)

    transfer = await people.transfer(humming(50), meanwhile=then_take)
    taken = second.calls[-1]
    assert taken.answered and taken.headers.get("X-Patchcord-Card") == transfer.call["card"]["id"], "the card comes along"
    assert first_hum(taken.session.log.received) is not None, "the second person hears the caller"
    return transfer, next(call for call in first.calls if call.answered), taken


def silence_ms(transfer: Transfer) -> float:
    """The longest that the caller heard nothing, from the handover to the second person's voice."""
    starts = transfer.caller.invite_ns + round(transfer.events("conversation_ended")[0]["at_ms"] * 1e6)
    heard = first_hum(transfer.caller.log.received)
    assert heard is not None, "the caller hears the second person"
    return longest_silence_ms(transfer.caller, starts, heard)


def asked_colleague(transfer: Transfer) -> str | None:
    """The phone that our own row of queue_log names."""
    return next((row[6] for row in transfer.rows if row[4:6] == ["PATCHCORD", "colleague"]), None)


def ended_by(transfer: Transfer) -> list[str]:
    """Asterisk's last row."""
    return [row for row in transfer.rows if row[4] != "PATCHCORD"][-1]


async def test_whoever_gives_the_caller_on_gives_the_card_along(five: Instance) -> None:
    """By the phone's own transfer (REFER), which asks nothing of Patchcord."""
    async with scene(five, PEOPLE[:2]) as people:
        transfer, first, _ = await given_on(people, {"give_on": (5.0, "2002")})
    assert first.given_on == 202
    assert ended_by(transfer)[4:6] == ["BLINDTRANSFER", "2002"] and asked_colleague(transfer) == "2002", transfer.rows
    assert silence_ms(transfer) <= MOST_SILENCE_MS


async def test_whoever_speaks_with_a_colleague_first_shows_them_the_card_before_the_ring(five: Instance) -> None:
    """The caller is on hold meanwhile, with music; REFER with Replaces joins caller and colleague."""
    async with scene(five, PEOPLE[:2]) as people:
        transfer, first, second = await given_on(people, {"give_on": (5.0, "2002"), "first_talk_s": 3.0})
    assert first.given_on == 202
    assert ended_by(transfer)[4] == "ATTENDEDTRANSFER" and asked_colleague(transfer) == "2002", transfer.rows
    assert silence_ms(transfer) <= MOST_SILENCE_MS
    heard = first_hum(transfer.caller.log.received)
    assert heard is not None and second.call.times.answered is not None
    assert heard / 1e9 > second.call.times.answered + 2.5, "not before both had spoken"


@pytest.fixture(scope="module")
def with_codes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    running = Instance(tmp_path_factory.mktemp("codes"), {**SETTINGS, "transfer.feature_codes": True})
    running.start()
    running.settle_in()
    yield running
    running.stop()


async def test_keys_give_the_caller_on_with_the_card(with_codes: Instance) -> None:
    async with scene(with_codes) as people:
        transfer, _, _ = await given_on(people, {"keys": ((1.5, "1"), (5.0, "##"), (6.5, "2002")), "hangup_after_s": 13.0})
    assert asked_colleague(transfer) == "2002", transfer.rows
    assert ended_by(transfer)[4] == "BLINDTRANSFER", transfer.rows
    assert silence_ms(transfer) <= MOST_SILENCE_MS


async def test_keys_ask_a_colleague_first_and_hanging_up_joins_both(with_codes: Instance) -> None:
    """Asterisk's own last row depends on which of its threads is first when that person hangs up; ours is there either way."""
    async with scene(with_codes) as people:
        transfer, _, _ = await given_on(people, {"keys": ((1.5, "1"), (5.0, "*2"), (6.5, "2002")), "hangup_after_s": 13.0})
    assert asked_colleague(transfer) == "2002", transfer.rows
    assert ended_by(transfer)[4] in ("ATTENDEDTRANSFER", "COMPLETEAGENT"), transfer.rows
    assert silence_ms(transfer) <= MOST_SILENCE_MS


async def test_keys_in_the_middle_of_the_brief_lose_nobody(with_codes: Instance) -> None:
    """Whoever gives on a caller whom they have not accepted yet leaves that to their colleague."""
    async with scene(with_codes) as people:
        first, second = people.people
        second.behaviour = Behaviour(reaction="busy", ring_s=0.05)
        first.behaviour = Behaviour(ring_s=0.3, keys=((1.0, "##"), (2.2, "2002")))

        async def then_take(began: float) -> None:
            await people.first_answer(began)
            second.behaviour = replace(Behaviour(ring_s=0.5, keys=((3.0, "1"),), hangup_after_s=9.0), speech=hum(40), speak_after_s=3.01)

        transfer = await people.transfer(humming(50), meanwhile=then_take)
    assert first_hum(transfer.caller.log.received) is not None, "the caller hears the second person"
    assert silence_ms(transfer) <= MOST_SILENCE_MS
