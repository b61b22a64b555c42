import asyncio

import pytest

from agents.llm.model import ModelUnavailable
from agents.llm.scripted_model import Script, ScriptedModel
from tests.agents.llm.model_contract import ASKED, ModelContract, Staged, collect, text_of


class ScriptedStage:
    def __init__(self, script: Script) -> None:
        self.model = ScriptedModel(lambda messages, functions: script)

    def requests(self) -> int:
        return len(self.model.asked)

    async def quiet(self) -> None:
        async with asyncio.timeout(1):
            while self.model.open:
                await asyncio.sleep(0)


@pytest.fixture
def staged() -> Staged:
    return ScriptedStage


class TestScripted(ModelContract):
    pass


async def test_scripts_are_given_in_turn_and_then_it_fails() -> None:
    model = ScriptedModel([["One."], ["Two."]])
    assert [text_of(await collect(model)) for _ in range(2)] == ["One.", "Two."]
    with pytest.raises(ModelUnavailable):
        await collect(model)
    assert model.asked == [ASKED] * 3
