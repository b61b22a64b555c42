import pytest
from pydantic import ValidationError

from agents.llm.config import LlmSettings, ModelSettings, ModelSettingsError, open_models
from agents.llm.task import Sentence
from tests.agents.llm.conftest import Serve
from tests.agents.llm.llm_doubles import Shelf, task
from tests.agents.llm.local_server import Reply

MODEL = {"name": "local", "base_url": "http://127.0.0.1:1/v1", "model": "local-1"}


def test_without_models_the_flow_is_alone() -> None:
    assert open_models(LlmSettings()) is None


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"base_url": "ftp://x"}, "base_url"),
        ({"name": "Not A Name"}, "name"),
        ({"timeout_first_token_s": 0}, "timeout_first_token_s"),
        ({"price_in": -1}, "price_in"),
        ({"temperature": 3}, "temperature"),
        ({"tempreature": 1}, "tempreature"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        LlmSettings.model_validate({"models": [MODEL | wrong]})


def test_names_tell_models_apart() -> None:
    with pytest.raises(ValidationError, match="'local' is given twice"):
        LlmSettings.model_validate({"models": [MODEL, MODEL]})


def test_a_missing_key_is_named_with_its_remedy() -> None:
    settings = LlmSettings.model_validate({"models": [MODEL | {"key_env": "SOME_KEY"}]})
    with pytest.raises(ModelSettingsError, match=r"local: the environment variable SOME_KEY is not set; export it"):
        open_models(settings, {"SOME_KEY": " "})


async def test_opened_models_answer_with_their_key(serve: Serve) -> None:
    server = await serve(lambda body: Reply(["It has shipped."]))
    model = ModelSettings(name="local", base_url=server.url, model="local-1", key_env="SOME_KEY", max_tokens=77, temperature=None)
    models = open_models(LlmSettings(models=(model,)), {"SOME_KEY": "sk-very-secret"})
    assert models is not None
    events = [event async for event in models.run(task("is the key sk-very-secret?"), Shelf())]
    await models.close()
    assert events[0] == Sentence("It has shipped.")
    assert server.keys == ["Bearer sk-very-secret"] and "sk-very-secret" not in str(server.requests)
    assert server.requests[0]["max_tokens"] == 77 and "temperature" not in server.requests[0]


def test_every_setting_says_what_it_is() -> None:
    for section in (LlmSettings, ModelSettings):
        assert all(part.description for part in section.model_fields.values())
