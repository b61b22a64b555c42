"""``@agent.on_emotion`` and what an agent's own code can change about how the agent talks."""

import io
import threading
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import Agent, Call, EmotionTrigger
from agents.conversation import Conversation
from agents.conversation.control import ConversationControl
from agents.manner import Manner
from agents.memory_line import MemoryLine
from agents.sdk.agent_events import AgentEvents, Emotion, Escalation
from agents.sdk.call import Call as TheCall
from agents.sdk.call import LateControl
from agents.sdk.emotion_names import state_named
from agents.sdk.emotion_watch import EmotionWatch, EmotionWish
from agents.sdk.manner_change import MannerChange
from agents.sdk.observing import ObservedSink
from agents.tools import CallFacts
from agents.transcript import JsonValue
from tests.agents.mind_doubles import FRONT_DESK, HonestSpeaker, HonestTranscriber, Notes, OrderBook
from tests.agents.sdk.test_sdk_call import Control, settled

LOUD: Mapping[str, JsonValue] = {
    "turn": 3,
    "label": "frustrated",
    "level": 0.72,
    "valence": -0.5,
    "arousal": 0.8,
    "states": {"frustrated": 0.72, "confused": 0.1, "urgent": 0.2, "satisfied": 0.0},
    "method": "audio",
}


def event(**states: float) -> Mapping[str, JsonValue]:
    label = max(states, key=lambda name: states[name])
    return {**LOUD, "label": label, "level": states[label], "states": dict(states)}


def observed(events: AgentEvents) -> ObservedSink:
    return ObservedSink(None, events, TheCall("c1", "", "500", LateControl()))


async def test_a_strong_feeling_reaches_its_handler_with_everything_that_is_known() -> None:
    events, seen = AgentEvents("orders"), list[Emotion]()
    events.on_emotion("frustrated", above=0.6)(lambda call, emotion: seen.append(emotion))
    events.on_emotion("satisfied")(lambda call, emotion: seen.append(emotion))
    observed(events).event("emotion", 5.0, LOUD)
    assert await events.pool.settled(2.0)
    states = {"frustrated": 0.72, "confused": 0.1, "urgent": 0.2, "satisfied": 0.0}
    assert seen == [Emotion("frustrated", 0.72, 5.0, -0.5, 0.8, states, "audio")]


async def test_it_is_told_once_each_time_and_only_after_so_many_turns() -> None:
    events, seen = AgentEvents("orders"), list[float]()
    events.on_emotion("anger", above=0.6, turns=2)(lambda call, emotion: seen.append(emotion.at))
    sink = observed(events)
    for at, level in enumerate([0.7, 0.5, 0.7, 0.8, 0.9, 0.2, 0.6, 0.6]):
        sink.event("emotion", float(at), event(frustrated=level))
    assert await events.pool.settled(2.0)
    assert seen == [3.0, 7.0]


async def test_each_call_counts_by_itself() -> None:
    events, seen = AgentEvents("orders"), list[float]()
    events.on_emotion("confusion", turns=2)(lambda call, emotion: seen.append(emotion.at))
    one, other = observed(events), observed(events)
    one.event("emotion", 1.0, event(confused=0.9))
    other.event("emotion", 2.0, event(confused=0.9))
    assert await events.pool.settled(2.0)
    assert seen == []


async def test_an_event_that_names_a_label_only_counts_for_that() -> None:
    events, seen = AgentEvents("orders"), list[str]()
    events.on_emotion("frustration")(lambda call: seen.append(call.id))
    observed(events).event("emotion", 1.0, {"label": "frustrated", "level": 0.9})
    assert await events.pool.settled(2.0)
    assert seen == ["c1"]


async def test_a_handler_without_end_or_that_fails_leaves_the_call_alone(caplog: pytest.LogCaptureFixture) -> None:
    events, seen, free = AgentEvents("orders"), list[str](), threading.Event()
    events.pool.limit_s = 0.05
    events.on_emotion("frustrated")(lambda call: free.wait(30))
    events.on_emotion("frustrated")(lambda call: 1 / 0)
    events.on_emotion("frustrated")(lambda call: seen.append("told"))
    observed(events).event("emotion", 1.0, LOUD)
    assert await events.pool.settled(5.0)
    free.set()
    assert seen == ["told"]
    assert {"handler_too_slow", "handler_failed"} <= {record.message for record in caplog.records}


@given(st.lists(st.floats(0, 1), max_size=30), st.integers(1, 4))
def test_a_wish_is_met_once_per_run_of_turns(levels: list[float], turns: int) -> None:
    watch = EmotionWatch([EmotionWish("urgent", 0.5, turns)])
    told = [bool(watch.step({"urgent": level})) for level in levels]
    marks = "".join("x" if level >= 0.5 else "." for level in levels)
    assert sum(told) == sum(len(run) >= turns for run in marks.split("."))


# --- names


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("anger", "frustrated"),
        ("frustration", "frustrated"),
        ("distress", "urgent"),
        ("confusion", "confused"),
        ("satisfaction", "satisfied"),
    ],
)
def test_feelings_may_be_called_by_their_usual_names(name: str, state: str) -> None:
    assert state_named(name) == state


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda agent: agent.on_emotion("frustated"), "no feeling 'frustated' is judged; did you mean 'frustrated'"),
        (lambda agent: agent.on_emotion("bored"), "the states are frustrated, confused, urgent, satisfied"),
        (lambda agent: agent.on_emotion("anger", above=1.5), "give a level above 0, up to 1"),
        (lambda agent: agent.on_emotion("anger", above=0), "give a level above 0, up to 1"),
        (lambda agent: agent.on_emotion("anger", turns=0), "give 1 or more"),
        (lambda agent: EmotionTrigger("angger"), "did you mean 'anger'"),
        (lambda agent: MannerChange(pace=0.5), r"give 0\.7 \(slow\) to 1\.1 \(quick\)"),
    ],
)
def test_what_cannot_work_is_refused_with_the_remedy_where_it_is_written(wrong: object, message: str) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError, match=message):
        wrong(Agent("desk"))


def test_a_handler_with_other_parameters_is_refused() -> None:
    with pytest.raises(TypeError, match="is called with"):
        Agent("desk").on_emotion("anger")(lambda: None)


async def test_a_rule_that_acts_is_an_escalation_and_one_in_the_shadow_is_none() -> None:
    events, seen = AgentEvents("orders"), list[Escalation]()
    events.on("escalation_requested")(lambda call, escalation: seen.append(escalation))
    sink = observed(events)
    sink.event("escalation_rule", 1.0, {"act": "escalate", "reason": "anger", "queue": "care", "shadow": True})
    sink.event("escalation_rule", 2.0, {"act": "adapt", "reason": "confused", "queue": "", "shadow": False})
    sink.event("escalation_rule", 3.0, {"act": "escalate", "reason": "anger", "queue": "care", "shadow": False})
    assert await events.pool.settled(2.0)
    assert seen == [Escalation("anger", "care")]


# --- how the agent talks


async def test_a_change_leaves_open_what_it_does_not_name() -> None:
    control = Control()
    call = TheCall("c1", "", "500", control, apology="I am sorry.")
    call.manner(short=True)
    call.slow_down()
    call.manner(tone="Be calm.", pace=0.8)
    await call.apologise()
    await call.apologise("That should not have happened.")
    call.usual_manner()
    await settled()
    assert control.talks[1:4] == [Manner(short=True), Manner(0.85, True, True), Manner(0.8, True, True, "Be calm.")]
    assert control.talks[-1] == Manner()
    assert [data for what, data in control.asked if what == "say"] == ["I am sorry.", "That should not have happened."]
    with pytest.raises(ValueError, match="out of range"):
        call.slow_down(0.3)


async def test_an_agent_apologises_in_its_own_words() -> None:
    attendance, control = Agent("desk").attend(CallFacts("c1", "", "500", "desk")), Control()
    attendance.control.connect(control)
    await attendance.call.apologise()
    assert control.asked == [("say", "I am sorry about this.")]


async def test_a_conversation_talks_as_its_code_wants() -> None:
    notes = Notes()
    conversation = Conversation(FRONT_DESK, MemoryLine(), HonestTranscriber(), HonestSpeaker(), OrderBook(), notes)
    control = ConversationControl(conversation, notes)
    control.manner(MannerChange(pace=0.8), "agent_code")
    control.manner(MannerChange(slow_readback=True), "agent_code")
    assert conversation.manner.now == Manner(0.8, slow_readback=True)


def test_in_the_terminal_it_is_on_record() -> None:
    agent, shown = Agent("desk"), list[str]()

    @agent.intent("hours", examples=["when are you open", "what are your opening hours", "how late are you open today"])
    def hours(call: Call) -> str:
        call.slow_down()
        return "From nine to five."

    agent.chat(lines=io.StringIO("when are you open\n").readline, write=shown.append, verbose=True)
    assert any("manner" in line and "0.85" in line for line in shown), shown
