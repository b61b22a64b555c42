"""When rules decide: how long, how often, which first, in shadow, where."""

from agents.manner import Manner
from handoff.rules.decisions import Decision
from handoff.rules.state import WatchState
from handoff.rules.watch import step
from tests.handoff.rules.rules_scenes import clock, concern, emotion, event, over, rules, seen, spoken, started, turn, when

LOUD = "{emotion: {state: frustrated, of: utterance, at_least: 0.6}}"


def acts(decisions: list[Decision]) -> list[tuple[str, str]]:
    return [(decision.rule, decision.act) for decision in decisions]


def at(decisions: list[Decision]) -> list[float]:
    return [decision.at_ms / 1000 for decision in decisions]


def test_a_decision_carries_what_the_rule_says() -> None:
    rule = """\
when: {concern: {name: fraud}}
act: escalate
queue: security
priority: 7
reason: stolen_card
say: {en: One moment., es: Un momento.}
manner: {pace: 0.9, slow_readback: true, short: true, tone: Be calm.}
"""
    (decision,) = over(rules(rule), started(), turn(1, 1, 2), concern(1, 2, "fraud"))
    assert (decision.rule, decision.act, decision.queue, decision.priority, decision.reason) == (
        *("it", "escalate", "security", 7),
        "stolen_card",
    )
    assert [decision.words(language) for language in ("en", "es", "es-MX", "de")] == ["One moment.", "Un momento.", "Un momento.", ""]
    assert decision.manner == Manner(0.9, True, True, "Be calm.")
    told = decision.event()
    assert set(told) == {"rule", "act", "queue", "priority", "reason", "shadow", "grounds"}
    assert isinstance(told["grounds"], list)
    assert set(told["grounds"][0]) == {"signal", "value", "op", "threshold", "turn", "start_ms", "end_ms", "held_s"}  # type: ignore[arg-type]


def test_the_reason_is_the_name_where_none_is_given() -> None:
    (decision,) = over(when("{concern: {name: fraud}}"), turn(1, 1, 2), concern(1, 2, "fraud"))
    assert decision.reason == "it"


def test_for_turns_in_a_row() -> None:
    twice = when(LOUD, "for: {turns: 2}\nact: flag")
    assert at(over(twice, spoken(1, 5, 0.7), spoken(3, 10, 0.7))) == [10]
    assert not over(twice, spoken(1, 5, 0.7), spoken(3, 10, 0.1), spoken(5, 15, 0.7))
    assert at(over(twice, spoken(1, 5, 0.7), spoken(3, 10, 0.1), spoken(5, 15, 0.7), spoken(7, 20, 0.7))) == [20]
    # What happens within a turn is no other turn.
    assert not over(twice, spoken(1, 5, 0.7), event("no_match", 6), event("tool", 7, {"ok": True}), emotion(1, 8, 0.8))
    # Keys say nothing of the voice: the row goes on.
    assert at(over(twice, spoken(1, 5, 0.7), turn(3, 8, 9, via="keypad"), spoken(5, 15, 0.7))) == [15]


def test_for_turns_of_a_concern() -> None:
    twice = when("{concern: {name: complaint}}", "for: {turns: 2}\nact: flag")
    first = [turn(1, 1, 2), concern(1, 2, "complaint")]
    assert at(over(twice, first, turn(3, 3, 4), concern(3, 4, "complaint"))) == [4]
    assert not over(twice, first, turn(3, 3, 4), turn(5, 5, 6), concern(5, 6, "complaint"))


def test_for_turns_of_what_is_known() -> None:
    vip = when("{fact: {name: tier, is: vip}}", "for: {turns: 2}\nact: flag")
    assert at(over(vip, event("facts", 1, {"tier": "vip"}), turn(1, 2, 3), turn(2, 3, 4, who="agent"), turn(3, 5, 6))) == [6]


def test_for_seconds() -> None:
    held = when("{emotion: {state: frustrated, at_least: 0.5}}", "for: {seconds: 10}\nact: flag")
    (decision,) = over(held, spoken(1, 5, 0.7), clock(14.9), clock(15))
    assert decision.at_ms == 15_000
    assert decision.grounds[0].held_s == 10.0
    assert not over(held, spoken(1, 5, 0.7), spoken(3, 10, 0.3), spoken(5, 14, 0.7), clock(20))


def test_cooldown_and_news() -> None:
    rule = when(LOUD, "act: flag\ncooldown_s: 30")
    told = [spoken(i, 5.0 * i, 0.7) for i in range(1, 20, 2)]
    assert at(over(rule, started(), *told)) == [5, 35, 65, 95]
    # While it holds, but nothing new speaks for it, it is not said again.
    course = when("{emotion: {state: frustrated, at_least: 0.6}}", "act: flag\ncooldown_s: 5")
    assert at(over(course, started(), spoken(1, 5, 0.7), *[clock(10.0 + i) for i in range(20)])) == [5]
    assert at(over(course, started(), spoken(1, 5, 0.7), clock(20), spoken(3, 25, 0.7))) == [5, 25]


def test_a_state_of_affairs_is_told_once_until_it_ends() -> None:
    rule = when("{queue: {measure: waiting, at_least: 3}}", "act: flag\ncooldown_s: 1")
    waiting = [event("queue", float(second), {"queue": "s", "waiting": count}) for second, count in enumerate((1, 3, 4, 3, 2, 5))]
    assert at(over(rule, *waiting)) == [1, 5]


def test_a_state_of_affairs_that_comes_in_the_rest_is_told_after_it() -> None:
    rule = when("{queue: {measure: waiting, at_least: 3}}", "act: flag\ncooldown_s: 10")
    counts = {1: 3, 2: 0, 5: 3, 12: 3}
    assert at(over(rule, started(), *[event("queue", float(at), {"queue": "s", "waiting": n}) for at, n in counts.items()])) == [1, 12]


def test_once() -> None:
    rule = when(LOUD, "act: flag\nonce: true\ncooldown_s: 0")
    assert at(over(rule, started(), *[spoken(i, 5.0 * i, 0.7) for i in range(1, 9, 2)])) == [5]


TRY = """\
when: {emotion: {state: frustrated, of: utterance, at_least: 0.4}}
act: try_once
say: {en: I understand this is frustrating.}
say_handing_over: {en: A person will help you.}
"""


def test_one_more_try_then_a_person() -> None:
    decisions = over(rules(TRY), started(), spoken(1, 5, 0.5), spoken(3, 15, 0.1), spoken(5, 25, 0.5))
    assert acts(decisions) == [("it", "try_once"), ("it", "escalate")]
    assert [decision.words("en") for decision in decisions] == ["I understand this is frustrating.", "A person will help you."]
    assert at(decisions) == [5, 25]
    assert acts(over(rules(TRY), started(), spoken(1, 5, 0.5), emotion(1, 5, 0.6), emotion(1, 6, 0.6))) == [("it", "try_once")]
    again = over(rules(TRY), started(), *[spoken(i, 40.0 * i, 0.5) for i in range(1, 9, 2)])
    assert [decision.act for decision in again] == ["try_once", "escalate", "try_once", "escalate"]
    spent = over(rules(f"{TRY}once: true\n"), started(), *[spoken(i, 40.0 * i, 0.5) for i in range(1, 9, 2)])
    assert [decision.act for decision in spent] == ["try_once", "escalate"]


TWO = """\
rest_s: 20
rules:
  first: {when: {concern: {name: fraud}}, act: escalate, cooldown_s: 0, say: {en: One.}}
  noted: {when: {concern: {name: fraud}}, act: flag, cooldown_s: 0}
  second: {when: {emotion: {state: frustrated, of: utterance, at_least: 0.5}}, act: escalate, cooldown_s: 0}
"""


def test_the_first_rule_of_the_file_calls_and_the_others_do_not() -> None:
    together = [turn(1, 1, 2), concern(1, 2, "fraud"), event("noise", 3)]
    assert acts(over(rules(TWO), *together)) == [("first", "escalate"), ("noted", "flag")]
    both = TWO.replace("{state: frustrated, of: utterance, at_least: 0.5}", "{state: frustrated, of: utterance, at_least: 0.5}")
    swapped = both.replace("concern: {name: fraud}}, act: escalate", "emotion: {state: frustrated, at_least: 0.5}}, act: escalate")
    assert acts(over(rules(swapped), turn(1, 1, 2), emotion(1, 2, 0.9))) == [("first", "escalate")]


def test_a_rest_after_an_escalation() -> None:
    told = [turn(1, 1, 2), concern(1, 2, "fraud"), *spoken(3, 10, 0.9), *spoken(5, 21.9, 0.9), *spoken(7, 22, 0.9)]
    assert [(decision.rule, decision.at_ms) for decision in over(rules(TWO), started(), *told)] == [
        *(("first", 2000), ("noted", 2000)),
        ("second", 22000),
    ]


def test_shadow_is_told_and_changes_nothing_for_the_others() -> None:
    shadowed = TWO.replace("first: {", "first: {shadow: true, ")
    decisions = over(rules(shadowed), started(), turn(1, 1, 2), concern(1, 2, "fraud"), spoken(3, 10, 0.9))
    assert [(decision.rule, decision.shadow) for decision in decisions] == [("noted", False), ("first", True), ("second", False)]
    decisions = over(rules(f"shadow: true\n{TWO}"), started(), turn(1, 1, 2), concern(1, 2, "fraud"), spoken(3, 10, 0.9))
    assert all(decision.shadow for decision in decisions)
    # Shadows rest as they would if they acted.
    assert [decision.rule for decision in decisions] == ["first", "noted"]


def test_a_set_in_shadow_decides_what_it_would_decide_live() -> None:
    told = [turn(1, 1, 2), concern(1, 2, "fraud"), *spoken(3, 10, 0.9), *spoken(5, 30, 0.9)]
    live = over(rules(TWO), started(), *told)
    shadow = over(rules(TWO).in_shadow(), started(), *told)
    assert acts(live) == acts(shadow)
    assert over(rules(TWO).in_shadow().acting(), started(), *told) == live


ONLY = """\
rules:
  it:
    when: {concern: {name: fraud}}
    act: flag
    only: {numbers: ["100", "+15550100"], agents: [front-desk], weekdays: [mon, tue], hours: "09:00-17:00"}
"""


def test_only_where_and_when_it_is_meant() -> None:
    def decided(number: str = "100", agent: str = "front-desk", weekday: int = 0, minute: int = 540) -> bool:
        told = [started(number, agent), clock(0.1, weekday, minute), turn(1, 1, 2), concern(1, 2, "fraud")]
        inside = bool(over(rules(ONLY), *told))
        assert inside == bool(over(rules(ONLY).for_call(number, agent), *told))
        return inside

    assert decided()
    assert decided("+15550100", weekday=1, minute=1019)
    assert not decided("101")
    assert not decided(agent="echo")
    assert not decided(weekday=2)
    assert not decided(minute=539)
    assert not decided(minute=1020)
    assert not over(rules(ONLY), started(), turn(1, 1, 2), concern(1, 2, "fraud"))  # what time it is is not known


def test_time_does_not_step_back() -> None:
    rule = when("{call: {longer_than_s: 10}}")
    told = seen(rule, started(at=50), event("noise", 61), event("noise", 55))
    assert [decision.at_ms for _, decision in told] == [11_000]
    assert not over(rule, started(at=50), event("noise", float("nan")), event("noise", float("inf")), event("noise", 60))


def test_the_facts_and_notes_that_rules_need() -> None:
    some = rules("""\
rules:
  one: {when: {all: [{fact: {name: tier, is: vip}}, {not: {fact: {name: paid, known: true}}}]}, act: flag}
  two: {when: {any: [{events: {note: detail_added}}, {queue: {name: vip, measure: waiting, at_least: 1}}]}, act: flag}
  three: {when: {queue: {measure: members_free, at_most: 0}}, act: escalate, queue: sales}
""")
    assert some.facts_read == {"tier", "paid"}
    assert some.notes_read == {"detail_added"}
    assert some.queues_read == {"vip", "sales"}


def test_step_leaves_its_state_as_it_was() -> None:
    rule = when(LOUD)
    state, _ = step(WatchState(), rule, started())
    first = step(state, rule, emotion(1, 5, 0.9))
    assert step(state, rule, emotion(1, 5, 0.9)) == first
    assert state.points == ()
    assert len(first[1]) == 1
