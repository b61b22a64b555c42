"""The agents that ship: each loads against the services that ship, is tested by conversations, and says only what can be spoken."""

import asyncio
import re
from collections import Counter
from pathlib import Path

import pytest

from agents.flows.definition import PaymentNode, ToolNode
from agents.flows.sentences import split
from agents.library import FOLDER, AgentDefinition, load_agent, names
from agents.rehearsal.conversation_file import read_conversation
from agents.rehearsal.finding import find_conversations
from agents.rehearsal.runner import Agents, run_file
from agents.tools.toolbox import ToolInfo
from agents.tools.webhook_file import read_webhooks
from agents.wording.markup import without_markup

CONVERSATIONS = find_conversations([FOLDER / "conversations"])
FEWEST = 6
"""Conversations of an agent."""
LONGEST = 140
"""Characters of a sentence: about nine seconds of speech."""
MOST_FIXED = 280
"""Sentences of the front desk that are synthesised before the first call, each about 0.15 s."""
SHOP = read_webhooks(FOLDER / "tools" / "harbor-home.yaml").tools
PLACE = re.compile(r"\{[^{}]*\}")
OF_NO_NUMBER = {"waiting-room", "briefing", "recording-consent"}
"""They serve a transfer, or ask something before the agent that was called."""
READ_AGENTS = Agents()


def described(name: str) -> ToolInfo | None:
    return SHOP[name].info(name) if name in SHOP else None


@pytest.fixture(scope="module", params=names())
def agent(request: pytest.FixtureRequest) -> AgentDefinition:
    return load_agent(str(request.param), describe=described)


@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.stem)
def test_a_conversation_goes_as_it_is_written(path: Path) -> None:
    result = asyncio.run(run_file(path, READ_AGENTS))
    told = [line for miss in result.failures for line in (f"{path}:{miss.line}: {miss.expected}", f"got {miss.got}", *miss.transcript)]
    assert result.passed, "\n".join([result.error, result.skipped, *told])


def test_every_agent_has_conversations() -> None:
    found = Counter(read_conversation(path).file.agent for path in CONVERSATIONS)
    assert {name: found[name] for name in names() if found[name] < FEWEST} == {}


def test_no_file_reads_as_something_else_than_it_is_called() -> None:
    misnamed = [path.stem for path in CONVERSATIONS if not path.stem.startswith(f"{read_conversation(path).file.agent}-")]
    assert misnamed == []


def test_every_text_can_be_spoken_as_it_is(agent: AgentDefinition) -> None:
    for language in agent.languages:
        for text in agent.texts(language):
            plain = PLACE.sub("this", text)
            assert without_markup(plain) == plain
            assert not set(plain) & set("*_#<>[]`~|\\{}@/="), text
            assert all(len(sentence) <= LONGEST for sentence in split(text)), text


def test_what_is_used_of_a_result_is_what_the_service_gives(agent: AgentDefinition) -> None:
    for name, node in agent.nodes.items():
        if isinstance(node, ToolNode | PaymentNode):
            assert set(node.returns) <= set(SHOP[node.tool].result), name
            assert node.limit_s >= SHOP[node.tool].limit_s, f"{name} gives the service less time than it may take"


def test_what_changes_data_cannot_be_gone_back_behind(agent: AgentDefinition) -> None:
    """A tool that may not be repeated is sealed in, except those that only send or check something on the way."""
    on_the_way = {"accounts.send_code", "accounts.check_code"}
    open_ends = [
        name
        for name, node in agent.nodes.items()
        if isinstance(node, ToolNode) and not SHOP[node.tool].safe and not node.commits and node.tool not in on_the_way
    ]
    assert open_ends == []


def test_the_front_desk_does_what_all_others_do() -> None:
    wished = {read_conversation(path).file.agent for path in CONVERSATIONS}
    parts = {name.split("/")[0].replace("_", "-") for name in load_agent("front-desk").nodes if "/" in name}
    assert wished - {"front-desk", *OF_NO_NUMBER} <= parts


def test_the_voice_of_the_front_desk_is_soon_ready() -> None:
    assert len(load_agent("front-desk").fixed_sentences()) <= MOST_FIXED
