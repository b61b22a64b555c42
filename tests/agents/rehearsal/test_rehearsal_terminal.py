"""A call in the terminal: what is typed, what is shown, and the commands."""

import io

import pytest

from agents.rehearsal.scripted_tools import ScriptedAnswer, ScriptedTools
from agents.rehearsal.terminal import talk
from agents.rehearsal.text_call import TextCall
from tests.agents.rehearsal.lamp_shop import lamp_shop

SHOP = lamp_shop()


async def shown(typed: str, *, verbose: bool = False, fails: str = "") -> list[str]:
    answer = ScriptedAnswer(fails=fails) if fails else ScriptedAnswer(gives={"found": True, "item": "a lamp"})
    found: list[str] = []
    call = TextCall(SHOP, ScriptedTools({"orders.find": (answer,)}))
    await talk(call, interactive=False, lines=io.StringIO(typed).readline, write=found.append, verbose=verbose)
    return [line.rstrip() for line in found]


async def test_a_pipe_of_lines_is_a_call() -> None:
    assert await shown("order\n#10482\ngoodbye\n") == [
        "agent   This is the lamp shop.",
        "agent   What can I do for you?",
        "you     order",
        "agent   Your order number please.",
        "you     #10482",
        "agent   One moment.",
        "agent   a lamp is on its way.",
        "agent   What can I do for you?",
        "you     goodbye",
        "agent   Goodbye.",
        "ends    end done",
    ]


async def test_verbose_shows_tools_slots_nodes_and_events() -> None:
    lines = await shown("order\n/keys 10482\n/silence\n", verbose=True)
    assert "tool    orders.find(number='10482') -> found=True, item='a lamp'" in lines
    assert "slots   order_number='10482'" in lines
    assert "event   no_input" in lines
    assert [line for line in lines if line.startswith("node")] == ["node    main", "node    number", "node    main", "node    main"]


async def test_a_tool_that_fails_is_always_shown() -> None:
    assert "tool    orders.find(number='10482') -> failed: down" in await shown("order\n#10482\n", fails="down")


async def test_the_end_of_the_pipe_hangs_up() -> None:
    assert (await shown("order\n"))[-1] == "agent   Your order number please."
    assert (await shown(""))[-1] == "agent   What can I do for you?"


@pytest.mark.parametrize(
    ("typed", "last"),
    [
        ("/quit\norder\n", "you     /quit"),
        ("/slots\n", "slots   none"),
        ("/help\n", "/help         these commands"),
        ("/keys no\n", "'no' are no keys of a telephone; use 0-9 and *"),
        ("/bogus\n", "no command /bogus; there are /keys, /silence, /slots, /back, /quit, /help"),
        ("person\norder\n", "the call is over; /back comes back from the queue, /quit ends"),
        ("person\n/back\n", "agent   What can I do for you?"),
        ("person\n/back JOINEMPTY\norder\n", "agent   Your order number please."),
        ("\n\n", "you"),
    ],
)
async def test_commands(typed: str, last: str) -> None:
    assert (await shown(typed))[-1].splitlines()[-1] == last
