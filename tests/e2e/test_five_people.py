"""More people than the two of the default settings: those of ``sip.people``."""

from collections.abc import Iterator

import pytest

from ari_app.caller.answering import Behaviour
from tests.e2e.instance import Instance
from tests.e2e.transfers import SETTINGS, first_hum, hum, humming, many_at_once, scene

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


async def test_whoever_gives_the_caller_on_gives_the_card_along(five: Instance) -> None:
    """By the phone's own transfer (REFER), which asks nothing of Patchcord."""
    async with scene(five, PEOPLE[:2]) as people:
        first, second = people.people
        second.behaviour = Behaviour(reaction="busy", ring_s=0.05)
        first.behaviour = Behaviour(ring_s=0.3, keys=((1.5, "1"),), give_on=(5.0, "2002"))

        async def then_take(began: float) -> None:
            await people.first_answer(began)
            second.behaviour = Behaviour(ring_s=0.5, speech=hum(30), speak_after_s=0.1, hangup_after_s=5.0)

        transfer = await people.transfer(humming(40), meanwhile=then_take)
        given = next(call for call in first.calls if call.answered)
        taken = second.calls[-1]
        assert given.given_on == 202
        assert taken.answered and taken.headers.get("X-Patchcord-Card") == transfer.call["card"]["id"]
        assert first_hum(transfer.caller.log.received) is not None, "the caller hears the second person"
        assert transfer.rows[-1][4:6] == ["BLINDTRANSFER", "2002"], "wallboards know"
