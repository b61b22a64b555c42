"""A private instruction on its way to a real model server: in the system message of the next request, and nowhere else."""

import asyncio
import json

from agents.conversation import Conversation
from agents.llm.config import LlmSettings, open_models
from agents.memory_line import MemoryLine
from tests.agents.conversation.test_model_turns import talker
from tests.agents.llm.local_server import Body, LocalServer, Reply
from tests.agents.mind_doubles import HonestSpeaker, HonestTranscriber, Notes, OrderBook

PRIVATE = "Offer ten percent off, she is a good customer"


async def answered(notes: Notes, turns: int) -> None:
    """So many turns of the model are over; whether they were heard is another matter."""
    async with asyncio.timeout(20.0):
        while notes.kinds().count("model") < turns:
            await asyncio.sleep(0.01)


async def test_the_next_request_holds_it_in_its_system_message() -> None:
    def answer(body: Body) -> Reply:
        count = sum(message["role"] == "assistant" for message in body["messages"])
        return Reply(["Ten percent off then."] if count > 1 else ["Brass or glass?"])

    server = LocalServer(answer)
    await server.start()
    models = open_models(LlmSettings.model_validate({"models": [{"name": "one", "base_url": server.url, "model": "m"}]}))
    line, notes = MemoryLine(), Notes()
    talk = Conversation(talker(), line, HonestTranscriber(), HonestSpeaker(0.0), OrderBook(), notes, models=models)
    running = asyncio.create_task(talk.run())
    try:
        async with asyncio.timeout(20.0):
            while line.playing is None:
                await asyncio.sleep(0.01)
        line.press("1")
        await answered(notes, 1)
        talk.instruct(PRIVATE)
        line.press("2")
        await answered(notes, 2)
    finally:
        line.hang_up()
        await running
        assert models
        await models.close()
        await server.stop()
    first, second = server.requests
    assert PRIVATE not in json.dumps(first)
    assert [message["role"] for message in second["messages"] if PRIVATE in message["content"]] == ["system"]
    assert not any(PRIVATE in line for line in notes.said())
