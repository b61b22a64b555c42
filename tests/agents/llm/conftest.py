"""Servers and models that a test may open; all are closed after it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from agents.llm.openai_model import OpenAIModel
from tests.agents.llm.local_server import Body, LocalServer, Reply

Serve = Callable[[Callable[[Body], Reply]], Awaitable[LocalServer]]
Connect = Callable[[LocalServer], OpenAIModel]


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def serve(stack: AsyncExitStack) -> Serve:
    async def start(script: Callable[[Body], Reply]) -> LocalServer:
        server = LocalServer(script)
        await server.start()
        stack.push_async_callback(server.stop)
        return server

    return start


@pytest.fixture
def connect(stack: AsyncExitStack) -> Connect:
    def opened(server: LocalServer) -> OpenAIModel:
        model = OpenAIModel("local", base_url=server.url, model="local-1", key="sk-very-secret", max_tokens=200, temperature=0.2)
        stack.push_async_callback(model.close)
        return model

    return opened
