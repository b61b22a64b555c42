import pytest

from handoff.desk.floor.live_calls import BadLine, LiveCall, LiveCalls


@pytest.fixture
def live() -> LiveCalls:
    live = LiveCalls()
    live.apply("state", "c1", 100.0, {"state": "talking", "caller": "+441134960000"})
    return live


def turn(number: int, who: str = "agent", gap: float | None = None) -> dict[str, object]:
    return {"number": number, "who": who, "text": f"turn {number}", "heard": "", "latency_ms": {} if gap is None else {"gap": gap}}


def test_facts_are_merged_and_forgotten(live: LiveCalls) -> None:
    live.apply("state", "c1", 101.0, {"node": "ask_order", "caller": None, "confidence": 0.7})
    assert live.calls["c1"].facts == {"started": 100.0, "state": "talking", "state_since": 100.0, "node": "ask_order", "confidence": 0.7}


def test_since_moves_only_with_the_state(live: LiveCalls) -> None:
    live.apply("state", "c1", 105.0, {"state": "talking"})
    assert live.calls["c1"].facts["state_since"] == 100.0
    live.apply("state", "c1", 106.0, {"state": "waiting"})
    assert live.calls["c1"].facts["state_since"] == 106.0
    live.apply("state", "c1", 107.0, {"state": "ringing", "state_since": 106.5})
    assert live.calls["c1"].facts["state_since"] == 106.5


@pytest.mark.parametrize(
    "fact", [{"state": 7}, {"confidence": "high"}, {"confidence": True}, {"transfer": "x"}, {"flags": "x"}, {"new": 1}]
)
def test_a_fact_of_another_kind_is_passed_over(live: LiveCalls, fact: dict[str, object]) -> None:
    before = dict(live.calls["c1"].facts)
    live.apply("state", "c1", 101.0, fact)  # type: ignore[arg-type]
    assert live.calls["c1"].facts == before


def test_back_with_the_agent_no_transfer_is_under_way(live: LiveCalls) -> None:
    live.apply("state", "c1", 101.0, {"state": "waiting", "transfer": {"queue": "billing", "position": 2}})
    live.apply("state", "c1", 102.0, {"node": "company"})
    assert live.calls["c1"].facts["transfer"] == {"queue": "billing", "position": 2}
    live.apply("state", "c1", 103.0, {"state": "talking"})
    assert "transfer" not in live.calls["c1"].facts


def test_the_last_turns_are_kept_and_a_mended_one_takes_its_place(live: LiveCalls) -> None:
    for number in range(1, 10):
        live.apply("turn", "c1", 101.0, turn(number))  # type: ignore[arg-type]
    live.apply("turn", "c1", 101.0, {**turn(9), "heard": "turn"})  # type: ignore[dict-item]
    turns = live.calls["c1"].turns
    assert [entry["number"] for entry in turns] == [4, 5, 6, 7, 8, 9]
    assert turns[-1]["heard"] == "turn"


def test_the_callers_turn_ends_the_words_so_far_and_the_agents_does_not(live: LiveCalls) -> None:
    live.apply("partial", "c1", 101.0, {"text": "I wou"})
    live.apply("turn", "c1", 101.0, turn(1, "agent"))  # type: ignore[arg-type]
    assert live.calls["c1"].partial == "I wou"
    live.apply("turn", "c1", 101.0, turn(2, "caller"))  # type: ignore[arg-type]
    assert live.calls["c1"].partial == ""


def test_gaps_give_the_last_and_the_median(live: LiveCalls) -> None:
    assert "gap_ms" not in live.calls["c1"].shown()
    for number, gap in enumerate((900.0, 400.4, 700.0), 1):
        live.apply("turn", "c1", 101.0, turn(number, gap=gap))  # type: ignore[arg-type]
    live.apply("turn", "c1", 101.0, turn(4))  # type: ignore[arg-type]
    shown = live.calls["c1"].shown()
    assert (shown["gap_ms"], shown["gap_median_ms"]) == (700, 700)


def test_events_of_the_conversation(live: LiveCalls) -> None:
    live.apply("event", "c1", 102.0, {"event": "tool", "data": {"name": "look_up", "ok": False, "ms": 120, "error": "x"}})
    live.apply("event", "c1", 102.0, {"event": "agent_version", "data": {"agent": "front-desk", "version": "v7"}})
    for _ in range(2):
        live.apply("event", "c1", 102.0, {"event": "flagged", "data": {"reason": "angry"}})
    live.apply("event", "c1", 102.0, {"event": "noise", "data": {"ms": 4}})
    live.apply("event", "c1", 102.0, {"event": "recognised", "data": {"confidence": 0.61}})
    facts = live.calls["c1"].facts
    assert facts["tool"] == {"name": "look_up", "ok": False, "ms": 120, "at": 102.0}
    assert (facts["agent"], facts["version"], facts["flags"]) == ("front-desk", "v7", ["angry"])
    assert facts["confidence"] == 0.61


def test_what_is_keyed_in_secret_is_not_shown(live: LiveCalls) -> None:
    live.apply("partial", "c1", 101.0, {"text": "four one"})
    live.apply("event", "c1", 102.0, {"event": "secret_entry", "data": {"on": True}})
    assert live.calls["c1"].partial == ""
    assert not live.apply("partial", "c1", 102.0, {"text": "one one"})
    assert live.calls["c1"].shown()["secret"] is True
    live.apply("event", "c1", 103.0, {"event": "secret_entry", "data": {"on": False}})
    assert live.apply("partial", "c1", 104.0, {"text": "thanks"})


def test_calls_nobody_told_of_and_kinds_of_later_versions_pass_by(live: LiveCalls) -> None:
    assert not live.apply("turn", "c9", 101.0, turn(1))  # type: ignore[arg-type]
    assert not live.apply("ended", "c9", 101.0, {})
    assert not live.apply("hologram", "c1", 101.0, {})
    assert list(live.calls) == ["c1"]


def test_an_ended_call_is_forgotten(live: LiveCalls) -> None:
    assert live.apply("ended", "c1", 101.0, {"outcome": "goodbye"})
    assert live.calls == {}


def test_a_snapshot_makes_the_same_calls_again(live: LiveCalls) -> None:
    for number in range(1, 4):
        live.apply("turn", "c1", 101.0, turn(number, gap=100.0 * number))  # type: ignore[arg-type]
    live.apply("event", "c1", 102.0, {"event": "flagged", "data": {"reason": "angry"}})
    live.apply("card", "c1", 102.0, {"card_id": "k", "state": "ringing"})
    live.apply("state", "c1", 103.0, {"listeners": [{"name": "Supervisor", "mode": "listen"}], "transfer": {"queue": "billing"}})
    live.apply("partial", "c1", 103.0, {"text": "and"})
    other = LiveCalls()
    other.apply("state", "old", 1.0, {})
    other.replace(live.whole())
    assert other.whole() == live.whole()
    assert other.calls["c1"].shown() == live.calls["c1"].shown()


@pytest.mark.parametrize("calls", [None, {}, "x"])
def test_a_snapshot_that_is_none(calls: object) -> None:
    with pytest.raises(BadLine):
        LiveCalls().replace(calls)  # type: ignore[arg-type]


@pytest.mark.parametrize("call", [{}, {"id": 7}, {"id": "c", "facts": []}, {"id": "c", "turns": {}}, {"id": "c", "partial": 1}])
def test_a_call_in_a_snapshot_that_is_none(call: dict[str, object]) -> None:
    with pytest.raises(BadLine):
        LiveCall.of(call)  # type: ignore[arg-type]
