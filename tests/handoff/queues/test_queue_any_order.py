"""Whatever comes, in whatever order: no exception, no negative count, and a snapshot ends every doubt."""

from dataclasses import asdict
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.queues import QueueBoard, QueueRules
from tests.handoff.queues.queue_events import (
    T0,
    Event,
    abandon,
    agent,
    caller,
    complete,
    connect,
    entry,
    join,
    leave,
    listed,
    member,
    params,
)

QUEUES = ("support", "billing")
CALLERS = ("a", "b", "patchcord-wait-T-1-q")
MEMBERS = ("2001", "2002")


@st.composite
def events(draw: st.DrawFn) -> Event:
    unique_id, who = draw(st.sampled_from(CALLERS)), draw(st.sampled_from(MEMBERS))
    queue, dest = draw(st.sampled_from(QUEUES)), draw(st.sampled_from(["d1", "d2"]))
    event = draw(
        st.sampled_from(
            [
                join(unique_id, draw(st.integers(0, 4)), queue=queue),
                leave(unique_id, queue=queue),
                abandon(unique_id, draw(st.integers(0, 60)), queue=queue),
                caller("UserEvent", unique_id, queue=queue, UserEvent="PatchcordQueueLeft", Status=draw(st.sampled_from(["TIMEOUT", "x"]))),
                agent("AgentCalled", unique_id, who, dest, queue=queue),
                agent("AgentRingNoAnswer", unique_id, who, dest, queue=queue),
                agent("AgentDump", unique_id, who, dest, queue=queue),
                connect(unique_id, who, dest, queue=queue),
                complete(unique_id, who, queue=queue),
                member(who, queue=queue, status=draw(st.integers(0, 9)), InCall=draw(st.sampled_from(["0", "1", "?"]))),
                member(who, "QueueMemberAdded", queue=queue),
                member(who, "QueueMemberRemoved", queue=queue),
                member(who, "QueueMemberPause", queue=queue, Paused="1"),
            ]
        )
    )
    broken = draw(st.dictionaries(st.sampled_from(list(event)), st.text(max_size=4), max_size=1)) if draw(st.integers(0, 9)) == 0 else {}
    return {**event, **broken}


@st.composite
def answers(draw: st.DrawFn) -> list[Event]:
    found: list[Event] = []
    for queue in draw(st.sets(st.sampled_from(QUEUES))):
        found.append(params(queue, draw(st.integers(0, 40))))
        found += [listed(who, queue=queue, status=draw(st.integers(0, 8))) for who in draw(st.sets(st.sampled_from(MEMBERS)))]
        waiting = draw(st.permutations(CALLERS))[: draw(st.integers(0, 3))]
        found += [entry(one, at, draw(st.integers(0, 90)), queue=queue) for at, one in enumerate(waiting, 1)]
    return found


steps = st.lists(
    st.tuples(st.floats(0, 4000), st.one_of(events(), events(), events(), answers(), st.sampled_from(["begin", "drop", "lost"]))),
    max_size=40,
)


def take(board: QueueBoard, steps: list[tuple[float, Any]]) -> float:
    now = T0
    for later, step in steps:
        now += later
        if step == "begin":
            board.begin_snapshot()
        elif step == "drop":
            board.drop_snapshot()
        elif step == "lost":
            board.disconnected(now)
        elif isinstance(step, list):
            board.snapshot(step, now)
        else:
            board.feed(step, now)
        check(board, now)
    return now


def check(board: QueueBoard, now: float) -> None:
    for view in board.view(now).values():
        assert [one.position for one in view.waiting] == list(range(1, len(view.waiting) + 1))
        assert len({one.unique_id for one in view.waiting}) == len(view.waiting)
        assert all(row.since <= now for row in view.members)
        for figures in (view.today, view.last_30_min):
            shown = asdict(figures)
            counts = {name: shown[name] for name in ("answered", "abandoned", "timed_out", "left", "unknown")}
            assert all(count >= 0 for count in counts.values()), counts
            assert sum(counts.values()) + len(view.waiting) == figures.offered
            assert 0 <= figures.short_abandoned <= figures.abandoned
            for ratio in (*figures.service_levels, figures.abandonment):
                assert 0 <= ratio.numerator <= ratio.denominator, ratio
            assert figures.asa.numerator >= 0 and figures.handling.denominator <= figures.answered
        at = board.next_change(now)
        assert at is not None and at > now
        wait = board.expected_wait_s(view.name, 1, now)
        assert wait is None or wait >= 0


@settings(max_examples=150, deadline=None)
@given(steps=steps, limit=st.sampled_from([None, 30.0]), short=st.sampled_from([0, 5]))
def test_never_raises_and_never_counts_below_zero(steps: list[tuple[float, Any]], limit: float | None, short: int) -> None:
    take(QueueBoard(default=QueueRules(time_limit_s=limit, short_abandon_s=short, wrap_up_s=20)), steps)


@settings(max_examples=100, deadline=None)
@given(steps=steps, answer=answers())
def test_after_a_snapshot_board_and_asterisk_agree(steps: list[tuple[float, Any]], answer: list[Event]) -> None:
    board = QueueBoard()
    now = take(board, steps)
    board.begin_snapshot()
    board.snapshot(answer, now)
    view = board.view(now)
    assert set(view) == {event["Queue"] for event in answer}
    for name, shown in view.items():
        mine = [event for event in answer if event["Queue"] == name]
        entries = sorted((event for event in mine if event["Event"] == "QueueEntry"), key=lambda event: int(event["Position"]))
        assert [one.unique_id for one in shown.waiting] == [event["Uniqueid"] for event in entries]
        assert all(abs(now - one.since - int(event["Wait"])) <= 2 for one, event in zip(shown.waiting, entries, strict=True))
        rows = {event["Location"]: event for event in mine if event["Event"] == "QueueMember"}
        assert {row.interface for row in shown.members} == set(rows)
        assert all((row.state == "unavailable") == (rows[row.interface]["Status"] in "45") for row in shown.members)
