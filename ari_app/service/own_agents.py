"""Where agents lie."""

from pathlib import Path
from typing import Final

from agents.library import FOLDER as LIBRARY
from ari_app.service.layout import Layout
from ari_app.settings import Settings

OWN_FOLDER: Final = "agents"
"""Below the data directory: where agents are published to when the settings name no folder."""


def own_folder(settings: Settings, layout: Layout) -> Path:
    """The folder of one's own agents, which need not exist."""
    given = settings.agents.folder
    return Path(given).expanduser().resolve() if given else layout.data / OWN_FOLDER


def agent_folders(settings: Settings, layout: Layout) -> list[Path]:
    """The later ones stronger."""
    return [LIBRARY, own_folder(settings, layout)]
