import pytest

from handoff.desk.floor.live_calls import LiveCalls
from handoff.desk.floor.page_calls import PageCalls, masked


@pytest.fixture
def live() -> LiveCalls:
    live = LiveCalls()
    live.apply("state", "c1", 100.0, {"state": "talking", "caller": "+441134960123", "node": "greet"})
    return live


def test_first_everything_then_only_what_changed_then_nothing(live: LiveCalls) -> None:
    page = PageCalls()
    first = page.patch(live, {"c1"})
    assert first == {
        "calls": {
            "c1": {
                "id": "c1",
                "state": "talking",
                "started": 100.0,
                "state_since": 100.0,
                "caller": "…0123",
                "node": "greet",
                "turns": [],
                "partial": "",
                "secret": False,
            }
        },
        "gone": [],
    }
    live.apply("partial", "c1", 101.0, {"text": "hi"})
    live.apply("state", "c1", 101.0, {"node": None})
    assert page.patch(live, {"c1"}) == {"calls": {"c1": {"partial": "hi", "node": None}}, "gone": []}
    assert page.patch(live, {"c1"}) == {}


def test_a_call_that_ended_is_told_once(live: LiveCalls) -> None:
    page = PageCalls()
    page.patch(live)
    live.apply("ended", "c1", 102.0, {})
    assert page.patch(live, {"c1"}) == {"calls": {}, "gone": ["c1"]}
    assert page.patch(live) == {}


def test_everything_anew_finds_what_went_and_came(live: LiveCalls) -> None:
    page = PageCalls()
    page.patch(live)
    live.replace([{"id": "c2", "facts": {"state": "waiting"}}])
    found = page.patch(live)
    assert found["gone"] == ["c1"]
    assert isinstance(found["calls"], dict)
    assert list(found["calls"]) == ["c2"]


@pytest.mark.parametrize(("number", "shown"), [("+441134960123", "…0123"), ("2001", "2001"), ("", ""), ("12345", "…2345")])
def test_only_the_end_of_a_number_is_shown(number: str, shown: str) -> None:
    assert masked(number) == shown
