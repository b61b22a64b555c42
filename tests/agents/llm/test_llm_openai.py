"""The OpenAI-compatible provider against a real local server: the contract, and what is its own."""

import logging
from contextlib import aclosing

import pytest

from agents.llm.model import Call, Counted, ModelBroken, ModelError, ModelRefused, ModelUnavailable, TextDelta
from agents.llm.openai_model import OpenAIModel
from agents.llm.scripted_model import Script
from tests.agents.llm.conftest import Connect, Serve
from tests.agents.llm.local_server import Fault, LocalServer, Reply, of_script
from tests.agents.llm.model_contract import ASKED, LOOK_UP, ModelContract, Staged, calls_of, collect, text_of


class ServedStage:
    def __init__(self, server: LocalServer, model: OpenAIModel) -> None:
        self.server = server
        self.model = model

    def requests(self) -> int:
        return len(self.server.requests)

    async def quiet(self) -> None:
        await self.server.quiet()


@pytest.fixture
async def staged(serve: Serve, connect: Connect) -> Staged:
    current: list[Script] = []
    server = await serve(lambda body: of_script(current[-1]))

    def stage(script: Script) -> ServedStage:
        current.append(script)
        return ServedStage(server, connect(server))

    return stage


class TestOpenAI(ModelContract):
    pass


async def test_the_request_says_what_was_configured(serve: Serve, connect: Connect) -> None:
    server = await serve(lambda body: Reply(["Yes."]))
    await collect(connect(server), functions=[LOOK_UP])
    [body] = server.requests
    assert (body["model"], body["max_tokens"], body["temperature"], body["stream"]) == ("local-1", 200, 0.2, True)
    assert body["messages"][1] == {"role": "user", "content": "my pet name is Zebedee"}
    assert body["tools"][0]["function"]["name"] == "look_up"
    assert server.keys == ["Bearer sk-very-secret"]


@pytest.mark.parametrize("option", ["stream_options", "temperature", "max_tokens"])
async def test_an_option_that_is_rejected_is_left_out_from_then_on(serve: Serve, connect: Connect, option: str) -> None:
    server = await serve(lambda body: Reply(["Yes."]))
    server.rejects = (option,)
    model = connect(server)
    assert [text_of(await collect(model)) for _ in range(2)] == ["Yes.", "Yes."]
    assert len(server.keys) == 3  # one more than answers
    assert all(option not in body for body in server.requests)
    assert server.requests[0].get("max_completion_tokens") == (200 if option == "max_tokens" else None)


async def test_the_connection_is_used_again(serve: Serve, connect: Connect) -> None:
    server = await serve(lambda body: Reply(["Yes."]))
    model = connect(server)
    for _ in range(5):
        await collect(model)
    assert len(server.peers) == 1


async def test_a_server_that_does_not_count(serve: Serve, connect: Connect) -> None:
    server = await serve(lambda body: Reply(["Yes."]))
    server.counts = False
    assert not [delta for delta in await collect(connect(server)) if isinstance(delta, Counted)]


@pytest.mark.parametrize(
    ("fault", "kind", "alone_s"),
    [
        (Fault.UNAUTHORIZED, ModelRefused, 60),
        (Fault.NO_QUOTA, ModelRefused, 60),
        (Fault.TOO_MANY, ModelUnavailable, 5),
        (Fault.BROKEN_DOWN, ModelUnavailable, 0),
        (Fault.RESET, ModelUnavailable, 0),
        (Fault.CUT, ModelUnavailable, 0),
        (Fault.ERROR_EVENT, ModelUnavailable, 0),
        (Fault.NO_END, ModelBroken, 0),
        (Fault.WRONG_SHAPE, ModelBroken, 0),
        (Fault.NOT_A_STREAM, ModelBroken, 0),
        (Fault.WITHHELD, ModelBroken, 0),
    ],
)
async def test_faults_by_name(serve: Serve, connect: Connect, fault: Fault, kind: type[ModelError], alone_s: float) -> None:
    server = await serve(lambda body: Reply([], fault))
    with pytest.raises(kind) as failed:
        await collect(connect(server))
    assert failed.value.leave_alone_s == alone_s
    assert str(failed.value).startswith("local: ")


async def test_nobody_listens(serve: Serve, connect: Connect) -> None:
    server = await serve(lambda body: Reply(["Yes."]))
    model = connect(server)
    await collect(model)
    await server.stop()
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await collect(model)
    await server.start()
    assert text_of(await collect(model)) == "Yes."


async def test_neither_the_key_nor_the_words_are_logged(serve: Serve, connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = await serve(lambda body: Reply(["Yes."], Fault.CUT))
    with pytest.raises(ModelUnavailable):
        await collect(connect(server))
    assert "sk-very-secret" not in caplog.text and "Zebedee" not in caplog.text


async def test_whole_calls_without_an_index(serve: Serve, connect: Connect) -> None:
    """As some servers send them."""
    server = await serve(lambda body: Reply([Call("a", "look_up", "{}"), Call("b", "look_up", "{}")]))
    server.indexed = False
    assert [call.id for call in calls_of(await collect(connect(server)))] == ["a", "b"]


async def test_endless_text_ends_when_it_is_closed(serve: Serve, connect: Connect) -> None:
    server = await serve(lambda body: Reply([], Fault.ENDLESS))
    got = 0
    async with aclosing(connect(server).stream(ASKED)) as deltas:
        async for delta in deltas:
            got += isinstance(delta, TextDelta)
            if got > 50:
                break
    await server.quiet()
