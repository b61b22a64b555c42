"""How a course and rules are drawn."""

import pytest

from handoff.card import EmotionPoint
from handoff.desk.calls.timeline import decisions, timeline
from handoff.desk.cards.mood import HEIGHT, WIDTH, mood_of_events, mood_view
from handoff.desk.cards.view import card_view
from tests.handoff.felt import felt, ruled


def event(kind: str, at_ms: int, data: object) -> dict[str, object]:
    return {"kind": kind, "at_ms": at_ms, "data": data}


EVENTS = [
    event("emotion", 7100, felt(2, None, valence=0.1)),
    event("noise", 8000, "text"),
    event("emotion", 14600, felt(4, "frustrated", 0.82, -0.45, "audio")),
    event("escalation_rule", 14610, ruled(shadow=True)),
]


def test_dots_line_and_marks() -> None:
    view = mood_of_events(EVENTS)
    assert [(dot.label, dot.tone, dot.by) for dot in view.dots] == [("calm", "", "words"), ("frustrated", "bad", "words and voice")]
    assert view.dots[0].y < HEIGHT / 2 < view.dots[1].y, "pleased is above"
    assert view.line == " ".join(f"{dot.x:g},{dot.y:g}" for dot in view.dots)
    assert view.told == "calm at 0:07, then frustrated at 0:15"
    assert view.by == "words and voice"
    (rule,) = view.rules
    assert rule.shadow and rule.done == "would have called a person"
    assert rule.title == "0:15: rule angry caller would have called a person, because frustrated 0.82 for 14 s (limit 0.7)"
    ground = rule.grounds[0]
    assert (ground.signal, ground.value, ground.limit, ground.turn, ground.at_ms, ground.held) == (
        "frustrated",
        "0.82",
        ">= 0.7",
        4,
        12000,
        "14 s",
    )
    assert view.dots[1].title.startswith("0:15, turn 4: frustrated 0.82, valence -0.45, by words and voice: words: called often")


@pytest.mark.parametrize("times", [[5], [5, 5], [-100, 10**12], [0, 1, 2]])
def test_everything_is_within_the_drawing(times: list[int]) -> None:
    view = mood_view([EmotionPoint(at, "calm", value) for at, value in zip(times, (-1.0, 1.0, 0.0), strict=False)])
    assert all(0 <= dot.x <= WIDTH and 0 <= dot.y <= HEIGHT for dot in view.dots)
    assert bool(view.line) is (len(times) > 1)


def test_nothing_is_nothing() -> None:
    assert not mood_view([])
    assert not mood_of_events([event("noise", 1, {}), event("emotion", 1, "text"), event("emotion", 1, {"label": 7})])


def test_a_card_shows_its_own_course_and_the_calls_where_that_is_known() -> None:
    body = {"emotion": [{"at_ms": 1000, "label": "impatient", "value": -0.3}, {"at_ms": "x", "label": None, "value": 9}]}
    own = card_view(body)
    assert [(dot.label, dot.valence) for dot in own.mood.dots] == [("impatient", -0.3), ("None", 1.0)]
    assert [dot.label for dot in card_view(body, EVENTS).mood.dots] == ["calm", "frustrated"]
    assert card_view({**body, "consent": {"emotion": "audio_announced"}}).mood_rests_on == "was told that the voice is judged"
    assert card_view({**body, "consent": {"emotion": ["x"]}}).mood_rests_on == ""


def test_the_transcript_tells_moods_of_the_callers_turns_only() -> None:
    base = {"text": "Hm.", "heard": "Hm.", "ended_ms": 1, "via": "speech", "interrupted": False, "latency_ms": {}}
    turns = [{**base, "number": number, "who": who, "started_ms": number} for number, who in ((2, "caller"), (4, "caller"), (5, "agent"))]
    call = {"turns": turns, "events": [*EVENTS, event("emotion", 20000, felt(5, "frustrated"))]}
    assert [(entry.number, entry.mood) for entry in timeline(call) if entry.kind == "turn"] == [(2, ""), (4, "frustrated 0.82"), (5, "")]
    facts = {entry.at_ms: entry.facts for entry in timeline(call) if entry.kind == "event"}
    assert facts[14600] == (("frustrated", "0.82"),)
    assert facts[14610] == (("angry caller", "would have called a person"), ("because", "frustrated 0.82 for 14 s (limit 0.7)"))


def test_rules_are_told_with_their_grounds_and_not_twice() -> None:
    assert decisions({"events": EVENTS}) == []
