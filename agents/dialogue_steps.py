"""The dialogue of one conversation in time: real steps, steps tried out ahead of need, and a step back when an answer was not heard."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agents.flows.acts import Act, CallTool, Handover, HangUp, Say
from agents.flows.definition import AgentDefinition
from agents.flows.dialogue import Dialogue
from agents.transcript import JsonValue, Outcome


@dataclass(frozen=True, slots=True)
class _Tried:
    utterance: int
    revision: int
    dialogue: Dialogue
    acts: list[Act]
    text: str
    took_ms: float


class DialogueSteps:
    """Measures each step (``took_ms``) and keeps the point before the last answer.

    When the caller goes on speaking before anything of an answer was heard, the next words continue the former ones:
    the dialogue goes back and hears both together ("I'd like to know … when you open").
    """

    def __init__(self, agent: AgentDefinition, now: Callable[[], datetime], clock: Callable[[], float]) -> None:
        self._dialogue = Dialogue(agent)
        self._now = now
        self._clock = clock
        self._before: tuple[Dialogue, str] | None = None
        self._previous = self._dialogue
        self._tried: _Tried | None = None
        self.took_ms = 0.0

    def begin(self, slots: Mapping[str, str] | None = None, queue_status: str = "") -> list[Act]:
        if slots is None:
            return self._dialogue.start(self._now())
        return self._dialogue.resume(slots, queue_status, self._now())

    def _basis(self, text: str, unheard: bool) -> tuple[Dialogue, str]:
        """Where a step starts from and the words it hears."""
        if unheard and self._before is not None:
            dialogue, earlier = self._before
            return dialogue, f"{earlier} {text}".strip()
        return self._dialogue, text

    def is_unfinished(self, text: str, unheard: bool) -> bool:
        dialogue, words = self._basis(text, unheard)
        return dialogue.is_unfinished(words)

    def speculate(self, utterance: int, revision: int, text: str, *, unheard: bool) -> list[Act]:
        """What the answer would be; the dialogue itself stays where it is."""
        begun = self._clock()
        basis, words = self._basis(text, unheard)
        dialogue = basis.copy()
        acts = dialogue.heard(words, self._now())
        self._tried = _Tried(utterance, revision, dialogue, acts, words, (self._clock() - begun) * 1000)
        return acts

    def forget(self) -> None:
        self._tried = None

    def heard(self, utterance: int, revision: int, text: str, *, unheard: bool) -> list[Act]:
        """The caller said ``text``, for good."""
        begun = self._clock()
        basis, words = self._basis(text, unheard)
        tried, self._tried = self._tried, None
        if tried and (tried.utterance, tried.revision, tried.text) == (utterance, revision, words):
            dialogue, acts, self.took_ms = tried.dialogue, tried.acts, tried.took_ms
        else:
            dialogue = basis.copy()
            acts = dialogue.heard(words, self._now())
            self.took_ms = (self._clock() - begun) * 1000
        final = any(isinstance(act, CallTool | Handover | HangUp) for act in acts)
        self._before = None if final or not text else (basis.copy(), words)
        self._previous, self._dialogue = basis, dialogue
        return acts

    def reconsider(self, text: str) -> list[Act]:
        """Words said during the farewell: their answer, or nothing when they only say goodbye too or make no sense."""
        dialogue = self._previous.copy()
        acts = dialogue.heard(text, self._now())
        if dialogue.state.failures or any(isinstance(act, HangUp) for act in acts):
            return []
        self._dialogue = dialogue
        return acts

    def _other(self, step: Callable[[datetime], list[Act]]) -> list[Act]:
        begun = self._clock()
        self._before = self._tried = None
        self._previous = self._dialogue.copy()
        acts = step(self._now())
        self.took_ms = (self._clock() - begun) * 1000
        return acts

    def keyed(self, keys: str) -> list[Act]:
        return self._other(lambda now: self._dialogue.keyed(keys, now))

    def silent(self) -> list[Act]:
        return self._other(self._dialogue.silent)

    def tool_result(self, result: Mapping[str, JsonValue] | None) -> list[Act]:
        return self._other(lambda now: self._dialogue.tool_result(result, now))

    def time_up(self) -> list[Act]:
        return self._other(self._dialogue.time_up)

    def trouble(self) -> list[Act]:
        return self._other(self._dialogue.trouble)

    def still_working(self) -> list[Act]:
        return [Say(text) for text in self._dialogue.still_working(self._now())]

    def outcome(self, kind: Literal["goodbye", "handover", "caller_left", "failed"], reason: str, queue: str) -> Outcome:
        state = self._dialogue.state
        return Outcome(kind, reason, queue, state.intent, dict(state.slots))
