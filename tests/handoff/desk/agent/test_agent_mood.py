"""The mood and the rules on the card of whoever takes the call."""

import pytest

from handoff.records.writer import PostgresRecords
from tests.handoff.desk.agent.conftest import Cases
from tests.handoff.desk.conftest import Desk
from tests.handoff.desk.felt_calls import FELT_CALL, FELT_CARD, felt_call, happens
from tests.handoff.felt import felt

pytestmark = pytest.mark.postgres


async def test_the_card_has_the_course_and_what_came_of_it(agent_desk: Desk, records: PostgresRecords) -> None:
    call = felt_call(records)
    assert await records.flush(10)
    agent = await agent_desk.login("agent")
    html = await (await agent.get(f"/agent/cards/{FELT_CARD}")).text()
    assert html.count('class="dot') == 3
    assert "Apologise first, then take the matter over." in html
    assert "angry caller: frustrated 0.82 for 14 s (limit 0.7)" in html
    assert "<details><summary>Grounds</summary>" in html, "seen on wish: the card is read while the phone rings"
    assert " style=" not in html
    happens(call, "emotion", 33.0, felt(8, "urgent", 0.9, -0.8))
    assert await records.flush(10)
    html = await (await agent.get(f"/agent/cards/{FELT_CARD}")).text()
    assert html.count('class="dot') == 4, "what was felt since the card was made is on it too"


async def test_a_call_without_moods_has_none(agent_desk: Desk, cases: Cases) -> None:
    cases.call("quiet")
    cases.card("a-quiet-card", "quiet")
    html = await (await (await agent_desk.login("agent")).get("/agent/cards/a-quiet-card")).text()
    assert "Mood" not in html and "Grounds" not in html
    assert FELT_CALL not in html
