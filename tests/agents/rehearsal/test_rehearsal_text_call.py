"""One call on typed lines: the same acts as on the telephone, as things that happen."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import pytest

from agents.rehearsal.happenings import HIDDEN, Ended, Happening, Said, ToolCalled
from agents.rehearsal.scripted_tools import ScriptedAnswer, ScriptedTools
from agents.rehearsal.scripted_turns import ScriptedTurn, ScriptedTurns
from agents.rehearsal.text_call import KEPT_FROM_ALL, TextCall
from agents.rehearsal.typed_line import read_line
from tests.agents.rehearsal.lamp_shop import lamp_shop

SHOP = lamp_shop()
FOUND = ScriptedAnswer(gives={"item": "a lamp", "found": True})


def call_with(model: Sequence[dict[str, Any]] = (), **answers: tuple[ScriptedAnswer, ...]) -> TextCall:
    tools = ScriptedTools({name.replace("__", "."): given for name, given in answers.items()})
    turns = ScriptedTurns([ScriptedTurn.model_validate(turn) for turn in model])
    return TextCall(SHOP, tools, turns, now=lambda: datetime(2026, 11, 20, 10, tzinfo=UTC))


async def all_of(happenings: AsyncGenerator[Happening, None]) -> list[Happening]:
    async with aclosing(happenings):
        return [happening async for happening in happenings]


async def talk(call: TextCall, *lines: str) -> list[Happening]:
    found = await all_of(call.start()) if not call.turns else []
    for line in lines:
        found += await all_of(call.take(read_line(line)))
    return found


def said(happenings: Sequence[Happening]) -> list[str]:
    return [one.text for one in happenings if isinstance(one, Said)]


async def test_a_call_is_said_looked_up_and_ended() -> None:
    call = call_with(orders__find=(FOUND,))
    happenings = await talk(call, "where is my order", "#10482", "goodbye")
    assert said(happenings) == [
        *("This is the lamp shop.", "What can I do for you?", "Your order number please.", "One moment."),
        *("a lamp is on its way.", "What can I do for you?", "Goodbye."),
    ]
    (tool,) = [one for one in happenings if isinstance(one, ToolCalled)]
    assert (tool.name, tool.arguments, tool.result) == ("orders.find", {"number": "10482"}, {"item": "a lamp", "found": True})
    assert isinstance(happenings[-1], Ended)
    assert happenings[-1].how == "end"
    assert call.known() == {"order_number": "10482"}
    assert [(turn.who, turn.via, turn.text) for turn in call.turns[:4]] == [
        ("agent", "speech", "This is the lamp shop. What can I do for you?"),
        ("caller", "speech", "where is my order"),
        ("agent", "speech", "Your order number please."),
        ("caller", "keypad", "10482"),
    ]
    assert [turn.number for turn in call.turns] == list(range(1, len(call.turns) + 1))
    assert await all_of(call.take(read_line("hello"))) == []


@pytest.mark.parametrize(
    ("line", "how", "queue", "reason"),
    [
        ("a person please", "transfer", "lamps", "caller_request"),
        ("sales", "queue", "sales", "sales"),
        ("goodbye", "end", "", "done"),
    ],
)
async def test_each_way_to_end_has_its_name(line: str, how: str, queue: str, reason: str) -> None:
    call = call_with()
    await talk(call, line)
    assert call.ended is not None
    assert (call.ended.how, call.ended.outcome.queue, call.ended.outcome.reason) == (how, queue, reason)


async def test_a_callback_is_one_of_them() -> None:
    call = call_with()
    await talk(call, "call me back", "#5550101")
    assert call.ended is not None
    assert call.ended.how == "callback"


async def test_a_tool_that_fails_is_told_with_its_words_and_leaves_the_call_its_way_out() -> None:
    call = call_with(orders__find=(ScriptedAnswer(fails="the database is down"),))
    happenings = await talk(call, "order", "#10482")
    (tool,) = [one for one in happenings if isinstance(one, ToolCalled)]
    assert (tool.result, tool.error) == (None, "the database is down")
    assert [event.kind for event in call.events] == ["tool"]
    assert call.ended is not None
    assert call.ended.how == "transfer"


async def test_a_tool_that_breaks_its_contract_ends_no_call(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(ScriptedTools):
        async def call(self, name: str, arguments: object) -> dict[str, Any]:
            raise ZeroDivisionError

    call = TextCall(SHOP, Broken({}))
    happenings = await talk(call, "order", "#10482")
    (tool,) = [one for one in happenings if isinstance(one, ToolCalled)]
    assert "ZeroDivisionError" in tool.error
    assert "tool_broke_its_contract" in caplog.text


async def test_a_model_speaks_uses_its_tools_learns_and_leaves() -> None:
    lamp = ScriptedAnswer(gives={"item": "a desk lamp"})
    call = call_with(
        [
            {"hears": "advice", "says": ["For which room?"]},
            {
                "tools": [{"name": "lamps.find", "with": {"room": "study"}}, {"name": "orders.find"}],
                "says": ["Take {lamps.find.item}.", "Good?"],
                "learns": {"order_number": "10482"},
                "exit": "enough",
            },
        ],
        lamps__find=(lamp,),
        orders__find=(FOUND,),
    )
    first = await talk(call, "some advice")
    assert said(first)[-1] == "For which room?"
    happenings = await talk(call, "the study")
    assert said(happenings) == ["Take a desk lamp.", "Good?", "What can I do for you?"]
    tools = [one for one in happenings if isinstance(one, ToolCalled)]
    assert [(tool.name, tool.result is None) for tool in tools] == [("lamps.find", False), ("orders.find", True)]
    assert call.known()["order_number"] == "10482"
    assert [event.kind for event in call.events] == ["model", "tool", "tool", "model"]


async def test_without_a_model_its_node_takes_the_way_out_for_failures() -> None:
    call = TextCall(SHOP, ScriptedTools({}))
    await talk(call, "advice")
    assert call.ended is not None
    assert call.ended.how == "transfer"


async def test_secret_keys_are_kept_nowhere() -> None:
    charge = ScriptedAnswer(gives={"approved": True})
    call = call_with(payments__charge=(charge,))
    happenings = await talk(call, "pay", "#4242424242424242", "#1228", "#123")
    (tool,) = [one for one in happenings if isinstance(one, ToolCalled)]
    assert set(tool.arguments.values()) == {HIDDEN}
    assert [turn.text for turn in call.turns if turn.via == "keypad"] == [KEPT_FROM_ALL] * 3
    everything = repr((call.turns, call.lines, call.events, call.calls, happenings))
    assert "4242" not in everything
    assert "1228" not in everything
    assert call.ended is not None
    assert call.ended.outcome.reason == "paid"


async def test_silence_is_an_event_and_time_can_be_up() -> None:
    call = call_with()
    happenings = await talk(call, "[silence]")
    assert said(happenings)[-1] == "I did not hear you."
    assert [event.kind for event in call.events] == ["no_input"]
    await all_of(call.time_up())
    assert call.ended is not None
    assert call.ended.outcome.reason == "time_limit"


async def test_a_caller_who_comes_back_is_known() -> None:
    call = call_with(orders__find=(FOUND,))
    ended = (await talk(call, "order", "#10482", "a person"))[-1]
    assert isinstance(ended, Ended)
    happenings = await all_of(call.come_back("TIMEOUT"))
    assert said(happenings) == ["Nobody was free.", "What can I do for you?"]
    assert call.ended is None
    assert call.known() == {"order_number": "10482"}


async def test_what_is_asked_from_outside_happens_between_two_sentences() -> None:
    call = call_with()
    await all_of(call.start())
    await call.say("By the way.")
    call.learn({"order_number": "23571"})
    call.flag("odd")
    assert call.known() == {"order_number": "23571"}
    assert said(await all_of(call.take(read_line("mumble")))) == ["Please say it in other words.", "By the way."]
    await call.transfer("care", "vip")
    happenings = await all_of(call.take(read_line("order")))
    assert said(happenings)[-1] == "A colleague will help you."
    assert call.ended is not None
    assert (call.ended.outcome.queue, call.ended.outcome.reason) == ("care", "vip")
    assert [event.kind for event in call.events] == ["flagged"]


async def test_the_call_can_be_read() -> None:
    call = call_with(orders__find=(FOUND,))
    await talk(call, "order", "#10482", "[silence]", "sales")
    assert call.lines == [
        "agent   This is the lamp shop. What can I do for you?",
        "caller  order",
        "agent   Your order number please.",
        "caller  #10482",
        "agent   One moment.",
        "tool    orders.find(number='10482') -> item='a lamp', found=True",
        "agent   a lamp is on its way. What can I do for you?",
        "caller  [silence]",
        "agent   I did not hear you.",
        "caller  sales",
        "agent   The sales team will answer.",
        "ends    queue sales sales",
    ]
