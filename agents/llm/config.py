"""Settings of the language models, and the models opened from them."""

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents.llm.task import ModelTurns

if TYPE_CHECKING:
    from agents.llm.chain import Link
    from agents.llm.model import LanguageModel

Seconds = Annotated[float, Field(gt=0, le=60)]
Money = Annotated[float, Field(ge=0)]


class ModelSettingsError(Exception):
    """A model cannot be opened; the message names the setting and the remedy."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelSettings(_Section):
    """One provider."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_.-]{0,63}$", description="How logs and figures call it.")
    base_url: str = Field(pattern=r"^https?://", description="Where its API begins, such as http://127.0.0.1:8000/v1.")
    model: str = Field(min_length=1, description="The model, by the provider's own name.")
    key_env: str = Field("", description="Environment variable that holds the key; empty: it needs none.")
    timeout_first_token_s: Seconds = Field(
        1.0, description="Longest wait for the beginning of an answer, in s; then the next provider is asked."
    )
    stall_s: Seconds = Field(1.0, description="Longest silence in the middle of an answer, in s; then the next provider goes on.")
    hedge_after_s: Seconds | None = Field(
        0.6, description="Without a beginning for so long, in s, ask a second time beside the first; null: never."
    )
    price_in: Money = Field(0.0, description="Price of a million tokens sent, in any currency, the same for all providers.")
    price_out: Money = Field(0.0, description="Price of a million tokens received.")
    price_cached: Money | None = Field(None, description="Price of a million tokens sent that the provider had kept; null: as price_in.")
    max_tokens: int | None = Field(400, ge=16, description="Longest answer, in tokens; null: the provider's own limit.")
    temperature: float | None = Field(0.3, ge=0, le=2, description="Variety of the wording; null: the provider's own default.")


class LlmSettings(_Section):
    """All of them, in the order they are tried. Without any, flows go on alone."""

    models: tuple[ModelSettings, ...] = Field((), description="OpenAI-compatible providers, the first choice first.")
    deadline_s: Seconds = Field(4.0, description="Longest wait of a turn for its next sentence, in s; then the flow goes on by itself.")
    token_budget: int = Field(
        6000, ge=1000, description="Tokens of a request; what was said earliest is left out first, known facts never."
    )
    max_rounds: int = Field(5, ge=1, le=20, description="Answers of a model in one turn, tools in between.")
    longest_answer: int = Field(900, ge=100, description="Characters said in one turn, about 15 a second.")

    @model_validator(mode="after")
    def _names_differ(self) -> "LlmSettings":
        names = [model.name for model in self.models]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"llm.models: the name {twice[0]!r} is given twice; names tell providers apart in logs and figures")
        return self


def open_models(
    settings: LlmSettings, environment: Mapping[str, str] | None = None, languages: Iterable[str] = ("en",)
) -> ModelTurns | None:
    """None when no model is configured. ``languages``: those whose word lists are made ready.

    Imports the ``openai`` package, which takes over half a second: call it when the service starts, before there are callers.
    Raises ModelSettingsError for a key that is not in the environment, or when the package is missing.
    """
    if not settings.models:
        return None
    variables = os.environ if environment is None else environment
    keys = {model.name: _key(model, variables) for model in settings.models}
    # Imported only where there is a model: a service without any starts the sooner.
    from agents.llm.chain import ModelChain
    from agents.llm.context import Prompt
    from agents.llm.redaction import Redactor
    from agents.llm.turns import FlowModelTurns, TurnLimits

    try:
        links = [_link(model, keys[model.name]) for model in settings.models]
    except ImportError as error:
        raise ModelSettingsError(f"llm.models needs the package 'openai': pip install openai ({error})") from error
    limits = TurnLimits(settings.deadline_s, settings.max_rounds, settings.longest_answer)
    models = FlowModelTurns(ModelChain(links), Prompt(settings.token_budget, Redactor(keys.values())), limits=limits)
    models.warm(languages)
    return models


def open_first_model(settings: LlmSettings, environment: Mapping[str, str] | None = None) -> "LanguageModel | None":
    """The first choice alone, for what is asked once and can be done without; None when no model is configured. Close it at the end.

    Raises ModelSettingsError as ``open_models`` does, after which it is best called.
    """
    if not settings.models:
        return None
    return _link(settings.models[0], _key(settings.models[0], os.environ if environment is None else environment)).model


def check_keys(settings: LlmSettings, environment: Mapping[str, str] | None = None) -> None:
    """Raises ModelSettingsError for a key that is not in the environment. Quick: nothing is opened."""
    for model in settings.models:
        _key(model, os.environ if environment is None else environment)


def _key(model: ModelSettings, variables: Mapping[str, str]) -> str:
    key = variables.get(model.key_env, "").strip() if model.key_env else ""
    if model.key_env and not key:
        raise ModelSettingsError(
            f"llm.models, {model.name}: the environment variable {model.key_env} is not set; export it, or remove key_env"
        )
    return key


def _link(model: ModelSettings, key: str) -> "Link":
    from agents.llm.accounting import Price
    from agents.llm.chain import Link
    from agents.llm.openai_model import OpenAIModel

    return Link(
        OpenAIModel(
            model.name, base_url=model.base_url, model=model.model, key=key, max_tokens=model.max_tokens, temperature=model.temperature
        ),
        first_token_s=model.timeout_first_token_s,
        stall_s=model.stall_s,
        hedge_after_s=model.hedge_after_s,
        price=Price(model.price_in, model.price_out, model.price_cached),
    )
