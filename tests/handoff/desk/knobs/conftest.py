"""A desk with the agents of an instance: those that ship, and a folder for one's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from ari_app.service.desk_agents import InstanceAgents
from ari_app.service.layout import Layout
from ari_app.settings import Settings
from handoff.desk.app import build_desk
from handoff.desk.deps import NAV, DeskDeps
from handoff.desk.knobs import routes
from handoff.desk.knobs.agents_port import AGENTS
from handoff.desk.login.routes import PASSWORDS
from handoff.desk.passwords import Passwords
from handoff.records.agent_versions import AgentVersions
from tests.handoff.desk.conftest import _CHEAP, Desk

SETTINGS = {
    "turns": {"bargein": {"min_words": 2}},
    "numbers": {"102": {"agent": "order-status", "turns": {"endpointing": {"max_delay_s": 0.9}}}},
}


@pytest.fixture
def instance(tmp_path: Path) -> InstanceAgents:
    return InstanceAgents(Settings.model_validate(SETTINGS), Layout(tmp_path / "data"))


@pytest.fixture
def versions(desk_database: str) -> AgentVersions:
    return AgentVersions(desk_database)


@pytest.fixture
async def desk(desk_deps: DeskDeps, instance: InstanceAgents) -> AsyncIterator[Desk]:
    app = build_desk(desk_deps)
    if not any(item.path == "/agents" for item in app[NAV]):
        routes.add(app)
    app[PASSWORDS] = Passwords(_CHEAP)
    app[AGENTS] = instance
    server = TestServer(app)
    await server.start_server()
    found = Desk(app, desk_deps, server)
    yield found
    await found.close()
