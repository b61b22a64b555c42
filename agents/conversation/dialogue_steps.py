"""The dialogue of one conversation in time: real steps, steps tried out ahead of need, and a step back when an answer was not heard."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from agents.conversation.manner_in_force import MannerInForce
from agents.endpointing.evidence import Grasp
from agents.flows.acts import Act, CallTool, Handover, HangUp, ModelResult, Say
from agents.flows.definition import AgentDefinition, LlmNode
from agents.flows.dialogue import Dialogue
from agents.flows.engine.facts import CALLER
from agents.flows.state import State
from agents.transcript import JsonValue, Outcome

MOST_JOINED: Final = 40
"""Words of one answer in pieces. Who talks on longer than that, into every reply, is no caller in mid-sentence but rather a machine."""


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

    The manner in force decides how short the texts are and what a language model is told; a step that was tried out in another one
    is taken anew.
    """

    def __init__(
        self,
        agent: AgentDefinition,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        manner: MannerInForce | None = None,
        language: str = "",
    ) -> None:
        """``language``: in which the call begins; one that the agent does not speak is as none."""
        self._dialogue = Dialogue(agent, State(language=language) if language in agent.languages else None)
        self._manner = manner or MannerInForce()
        self._now = now
        self._clock = clock
        self._before: tuple[Dialogue, str] | None = None
        self._previous = self._dialogue
        self._tried: _Tried | None = None
        self.took_ms = 0.0

    @property
    def language(self) -> str:
        """Of the call now: a code such as ``en``, never empty."""
        return self._dialogue.state.language or self._dialogue.agent.language

    @property
    def node(self) -> str:
        """Where the dialogue stands; those of a subflow have its node's name before a slash."""
        return self._dialogue.state.node

    @property
    def failures(self) -> int:
        """Silences and misunderstandings in a row."""
        return self._dialogue.state.failures

    @property
    def setbacks(self) -> int:
        """Understood and yet in vain, since the last new question."""
        return self._dialogue.state.setbacks

    @property
    def can_announce(self) -> bool:
        return self._dialogue.can_announce

    def has_announcement(self, name: str) -> bool:
        return name in self._dialogue.agent.announcements

    def announce(self, name: str) -> list[Act]:
        return self._other(lambda now: self._dialogue.announce(name, now))

    def begin(self, slots: Mapping[str, str] | None = None, queue_status: str = "") -> list[Act]:
        self._mind_manner()
        if slots is None:
            return self._dialogue.start(self._now())
        return self._dialogue.resume(slots, queue_status, self._now())

    def _mind_manner(self) -> None:
        """Every point from which the talk may go on talks as is in force now."""
        manner = self._manner.now
        if any(dialogue.manner != (manner.short, manner.tone) for dialogue in self._points()):
            for dialogue in self._every():
                dialogue.talk(short=manner.short, tone=manner.tone)

    def _basis(self, text: str, unheard: bool) -> tuple[Dialogue, str]:
        """Where a step starts from and the words it hears."""
        if unheard and self._before is not None:
            dialogue, earlier = self._before
            if len(earlier.split()) + len(text.split()) <= MOST_JOINED:
                return dialogue, f"{earlier} {text}".strip()
        return self._dialogue, text

    def grasp(self, text: str, *, unheard: bool) -> Grasp:
        """How far the caller's words could be answered as they stand."""
        dialogue, words = self._basis(text, unheard)
        return dialogue.grasp(words)

    def speculate(self, utterance: int, revision: int, text: str, *, unheard: bool) -> list[Act]:
        """What the answer would be; the dialogue itself stays where it is."""
        begun = self._clock()
        self._mind_manner()
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
        self._mind_manner()
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
        self._mind_manner()
        dialogue = self._previous.copy()
        acts = dialogue.heard(text, self._now())
        if dialogue.state.failures or any(isinstance(act, HangUp) for act in acts):
            return []
        self._dialogue = dialogue
        return acts

    def take_up(self, text: str, *, keyed: bool) -> list[Act]:
        """The answer to what was said or keyed before this conversation began; nothing when it makes no sense here."""
        self._mind_manner()
        dialogue = self._dialogue.copy()
        acts = dialogue.keyed(text, self._now()) if keyed else dialogue.heard(text, self._now())
        if dialogue.state.failures:
            return []
        self._tried, self._dialogue = None, dialogue
        return acts

    def _other(self, step: Callable[[datetime], list[Act]]) -> list[Act]:
        begun = self._clock()
        self._mind_manner()
        self._before = self._tried = None
        self._previous = self._dialogue.without_secrets()
        acts = step(self._now())
        self.took_ms = (self._clock() - begun) * 1000
        return acts

    def keyed(self, keys: str) -> list[Act]:
        return self._other(lambda now: self._dialogue.keyed(keys, now))

    def silent(self) -> list[Act]:
        return self._other(self._dialogue.silent)

    def tool_result(self, result: Mapping[str, JsonValue] | None) -> list[Act]:
        return self._other(lambda now: self._dialogue.tool_result(result, now))

    def model_result(self, result: ModelResult, *, revocable: bool = False) -> list[Act]:
        """``revocable``: nothing was done that could not be taken back, so the caller may still go on with the words it answered."""
        before = self._before
        acts = self._model_result(result)
        if revocable and not any(isinstance(act, CallTool | Handover | HangUp) for act in acts):
            self._before = before
        return acts

    def _model_result(self, result: ModelResult) -> list[Act]:
        return self._other(lambda now: self._dialogue.model_result(result, now))

    def known(self) -> Mapping[str, str]:
        """Slots as they are now."""
        return dict(self._dialogue.state.slots)

    def learn(self, facts: Mapping[str, str]) -> None:
        """Slots known from outside, for what comes next: also for an answer that is tried out or would be taken back."""
        for dialogue in self._every():
            dialogue.learn(facts)

    def instruct(self, text: str) -> None:
        """Something for every model that is asked from now on."""
        for dialogue in self._every():
            dialogue.instruct(text)

    def _every(self) -> list[Dialogue]:
        """All from which the talk may go on, each once."""
        self._tried = None
        return list({id(dialogue): dialogue for dialogue in self._points()}.values())

    def _points(self) -> tuple[Dialogue, ...]:
        return (self._dialogue, self._previous, *([self._before[0]] if self._before else []))

    @property
    def has_model_nodes(self) -> bool:
        return any(isinstance(node, LlmNode) for node in self._dialogue.agent.nodes.values())

    def transfer(self, queue: str, reason: str, say: str = "") -> list[Act]:
        """To a person; ``say``, in the language of the call, in place of the usual sentence."""
        return self._other(lambda now: self._dialogue.transfer(queue, reason, now, say))

    def preceded(self, first: str, acts: list[Act]) -> list[Act]:
        """``acts`` with a sentence in the language of the call before them, such as an apology; as they are when either is empty.

        It shares the fate of what follows: before an ending it is heard to its end. "Repeat that" does not repeat it.
        """
        if not first.strip() or not acts:
            return acts
        final = any(isinstance(act, Handover | HangUp) for act in acts)
        return [Say(first, interruptible=not final, language=self._dialogue.language), *acts]

    def time_up(self) -> list[Act]:
        return self._other(self._dialogue.time_up)

    def trouble(self) -> list[Act]:
        return self._other(self._dialogue.trouble)

    def still_working(self) -> list[Act]:
        self._mind_manner()
        return [Say(text, language=self._dialogue.language) for text in self._dialogue.still_working(self._now())]

    def outcome(self, kind: Literal["goodbye", "handover", "caller_left", "failed"], reason: str, queue: str) -> Outcome:
        state = self._dialogue.state
        slots = {name: value for name, value in state.slots.items() if name != CALLER}
        return Outcome(kind, reason, queue, state.intent, slots)
