"""Whole turns through the real client against the real local server, faults included. Of two providers the first one fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from agents.llm.config import LlmSettings, open_models
from agents.llm.model import Call
from agents.llm.scripted_model import Wait
from agents.llm.task import FAILED, Finished, ModelTurns, Sentence, ToolUsed
from tests.agents.llm.conftest import Serve
from tests.agents.llm.llm_doubles import Shelf, find, task
from tests.agents.llm.local_server import Body, Fault, LocalServer, Reply


class Pair:
    """``first`` says how the first provider answers; the second always answers well."""

    def __init__(self) -> None:
        self.first = Reply(["It has shipped."])
        self.servers: list[LocalServer] = []
        self.models: ModelTurns | None = None

    async def turn(self, shelf: Shelf | None = None) -> list[object]:
        assert self.models is not None
        async with asyncio.timeout(10):
            return [event async for event in self.models.run(task(exits={"done": "…"}, remembers={"order_number": "…"}), shelf or Shelf())]


@pytest.fixture
async def pair(serve: Serve) -> AsyncIterator[Pair]:
    pair = Pair()

    def second(body: Body) -> Reply:
        said = [message["content"] for message in body["messages"] if message["role"] == "assistant"]
        return Reply(["And it comes on Friday."] if said else ["Your parcel has left us. ", "It comes on Friday."])

    pair.servers = [await serve(lambda body: pair.first), await serve(second)]
    settings = LlmSettings.model_validate(
        {
            "models": [
                {
                    "name": f"model-{number}",
                    "base_url": server.url,
                    "model": "m",
                    "timeout_first_token_s": 0.8,
                    "stall_s": 0.8,
                    "hedge_after_s": 0.4,
                }
                for number, server in enumerate(pair.servers)
            ]
        }
    )
    pair.models = open_models(settings)
    assert pair.models is not None
    yield pair
    await pair.models.close()


def said(events: list[object]) -> list[str]:
    return [event.text for event in events if isinstance(event, Sentence)]


def end(events: list[object]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


async def test_a_turn_without_faults(pair: Pair) -> None:
    pair.first = Reply(["It has shipped. ", "Anything else?"])
    events = await pair.turn()
    assert said(events) == ["It has shipped.", "Anything else?"]
    usage = end(events).usage
    assert usage.model == "model-0" and usage.input_tokens > 100 and usage.output_tokens == 5 and usage.attempts == 1
    assert pair.servers[1].requests == []


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.ENDLESS])
async def test_every_fault_before_a_word_is_answered_by_the_next(pair: Pair, fault: Fault) -> None:
    pair.first = Reply([], fault)
    events = await pair.turn()
    assert said(events) == ["Your parcel has left us.", "It comes on Friday."]
    assert end(events).exit == "" and end(events).usage.model == "model-1"
    await pair.servers[0].quiet()


@pytest.mark.parametrize(
    "fault", [Fault.STALL_MIDDLE, Fault.CUT, Fault.NO_END, Fault.MALFORMED, Fault.WRONG_SHAPE, Fault.ERROR_EVENT, Fault.WITHHELD]
)
async def test_every_fault_after_a_sentence_is_gone_on_with(pair: Pair, fault: Fault) -> None:
    pair.first = Reply(["Your parcel has left us. It"], fault)
    events = await pair.turn()
    assert said(events) == ["Your parcel has left us.", "And it comes on Friday."]
    await pair.servers[0].quiet()


async def test_endless_text_is_cut(pair: Pair) -> None:
    pair.first = Reply([], Fault.ENDLESS)
    events = await pair.turn()
    assert 900 <= len("".join(said(events))) < 1300 and end(events).exit == ""
    await pair.servers[0].quiet()


async def test_a_provider_that_is_not_there(pair: Pair) -> None:
    await pair.servers[0].stop()
    assert said(await pair.turn()) == ["Your parcel has left us.", "It comes on Friday."]


async def test_nobody_is_there(pair: Pair) -> None:
    for server in pair.servers:
        await server.stop()
    events = await pair.turn()
    assert len(events) == 1 and end(events).exit == FAILED


async def test_tools_with_streamed_arguments_malformed_ones_and_an_unknown_one(pair: Pair, serve: Serve) -> None:
    answers = [
        Reply(
            ["One moment. ", find("10482", "a"), Call("b", "find_order", '{"number": '), Call("c", "sell_house", "{}"), find("10483", "d")]
        ),
        Reply(
            [
                "Both have shipped.",
                Call("e", "remember", '{"slot": "order_number", "value": "10482"}'),
                Call("f", "leave", '{"exit": "done"}'),
            ]
        ),
    ]
    pair.servers[0].script = lambda body: answers[sum(message["role"] == "assistant" for message in body["messages"])]
    shelf = Shelf()
    events = await pair.turn(shelf)
    assert said(events) == ["One moment.", "Both have shipped."]
    used = [(event.name, event.result) for event in events if isinstance(event, ToolUsed)]
    shipped = {"status": "shipped"}
    assert used == [("find_order", shipped), ("find_order", None), ("sell_house", None), ("find_order", shipped)]
    assert len(shelf.asked) == 2 and shelf.most_running == 2
    assert end(events).exit == "done" and end(events).facts == {"order_number": "10482"}
    results = [message for message in pair.servers[0].requests[1]["messages"] if message["role"] == "tool"]
    assert [message["tool_call_id"] for message in results] == ["a", "b", "c", "d"]


async def test_the_hedged_request_wins_and_the_first_is_closed(pair: Pair) -> None:
    late = [Reply([Wait(5), "Too late."]), Reply(["It has shipped."])]
    pair.servers[0].script = lambda body: late.pop(0)
    events = await pair.turn()
    assert said(events) == ["It has shipped."] and end(events).usage.attempts == 2 and end(events).usage.model == "model-0"
    await pair.servers[0].quiet()


async def test_closing_in_the_middle_closes_the_request(pair: Pair) -> None:
    pair.first = Reply(["It has shipped. ", Wait(5)])
    assert pair.models is not None
    async with aclosing(pair.models.run(task(), Shelf())) as events:
        assert await anext(events) == Sentence("It has shipped.")
    await pair.servers[0].quiet()
