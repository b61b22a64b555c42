"""Calls for tests: the conversation files of the library, played by its agents without a telephone."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import agents.library
from agents.library import load_agent
from agents.rehearsal.conversation_file import Conversation, read_conversation
from agents.rehearsal.happenings import Ended
from agents.rehearsal.runner import StandingClock
from agents.rehearsal.scripted_tools import ScriptedTools
from agents.rehearsal.scripted_turns import ScriptedTurns
from agents.rehearsal.text_call import TextCall
from agents.transcript import JsonValue, Outcome, Turn
from handoff.card import CallEvent, Card, CardSource, make_card

FILES = sorted((Path(agents.library.__file__).parent / "conversations").glob("*-*.yaml"))
MADE = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass
class Kept:
    """A Sink; a turn a second."""

    turns: list[Turn] = field(default_factory=list)
    events: list[CallEvent] = field(default_factory=list)

    def turn(self, turn: Turn) -> None:
        self.turns.append(turn)

    def event(self, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        self.events.append((kind, at, data))

    def partial(self, text: str, at: float) -> None:
        pass

    def listens(self, node: str, question: str) -> None:
        pass


@dataclass(frozen=True)
class Moment:
    """What is known at one moment of a call."""

    name: str
    language: str
    outcome: Outcome
    turns: tuple[Turn, ...]
    events: tuple[CallEvent, ...]

    def card(self) -> Card:
        return make_card(
            CardSource(
                card_id="card",
                call_id=self.name,
                created_at=MADE,
                reason=self.outcome.reason,
                queue=self.outcome.queue,
                outcome=self.outcome,
                turns=self.turns,
                events=self.events,
                started_monotonic=0.0,
                caller_number="+15550100",
                language=self.language,
            )
        )


async def moments(path: Path) -> AsyncIterator[Moment]:
    """After each step of the conversation file, the last one with the real outcome."""
    conversation = read_conversation(path)
    file, clock, kept = conversation.file, StandingClock(conversation.file.moment()), Kept()
    agent = load_agent(_agent(conversation))
    model = ScriptedTurns(file.model) if file.model and file.model != "live" else None

    def ticks() -> float:
        clock.passed_s += 0.001
        return clock.passed_s

    call = TextCall(agent, ScriptedTools(conversation.scripts), model, kept, now=clock.now, clock=ticks)
    call.learn(file.learned)
    async for _ in call.start():
        pass
    for step in file.steps:
        clock.passed_s += step.later_s
        if step.returns is not None:
            happenings = call.come_back(step.returns)
        elif step.given is not None:
            happenings = call.take(step.given)
        else:
            continue
        ended: Ended | None = None
        async for happening in happenings:
            ended = happening if isinstance(happening, Ended) else ended
        state = call.dialogue.state
        outcome = ended.outcome if ended else Outcome("handover", "caller_request", "support", state.intent, dict(state.slots))
        language = getattr(state, "language", "") or agent.language
        yield Moment(path.stem, language, outcome, tuple(kept.turns), tuple(kept.events))


def _agent(conversation: Conversation) -> str | Path:
    name = conversation.file.agent
    return conversation.path.parent / name if name.startswith(".") else name
