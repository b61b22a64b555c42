"""The language model that an agent in Python names, opened."""

import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from agents.llm.config import LlmSettings, ModelSettings, ModelSettingsError, open_models
from agents.llm.task import ModelTurns

if TYPE_CHECKING:
    from agents.sdk.agent import Agent

OPENAI: Final = "https://api.openai.com/v1"


def model_turns(agent: "Agent", environment: Mapping[str, str] | None = None) -> ModelTurns | None:
    """None: the agent works without. Whoever opens it closes it, except one that the agent was given as it is.

    Raises ModelSettingsError.
    """
    if agent.model is None or not isinstance(agent.model, str):
        return agent.model
    return open_models(settings_of(agent.model, environment), environment)


@asynccontextmanager
async def opened_model(agent: "Agent", instead: ModelTurns | None = None) -> AsyncIterator[ModelTurns | None]:
    """The model of one call: ``instead``, or the agent's own, closed at the end when it was opened here. Raises ModelSettingsError."""
    turns = instead or model_turns(agent)
    try:
        yield turns
    finally:
        if turns is not None and turns is not instead and turns is not agent.model:
            await turns.close()


def settings_of(model: str, environment: Mapping[str, str] | None = None) -> LlmSettings:
    """``gpt-4o-mini``: of the provider in OPENAI_BASE_URL (without it OpenAI itself), key in OPENAI_API_KEY.

    ``http://127.0.0.1:8000/v1#qwen2.5``: of any compatible server, which needs no key. Raises ModelSettingsError.
    """
    variables = os.environ if environment is None else environment
    url, _, name = model.rpartition("#")
    key_env = "" if url or ("OPENAI_BASE_URL" in variables and "OPENAI_API_KEY" not in variables) else "OPENAI_API_KEY"
    base_url = url or variables.get("OPENAI_BASE_URL") or OPENAI
    label = re.sub(r"[^a-z0-9_.-]", "-", name.lower()).lstrip("_.-0123456789")[:64] or "model"
    try:
        return LlmSettings(models=(ModelSettings(name=label, base_url=base_url, model=name, key_env=key_env),))
    except ValidationError as error:
        raise ModelSettingsError(f"model={model!r} cannot be used: write a model's name, or http://host:port/v1#name") from error
