"""What the commands need to know of the instance they talk about."""

import json
from typing import Any

from ari_app.service.layout import Layout
from ari_app.service.state import NotRunning
from ari_app.settings import Settings


def mind_config(layout: Layout) -> dict[str, Any]:
    """What the supervisor told its processes at its last start. Raises NotRunning when there was none."""
    try:
        config: dict[str, Any] = json.loads(layout.mind_file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotRunning(f"nothing has been started on {layout.data} yet. Start it with: ./patchcord up") from error
    return config


def running_settings(layout: Layout) -> Settings:
    """The settings in force. Raises NotRunning."""
    return Settings.model_validate(mind_config(layout)["settings"])
