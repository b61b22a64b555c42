"""Mood and rules on the pages and in the search for calls."""

import time
from typing import LiteralString

import psycopg
import pytest

from handoff.desk.links import CardLinks
from handoff.records.writer import PostgresRecords
from tests.handoff.desk.conftest import SECRET, Client, Desk, csrf_in
from tests.handoff.desk.desk_calls import CALL, ordinary_call
from tests.handoff.desk.felt_calls import FELT_CALL, FELT_CARD, TAINTED_CALL, felt_call, tainted_call

pytestmark = pytest.mark.postgres


@pytest.fixture
async def calls(records: PostgresRecords) -> None:
    ordinary_call(records)
    felt_call(records)
    tainted_call(records)
    assert await records.flush(10)


async def text_of(client: Client, path: str) -> str:
    answer = await client.get(path)
    assert answer.status == 200, path
    return await answer.text()


@pytest.mark.usefixtures("calls")
class TestTheCall:
    async def test_course_rules_and_grounds_with_a_jump_to_turn_and_sound(self, desk: Desk) -> None:
        html = await text_of(await desk.login("supervisor"), f"/calls/{FELT_CALL}")
        assert "Course of the caller's mood, pleased above, displeased below: calm at 0:07, then frustrated at 0:15" in html
        assert html.count('class="dot') == 3
        assert "By words and voice of the caller" in html
        assert "rule angry caller called a person, because frustrated 0.82 for 14 s (limit 0.7)" in html
        assert "would have called a person" in html and "watched only" in html
        assert '<a class="from" href="#turn-4"' in html and 'id="turn-4"' in html
        assert 'data-play-ms="12000"' in html
        assert "loudness above usual" in html
        assert html.count("frustrated 0.82</span>") == 1, "beside the turn"

    async def test_without_inline_style_or_script(self, desk: Desk) -> None:
        html = await text_of(await desk.login("supervisor"), f"/calls/{FELT_CALL}")
        assert " style=" not in html and "<style" not in html and " onclick=" not in html

    async def test_hostile_names_are_names(self, desk: Desk) -> None:
        html = await text_of(await desk.login("supervisor"), f"/calls/{TAINTED_CALL}")
        assert "<script>window" not in html and "<svg onload" not in html and "<img src=x" not in html
        assert "\u202e" not in html and "\u2066" not in html
        assert "queue: &lt;script&gt;" in html

    async def test_a_call_whose_card_alone_has_moods_shows_those(self, desk: Desk) -> None:
        html = await text_of(await desk.login("supervisor"), f"/calls/{CALL}")
        assert "impatient" in html and html.count('<figure class="mood">') == 1

    async def test_the_card_behind_its_link(self, desk: Desk) -> None:
        url = CardLinks(SECRET, "https://desk.example.com", 600.0).card_url(FELT_CARD, time.time())
        html = await text_of(await desk.login("agent"), url.removeprefix("https://desk.example.com"))
        assert "Apologise first, then take the matter over." in html
        assert "<dd><bdi>angry caller: frustrated 0.82 for 14 s (limit 0.7)</bdi></dd>" in html
        assert "Sounds frustrated." in html
        assert 'href="#turn-4"' in html and "frustrated 0.82" in html
        assert "was told that the voice is judged" in html


async def found(client: Client, **fields: str) -> set[str]:
    answer = await client.post("/calls/search", data={"csrf": csrf_in(await text_of(client, "/calls")), **fields})
    html = await answer.text()
    assert answer.status == 200, html
    return {name for name, call in {"ordinary": CALL, "felt": FELT_CALL, "tainted": TAINTED_CALL}.items() if f"/calls/{call}" in html}


@pytest.mark.usefixtures("calls")
class TestTheSearch:
    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"emotion": "frustrated"}, {"felt"}),
            ({"emotion": "calm"}, {"ordinary", "felt"}),
            ({"emotion": "angry"}, {"ordinary"}),
            ({"emotion": "satisfied"}, set()),
            ({"rule": "*"}, {"felt", "tainted"}),
            ({"rule": "*shadow"}, {"felt"}),
            ({"rule": "stricter_limit"}, {"felt"}),
            ({"rule": "watching", "emotion": "frustrated"}, set()),
            ({"rule": "no_such_rule"}, set()),
            ({"rule": "' OR true --"}, set()),
            ({"rule": "*", "text": "disgrace"}, {"felt"}),
        ],
    )
    async def test_by_mood_and_by_rule(self, desk: Desk, fields: dict[str, str], expected: set[str]) -> None:
        assert await found(await desk.login("supervisor"), **fields) == expected

    async def test_what_there_is_to_choose_from(self, desk: Desk) -> None:
        html = await text_of(await desk.login("supervisor"), "/calls")
        for value in ("frustrated", "confused", "urgent", "satisfied", "calm", "angry_caller", "stricter_limit", "watching"):
            assert f'<option value="{value}">' in html
        assert '<option value="&lt;script&gt;' in html

    async def test_agents_find_their_own_only(self, desk: Desk) -> None:
        assert await found(await desk.login("agent"), rule="*") == {"felt"}


PLANS: tuple[LiteralString, ...] = (
    "EXPLAIN SELECT call_id FROM events WHERE kind = 'emotion' AND data->>'label' = 'frustrated'",
    "EXPLAIN SELECT call_id FROM events WHERE kind = 'escalation_rule' AND data->>'rule' = 'x'",
)


async def test_both_are_found_over_an_index(desk: Desk, desk_database: str) -> None:
    with psycopg.connect(desk_database) as connection:
        connection.execute("SET enable_seqscan = off")
        for query in PLANS:
            assert "events_by_" in str(connection.execute(query).fetchall()), query
