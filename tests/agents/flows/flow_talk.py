"""A dialogue driven line by line, without a line, a voice, tools or a model: the test says what those bring."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from agents.flows.acts import Act, AskModel, CallTool, Listen, ModelResult, Say
from agents.flows.definition import AgentDefinition
from agents.flows.dialogue import Dialogue
from agents.flows.loader import read_agent
from agents.transcript import JsonValue

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""A Friday."""
Result = Mapping[str, JsonValue] | None


VISITS = Path(__file__).with_name("visits.yaml")


@cache
def visits() -> AgentDefinition:
    """The agent of ``visits.yaml``, which has every kind of node."""
    return read_agent(VISITS)


class Talk:
    """``<keys>`` are pressed, ``...`` is silence, ``?`` is speech that nobody could make out, the rest is said.

    ``results``: what the tools bring, by name; a tool without one fails. ``models``: what the model brings, turn by turn; when none is
    left, it stays at work.
    """

    def __init__(self, agent: AgentDefinition, *, results: Mapping[str, Result] | None = None, now: datetime = NOON) -> None:
        self.dialogue = Dialogue(agent)
        self.now = now
        self.results = dict(results or {})
        self.models: list[ModelResult] = []
        self.calls: list[CallTool] = []
        self.asked: list[AskModel] = []
        self.acts: list[Act] = []
        self.said: list[str] = []
        self.settle(self.dialogue.start(now))

    def __call__(self, *lines: str) -> str:
        """All that is said in answer to the last line."""
        for line in lines:
            self.said = []
            if line == "...":
                self.settle(self.dialogue.silent(self.now))
            elif line.startswith("<"):
                self.settle(self.dialogue.keyed(line.strip("<>"), self.now))
            else:
                self.settle(self.dialogue.heard("" if line == "?" else line, self.now))
        return " ".join(self.said)

    def settle(self, acts: list[Act]) -> None:
        """Let tools and models answer until the caller has the floor or the dialogue is over."""
        while True:
            self.acts = acts
            self.said += [act.text for act in acts if isinstance(act, Say)]
            last = acts[-1] if acts else None
            if isinstance(last, CallTool):
                self.calls.append(last)
                acts = self.dialogue.tool_result(self.results.get(last.name), self.now)
            elif isinstance(last, AskModel):
                self.asked.append(last)
                if not self.models:
                    return
                acts = self.dialogue.model_result(self.models.pop(0), self.now)
            else:
                return

    @property
    def end(self) -> Act | None:
        return self.acts[-1] if self.acts else None

    @property
    def listen(self) -> Listen:
        assert isinstance(self.end, Listen)
        return self.end

    @property
    def node(self) -> str:
        return self.dialogue.state.node

    @property
    def slots(self) -> dict[str, str]:
        return self.dialogue.state.slots
