import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.service.front.joined_calls import JoinedCalls, News, Resync
from handoff.desk.floor.live_calls import BadLine, LiveCalls


class Worker:
    """Writes the lines of one worker's feed."""

    def __init__(self, number: int, joined: JoinedCalls) -> None:
        self.number = number
        self.live = LiveCalls()
        self.seq = 0
        self._joined = joined

    def snapshot(self) -> News | Resync | None:
        return self._joined.take(self.number, line(kind="snapshot", seq=self.seq, at=1.0, calls=self.live.whole()))

    def tell(self, kind: str, call_id: str, **data: Any) -> News | Resync | None:
        if not self.live.apply(kind, call_id, 1.0, data):
            return None
        self.seq += 1
        return self._joined.take(self.number, line(kind=kind, seq=self.seq, at=1.0, call_id=call_id, data=data))


def line(**data: Any) -> bytes:
    return json.dumps(data).encode()


def two() -> tuple[JoinedCalls, Worker, Worker]:
    joined = JoinedCalls()
    first, second = Worker(1, joined), Worker(2, joined)
    for worker in (first, second):
        assert isinstance(worker.snapshot(), Resync)
    return joined, first, second


def ids(joined: JoinedCalls) -> list[str]:
    return [str(call["id"]) for call in joined.whole()]  # type: ignore[index,call-overload]


def test_lines_of_all_workers_are_passed_on() -> None:
    joined, first, second = two()
    assert first.tell("state", "a", state="talking") == News("state", "a", 1.0, {"state": "talking"})
    second.tell("state", "b", state="talking")
    assert ids(joined) == ["a", "b"]
    assert (joined.of("a"), joined.of("b"), joined.of("c")) == (1, 2, None)
    assert isinstance(first.tell("ended", "a", outcome="goodbye"), News)
    assert ids(joined) == ["b"]


def test_a_call_that_moves_is_told_of_by_the_worker_to_whom_it_came() -> None:
    joined, first, second = two()
    first.tell("state", "a", state="arriving")
    assert isinstance(second.tell("state", "a", state="talking"), Resync)
    assert first.tell("event", "a", event="refused", data={}) is None
    assert first.tell("ended", "a", outcome="elsewhere") is None, "its end at the old worker is nobody's concern"
    assert isinstance(second.tell("partial", "a", text="hello"), News)
    assert (ids(joined), joined.of("a")) == (["a"], 2)


def test_the_calls_of_a_worker_that_goes_are_forgotten() -> None:
    joined, first, second = two()
    first.tell("state", "a", state="talking")
    second.tell("state", "b", state="talking")
    assert isinstance(joined.lost(1), Resync)
    assert ids(joined) == ["b"]
    assert joined.lost(1) is None
    with pytest.raises(BadLine):
        first.tell("state", "c", state="talking")
    first.live = LiveCalls()
    first.snapshot()
    assert isinstance(first.tell("state", "d", state="talking"), News)


def test_a_missing_line_and_an_odd_one_are_noticed() -> None:
    joined, first, _ = two()
    first.seq += 1
    with pytest.raises(BadLine):
        first.tell("state", "a", state="talking")
    for odd in (b"", b"{", b"[]", line(kind="state", seq="x", at=1)):
        with pytest.raises(BadLine):
            joined.take(1, odd)


@given(
    st.lists(st.tuples(st.sampled_from([1, 2]), st.sampled_from(["state", "partial", "ended", "snapshot", "lost"]), st.sampled_from("abc")))
)
def test_whoever_reads_all_lines_knows_what_a_snapshot_says(story: list[tuple[int, str, str]]) -> None:
    joined, *workers = two()
    reader = LiveCalls()
    for number, kind, call_id in story:
        worker = workers[number - 1]
        if kind == "lost":
            change: News | Resync | None = joined.lost(number)
            worker.live = LiveCalls()
            reader.replace(list(joined.whole()))
            worker.snapshot()
            continue
        change = worker.snapshot() if kind == "snapshot" else worker.tell(kind, call_id, **({"text": "x"} if kind == "partial" else {}))
        if isinstance(change, Resync):
            reader.replace(list(joined.whole()))
        elif change is not None:
            assert reader.apply(change.kind, change.call_id, change.at, change.data)
    assert {call["id"]: call for call in reader.whole()} == {call["id"]: call for call in joined.whole()}  # type: ignore[index,call-overload]
    assert set(reader.calls) == set(workers[0].live.calls) | set(workers[1].live.calls)
