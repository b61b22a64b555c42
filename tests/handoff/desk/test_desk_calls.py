"""Call history: who sees which calls, search, one call, export."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from handoff.desk.calls.query import CallQuery, QueryRefused, query_from, query_to_json
from handoff.records.store import CallStarted
from handoff.records.writer import PostgresRecords
from tests.handoff.desk.conftest import Client, Desk, csrf_in
from tests.handoff.desk.desk_calls import CALL, HOSTILE, HOSTILE_CALL, LIVE_CALL, hostile_call, live_call, ordinary_call


@pytest.fixture
async def calls(records: PostgresRecords) -> None:
    ordinary_call(records)
    hostile_call(records)
    live_call(records)
    assert await records.flush(10)


async def search(client: Client, **fields: str) -> tuple[str, str]:
    """The path that the search led to, with its query, and the page."""
    token = csrf_in(await (await client.get("/calls")).text())
    answer = await client.post("/calls/search", data={"csrf": token, **fields})
    return answer.url.path_qs, await answer.text()


def found(html: str) -> set[str]:
    return {name for name, call in (("ordinary", CALL), ("hostile", HOSTILE_CALL), ("live", LIVE_CALL)) if f"/calls/{call}" in html}


@pytest.mark.usefixtures("calls")
class TestSearch:
    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"text": "money BACK"}, {"ordinary"}),
            ({"text": '"my order"'}, {"ordinary"}),
            ({"text": "hello -desk"}, {"live", "ordinary"}),
            ({"text": "words nobody said"}, set()),
            ({"number": "+1 (555) 0142"}, {"live"}),
            ({"number": "55501"}, {"ordinary", "live"}),
            ({"intent": "Refund"}, {"ordinary"}),
            ({"intent": "refund request"}, {"ordinary"}),
            ({"outcome": "handover"}, {"ordinary"}),
            ({"agent": "agent"}, {"ordinary"}),
            ({"agent": "2001"}, {"ordinary"}),
            ({"agent": "2002"}, set()),
            ({"agent": "front-desk"}, {"ordinary", "hostile", "live"}),
            ({"emotion": "angry"}, {"ordinary", "hostile"}),
            ({"emotion": 'angry" || true'}, set()),
            ({"first_day": "2020-01-01", "last_day": "2021-01-01"}, set()),
            ({"first_day": "2020-01-01", "text": "hello"}, {"ordinary", "live"}),
            ({"text": "%' OR 1=1 --"}, set()),
        ],
    )
    async def test_each_field(self, desk: Desk, fields: dict[str, str], expected: set[str]) -> None:
        path, html = await search(await desk.login("supervisor"), **fields)
        assert found(html) == expected
        for value in fields.values():
            assert value not in path

    async def test_the_list_without_a_search_holds_all(self, desk: Desk) -> None:
        html = await (await (await desk.login("auditor")).get("/calls")).text()
        assert found(html) == {"ordinary", "hostile", "live"}

    async def test_an_agent_finds_own_calls_only(self, desk: Desk) -> None:
        client = await desk.login("agent")
        assert found(await (await client.get("/calls")).text()) == {"ordinary"}
        assert found((await search(client, text="hello"))[1]) == {"ordinary"}

    async def test_the_search_of_somebody_else_is_not_mine(self, desk: Desk) -> None:
        path, _ = await search(await desk.login("supervisor"), number="0142")
        html = await (await (await desk.login("admin")).get(path)).text()
        assert "0142" not in html.replace("+15550142", "")
        assert found(html) == {"ordinary", "hostile", "live"}

    @pytest.mark.parametrize("fields", [{"first_day": "yesterday"}, {"number": "x"}, {"first_day": "2026-02-01", "last_day": "2026-01-01"}])
    async def test_what_cannot_be_searched_for_is_said(self, desk: Desk, fields: dict[str, str]) -> None:
        _, html = await search(await desk.login("supervisor"), **fields)
        assert 'class="problem"' in html


async def test_pages_of_the_list(desk: Desk, records: PostgresRecords) -> None:
    for number in range(120):
        records.call_started(_started(f"call-{number:03}", number))
    assert await records.flush(20)
    client = await desk.login("supervisor")
    pages = [await (await client.get(f"/calls?page={number}")).text() for number in (1, 2, 3)]
    assert [html.count('href="/calls/call-') for html in pages] == [50, 50, 20]
    assert "/calls/call-119" in pages[0] and "/calls/call-000" in pages[2]
    assert 'rel="next"' in pages[0] and 'rel="next"' not in pages[2]
    for bad in ("0", "-1", "x", "9" * 30, "9" * 5000, "1" + "0" * 5000, "00000000" + "9" * 30, "²"):
        assert (await client.get("/calls", params={"page": bad})).status == 200


@pytest.mark.usefixtures("calls")
class TestOneCall:
    async def test_it_shows_all_of_it(self, desk: Desk) -> None:
        html = await (await (await desk.login("supervisor")).get(f"/calls/{CALL}")).text()
        assert "Your brass desk lamp was shipped on Monday<del" in html, "what was heard, and what was not"
        assert "after 812 ms" in html
        assert "caller request" in html and "refund request" in html
        assert "angry" in html
        assert "there is nothing that could be revealed" in html

    async def test_an_agent_sees_own_calls_only(self, desk: Desk) -> None:
        client = await desk.login("agent")
        assert (await client.get(f"/calls/{CALL}")).status == 200
        for path in (f"/calls/{LIVE_CALL}", f"/calls/{LIVE_CALL}/transcript", f"/calls/{LIVE_CALL}/audio", f"/calls/{LIVE_CALL}/peaks"):
            assert (await client.get(path)).status == 404, path

    @pytest.mark.parametrize("name", [CALL[:8], "nothing", "%00", "..%2f..%2fetc", "'"])
    async def test_only_a_whole_id_is_a_call(self, desk: Desk, name: str) -> None:
        assert (await (await desk.login("supervisor")).get(f"/calls/{name}")).status == 404

    async def test_looking_is_audited(self, desk: Desk) -> None:
        await (await desk.login("auditor")).get(f"/calls/{CALL}")
        row = (await desk.deps.audit.entries(action="view_call"))[0]
        assert (row["actor"], row["call_id"]) == ("auditor", CALL)

    async def test_hostile_words_are_shown_as_words(self, desk: Desk) -> None:
        client = await desk.login("supervisor")
        for path in (f"/calls/{HOSTILE_CALL}", "/calls", f"/calls/{HOSTILE_CALL}/transcript", "/audit"):
            html = await (await client.get(path)).text()
            assert "<script>window" not in html and "<img" not in html.replace('<img src="/static', "") and "<svg onload" not in html, path
            assert "\u202e" not in html and "\u2066" not in html, path
        html = await (await client.get(f"/calls/{HOSTILE_CALL}")).text()
        assert "&lt;script&gt;window.hacked = 1&lt;/script&gt;" in html
        assert "⟨U+202E⟩001" in html
        assert HOSTILE[4] in html
        assert "{{ 7 * 7 }}" in html


@pytest.mark.usefixtures("calls")
class TestExport:
    async def _post(self, desk: Desk, path: str, role: str = "supervisor", **fields: str) -> tuple[int, str, str]:
        client = await desk.login(role)
        token = csrf_in(await (await client.get("/calls")).text())
        answer = await client.post(path, data={"csrf": token, **fields})
        return answer.status, answer.headers.get("Content-Disposition", ""), await answer.text()

    async def test_calls_as_csv_without_formulas(self, desk: Desk) -> None:
        status, disposition, text = await self._post(desk, "/calls/export", form="csv")
        assert (status, disposition) == (200, 'attachment; filename="calls.csv"')
        rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
        assert {row["id"] for row in rows} == {CALL, HOSTILE_CALL, LIVE_CALL}
        assert {row["caller"] for row in rows if row["id"] != HOSTILE_CALL} == {"'+15550100", "'+15550142"}

    async def test_calls_as_json(self, desk: Desk) -> None:
        status, _, text = await self._post(desk, "/calls/export", form="json")
        assert status == 200
        assert {call["id"] for call in json.loads(text)} == {CALL, HOSTILE_CALL, LIVE_CALL}

    async def test_one_call(self, desk: Desk) -> None:
        _, disposition, text = await self._post(desk, f"/calls/{CALL}/export", form="json")
        assert f"call-{CALL}.json" in disposition
        assert [turn["number"] for turn in json.loads(text)["turns"]] == [1, 2, 3, 4, 5, 6, 7]
        _, _, text = await self._post(desk, f"/calls/{CALL}/export", form="csv")
        rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
        assert (rows[4]["heard"], rows[4]["gap_ms"]) == ("Your brass desk lamp was shipped on Monday", "812.0")

    async def test_it_is_audited_and_not_for_agents(self, desk: Desk) -> None:
        await self._post(desk, f"/calls/{CALL}/export", form="csv")
        assert (await desk.deps.audit.entries(action="export_call"))[0]["detail"] == {"form": "csv"}
        for path in ("/calls/export", f"/calls/{CALL}/export", f"/calls/{CALL}/audio"):
            assert (await self._post(desk, path, "agent"))[0] == 403, path


async def test_a_search_goes_to_json_and_back() -> None:
    query = query_from({"text": " hello\0 ", "number": "+44 20 7946", "first_day": "2026-01-31", "other": "x", "intent": 5})
    assert query == CallQuery(text="hello", number="44207946", first_day="2026-01-31")
    assert query_from(query_to_json(query)) == query
    assert CallQuery().empty and not query.empty
    with pytest.raises(QueryRefused, match="two digits"):
        query_from({"number": "+"})


def _started(call_id: str, number: int) -> CallStarted:
    return CallStarted(call_id, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number), 0.0, "100", "+15550100", "front-desk", "")
