"""The agents of this instance for the desk: their folders, numbers and knobs, out of the settings."""

import logging
from collections.abc import Sequence
from pathlib import Path

from agents.flows.check import Describe
from agents.library import FOLDER as LIBRARY
from agents.rehearsal.script_files import Scripts
from agents.tools.webhook_file import read_webhooks
from agents.turns.knobs import Layer
from ari_app.commands.agents.places import conversations_of
from ari_app.commands.agents.scripts import scripts_beside
from ari_app.pbx.site import routes_of
from ari_app.service.catalogue import gather
from ari_app.service.demo_shop import webhook_files
from ari_app.service.layout import Layout
from ari_app.service.own_agents import own_folder
from ari_app.settings import Settings
from dialplan.errors import DialplanError
from handoff.desk.knobs.agents_port import DialledNumber
from handoff.records.agent_versions import Files

log = logging.getLogger(__name__)


class InstanceAgents:
    """AgentsPort of one instance."""

    def __init__(self, settings: Settings, layout: Layout) -> None:
        """Raises WebhookFileError, DialplanError for files that the service could not use either."""
        self._settings = settings
        self._data = layout.data
        self._routes = routes_of(settings, layout.data)
        self.shipped = LIBRARY
        self.own = own_folder(settings, layout)
        self.drafts = layout.desk_drafts
        # What tools are called is enough here: their addresses and secrets stay with the processes that use them.
        tools = {name: part.info(name) for file in webhook_files(settings) for name, part in read_webhooks(file).tools.items()}
        self.describe: Describe | None = tools.get

    def numbers(self) -> Sequence[DialledNumber]:
        settings = self._settings
        try:
            self._routes = routes_of(settings, self._data)
        except DialplanError as error:  # somebody is at work on the file: what it said before holds
            log.warning("routes_not_read", extra={"error": str(error)})
        return [
            DialledNumber(number, agent, given.turns if (given := settings.numbers.get(number)) else {})
            for number, agent in self._routes.agent_numbers()
        ]

    def turns(self) -> Layer:
        return self._settings.turns.model_dump(exclude_unset=True)

    def gather(self, path: Path, folders: Sequence[Path]) -> Files:
        return gather(path, folders)

    def scripts(self, path: Path) -> Scripts:
        """Of the agent's own conversation files; without any those that ship with the agent of the same name."""
        shipped = self.shipped / path.name
        return scripts_beside(path if conversations_of(path) or not shipped.is_file() else shipped)
