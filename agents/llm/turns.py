"""One turn of an agent that a language model answers: sentences early, tools in between, an exit or the floor at the end."""

import logging
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial

from agents.llm.accounting import Tally
from agents.llm.answer import Answer
from agents.llm.chain import ModelChain
from agents.llm.context import Prompt
from agents.llm.deadline import Deadline
from agents.llm.guard import Guard
from agents.llm.model import Message, ModelError
from agents.llm.sentences import Sentences
from agents.llm.task import FAILED, Finished, ModelEvent, ModelTask, Sentence
from agents.llm.tool_round import ToolRounds
from agents.tools.toolbox import Toolbox

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TurnLimits:
    deadline_s: float = 4.0
    """The longest wait for the next sentence, or for the end; time in tools has its own limits."""
    rounds: int = 5
    """Answers in one turn; in the last one no tool is offered."""
    characters: int = 900
    """Of all that is said in one turn, about a minute; the sentence that passes it is the last."""


class FlowModelTurns:
    """A ModelTurns. ``spoken``: a sentence and its language to words for the voice. Owns the chain."""

    def __init__(
        self, chain: ModelChain, prompt: Prompt, spoken: Callable[[str, str], str] | None = None, limits: TurnLimits | None = None
    ) -> None:
        self._chain = chain
        self._prompt = prompt
        self._spoken = spoken or _spoken
        self._limits = limits or TurnLimits()

    def warm(self, languages: Iterable[str]) -> None:
        """Have word lists and patterns of these languages ready before the first caller needs them: up to 0.1 s each."""
        for language in languages:
            self._spoken("It is 9:30.", language)

    async def run(self, task: ModelTask, tools: Toolbox) -> AsyncGenerator[ModelEvent, None]:
        tally, facts = Tally(), dict[str, str]()
        turn = _Turn(self._chain, self._prompt, self._limits, lambda text: self._spoken(text, task.language), tally, facts)
        try:
            async with aclosing(turn.events(task, tools)) as events:
                async for event in events:
                    yield event
        except ModelError as error:
            log.warning("model_turn_failed", extra={"kind": error.kind, "sentences": turn.sentences, "reason": str(error)})
            turn.exit = FAILED
        except Exception:
            log.exception("model_turn_broke")
            turn.exit = FAILED
        usage = tally.usage
        log.info(
            "model_turn",
            extra={
                "model": usage.model,
                "exit": turn.exit,
                "sentences": turn.sentences,
                "rounds": turn.rounds,
                "requests": usage.attempts,
                "tokens_in": usage.input_tokens,
                "tokens_cached": usage.cached_tokens,
                "tokens_out": usage.output_tokens,
                "cost": round(usage.cost, 6),
                "first_token_ms": round(usage.first_token_s * 1000),
                "took_ms": round(usage.took_s * 1000),
            },
        )
        yield Finished(turn.exit, facts, usage)

    async def close(self) -> None:
        await self._chain.close()


class _Turn:
    def __init__(
        self, chain: ModelChain, prompt: Prompt, limits: TurnLimits, spoken: Callable[[str], str], tally: Tally, facts: dict[str, str]
    ) -> None:
        self._chain = chain
        self._prompt = prompt
        self._limits = limits
        self._spoken = spoken
        self._tally = tally
        self._facts = facts
        self.exit = ""
        self.sentences = 0
        self.rounds = 0

    async def events(self, task: ModelTask, tools: Toolbox) -> AsyncGenerator[ModelEvent, None]:
        """Everything but the end. Raises ModelError."""
        limits, guard, deadline = self._limits, Guard(task, tools), Deadline(self._limits.deadline_s)
        rounds = ToolRounds(guard, tools, self._prompt.result)
        history: list[Message] = []
        room = limits.characters
        while True:
            self.rounds += 1
            last = self.rounds >= limits.rounds
            said: list[str] = []
            answer = Answer(
                self._chain,
                partial(self._prompt.messages, task, tuple(history), said),
                guard.functions(tools=not last),
                sentences=Sentences(self._spoken),
                said=said,
                room=room,
                tally=self._tally,
            )
            async with aclosing(answer.speak(deadline)) as sentences:
                async for sentence in sentences:
                    self.sentences += 1
                    yield Sentence(sentence)
            room -= sum(map(len, said))
            if not answer.calls:
                return
            deadline.stop()
            made = await rounds.run(answer.calls, tools=not last)
            self._facts.update(made.facts)
            for used in made.used:
                yield used
            deadline.renew()
            if made.exit or (made.settled and said) or room <= 0:
                self.exit = made.exit
                return
            if last:
                self.exit = "" if said else FAILED
                return
            history += [Message("assistant", " ".join(said), tuple(answer.calls)), *made.results]


def _spoken(text: str, language: str) -> str:
    from agents.wording import spoken_text  # late: its word lists are only needed by who speaks
    from agents.wording.markup import without_markup

    try:
        return spoken_text(text, language)
    except ValueError:  # a language without word lists: the voice has to know how to read numbers
        return without_markup(text)
