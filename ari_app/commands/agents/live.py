"""The real tools and model of a running service, for ``chat --live`` and ``test --live``."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from agents.llm.config import open_models
from agents.rehearsal.runner import Live
from agents.tools import ToolSet
from agents.tools.webhooks import open_webhooks
from ari_app.commands.instance import mind_config
from ari_app.service.demo_shop import webhook_files
from ari_app.service.layout import Layout
from ari_app.settings import Settings


@asynccontextmanager
async def live_parts(data: Path) -> AsyncIterator[Live]:
    """``data``: the folder of the service's instance. Raises NotRunning, ModelSettingsError."""
    config = mind_config(Layout(data))
    settings = Settings.model_validate(config["settings"])
    environment = {**os.environ, **config["tool_environment"]}
    tools = ToolSet([open_webhooks(*webhook_files(settings), environment=environment)])
    models = open_models(settings.llm)
    try:
        yield Live(tools, models)
    finally:
        await tools.close()
        if models is not None:
            await models.close()
