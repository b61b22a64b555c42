"""Several conversations one after the other on one line, in virtual time."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from agents.audio import Pcm
from agents.conversation import Conversation, Resume
from agents.conversation.company import LIMITS
from agents.flows.definition import AgentDefinition
from tests.agents.mind_doubles import Rig
from tests.agents.virtual_time import run_virtual, virtual_clock
from tests.agents.watched_line import WatchedLine


class StrictLine(WatchedLine):
    """Refuses a name that it has had, as the line of a telephone call does."""

    async def play(self, clip: str, audio: AsyncIterator[Pcm], *, interruptible: bool = True) -> None:
        if clip in self.given:
            raise ValueError(f"clip {clip!r} was played on this line before")
        self.given[clip] = []
        await super().play(clip, audio, interruptible=interruptible)


def talk(rig: Rig, agent: AgentDefinition, resume: Resume | None = None, facts: Mapping[str, str] | None = None) -> Conversation:
    """A conversation on the rig's line, not begun yet."""
    conversation = Conversation(
        agent,
        rig.line,
        rig.transcriber,
        rig.speaker,
        rig.orders,
        rig.notes,
        resume,
        now=lambda: rig.now,
        layers=(*rig.layers, agent.turns),
        limits=LIMITS,
        clock=virtual_clock,
        models=rig.models,
    )
    conversation.learn(facts or {})
    rig.conversation = conversation
    return conversation


def on_one_line(main: Callable[[Rig], Awaitable[None]]) -> Rig:
    """Run ``main``, which talks as it likes."""

    async def whole() -> Rig:
        rig = Rig(StrictLine(virtual_clock))
        await main(rig)
        rig.line.hang_up()
        return rig

    return run_virtual(whole())
