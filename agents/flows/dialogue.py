"""The dialogue engine: what was heard or keyed goes in, acts come out. No I/O; time comes in as ``now``."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from agents.endpointing.evidence import Grasp
from agents.flows.acts import Act, Handover, ModelResult, Say
from agents.flows.definition import AgentDefinition, LlmNode, PaymentNode, ToolNode, WaitNode
from agents.flows.engine.digressions import detour
from agents.flows.engine.failing import leave
from agents.flows.engine.global_commands import obey_ending, to_person
from agents.flows.engine.kinds import CALLING, MODELLING, PAYING, WAITING
from agents.flows.engine.moves import Go, Move
from agents.flows.engine.recognition import phrase_intent
from agents.flows.engine.scene import Scene
from agents.flows.engine.walking import walk
from agents.flows.state import State
from agents.transcript import JsonValue

PERSON_KEY: Final = "0"
MOST_INSTRUCTIONS: Final = 8
"""Of a supervisor that are remembered."""
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands for the time of a state in which nothing has happened yet."""


class Dialogue:
    """One conversation with one agent. Every method returns the acts to perform, in order; the last one tells what comes next:

    ``Listen``, ``CallTool``, ``AskModel``, ``Handover`` or ``HangUp``. No acts at all means: go on with what is under way.
    ``now`` carries a time zone.
    """

    def __init__(self, agent: AgentDefinition, state: State | None = None) -> None:
        self.agent = agent
        self.state = state or State()

    def copy(self) -> "Dialogue":
        """An independent dialogue at the same point, to try out what an answer would be."""
        return Dialogue(self.agent, self.state.copy())

    def without_secrets(self) -> "Dialogue":
        """A copy that knows nothing of a card that is being entered, nor of secret slots."""
        copy = self.copy()
        copy.state.card, copy.state.secrets = copy.state.card.wiped(), {}
        return copy

    @property
    def language(self) -> str:
        """For ``Say.language``: empty while the agent speaks its first language."""
        return "" if self.state.language == self.agent.language else self.state.language

    @property
    def manner(self) -> tuple[bool, str]:
        """What ``talk`` was told last: short, tone."""
        return self.state.short, self.state.tone

    def talk(self, *, short: bool, tone: str) -> None:
        """From now on. ``short``: in the short form of each text that has one. ``tone``: how a language model is to meet the caller;
        empty: as usual. It is told of both.
        """
        self.state.short, self.state.tone = short, tone

    # The course of the call

    def start(self, now: datetime) -> list[Act]:
        self.state.began_at = now
        return self._walk(Go(self.agent.start), now)

    def resume(self, slots: Mapping[str, str], queue_status: str, now: datetime) -> list[Act]:
        """The caller is back from the queue; ``slots`` are those of the earlier Outcome."""
        self.state.began_at = self.state.began_at or now
        self._know(slots)
        self.state.queue_status, self.state.came_back = queue_status, True
        return self._walk(Go(self.agent.resume), now)

    def time_up(self, now: datetime) -> list[Act]:
        """The call has lasted long enough: a polite handover."""
        return self._leave(self.agent.everywhere.time_up, "time_limit", now)

    def trouble(self, now: datetime) -> list[Act]:
        """Recogniser or another part of the machinery failed for good: a handover."""
        return self._leave(self.agent.everywhere.tool_trouble, "pipeline_error", now)

    def transfer(self, queue: str, reason: str, now: datetime, say: str = "") -> list[Act]:
        """Somebody outside decided that a person takes over; an empty ``queue`` is the one where transfers go from here.

        ``say``, in the language of the call, stands in place of the usual sentence; where the way to a person leads to a question
        first, it is said before that.
        """
        if queue and not self.state.ended:
            self.state.queue = queue
        acts = self._leave(self.agent.everywhere.to_person, reason, now)
        if not say.strip() or not acts:
            return acts
        over = any(isinstance(act, Handover) for act in acts)
        if over:
            self.state.last = (say,)
        rest = [act for act in acts if not (over and isinstance(act, Say))]
        return [Say(say, interruptible=not over, language=self.language), *rest]

    # From outside

    @property
    def can_announce(self) -> bool:
        """Whether an announcement would come at a good moment: while somebody waits, or, where nobody does, between question and answer."""
        node = self.agent.nodes.get(self.state.node)
        here = isinstance(node, WaitNode) or not self.agent.patient
        return here and type(node) in WAITING and not self.state.waiting_for and not self.state.ended

    def announce(self, name: str, now: datetime) -> list[Act]:
        """Say what the agent has under ``name``, then go on where the dialogue stands; nothing when it has no such announcement."""
        target = self.agent.announcements.get(name)
        if target is None or not self.can_announce:
            return []
        scene = self._scene(now)
        return walk(scene, detour(scene, target))

    def instruct(self, text: str) -> None:
        """Every model that is asked from now on is told ``text``."""
        self.state.instructions = (*self.state.instructions, text)[-MOST_INSTRUCTIONS:]

    def learn(self, facts: Mapping[str, str]) -> list[Act]:
        """Slots that are known from outside, in the form in which they are kept. Nothing is said about it."""
        self.state.learned.update(self._know(facts))
        self.state.unconfirmed -= facts.keys()
        return []

    def _know(self, facts: Mapping[str, str]) -> Mapping[str, str]:
        """Those of them that are no secret."""
        secret = self.agent.secret_slots
        told = {name: value for name, value in facts.items() if name not in secret}
        self.state.slots.update(told)
        self.state.secrets.update({name: value for name, value in facts.items() if name in secret})
        return told

    # The caller

    def heard(self, text: str, now: datetime) -> list[Act]:
        """The caller said ``text``; empty text is speech that nobody could make out."""
        if self.state.ended:
            return []
        scene = self._scene(now)
        if self.state.waiting_for:
            move = obey_ending(scene, phrase_intent(scene, text, []))
            return walk(scene, move) if move else []
        return self._answered(scene, lambda: WAITING[type(scene.node)].heard(scene, scene.node, text))

    def keyed(self, keys: str, now: datetime) -> list[Act]:
        """The caller pressed ``keys`` (the ``#`` that ends an entry left out)."""
        if self.state.ended:
            return []
        scene = self._scene(now)
        if keys == PERSON_KEY and keys not in getattr(scene.node, "keys", ()):
            return walk(scene, to_person(scene))
        if self.state.waiting_for:
            return []
        return self._answered(scene, lambda: WAITING[type(scene.node)].keyed(scene, scene.node, keys))

    def silent(self, now: datetime) -> list[Act]:
        """The caller said nothing for the no-input time."""
        if self.state.ended or self.state.waiting_for:
            return []
        scene = self._scene(now)
        return self._answered(scene, lambda: WAITING[type(scene.node)].silent(scene, scene.node))

    def _answered(self, scene: Scene, decide: Callable[[], Move]) -> list[Act]:
        self.state.answered, self.state.unheard_steps = frozenset(), 0
        return walk(scene, decide())

    def grasp(self, text: str) -> Grasp:
        """How far ``text`` could be answered as it stands. Changes nothing."""
        node = self.agent.nodes.get(self.state.node)
        if self.state.ended or self.state.waiting_for or type(node) not in WAITING or not text.strip():
            return Grasp.UNKNOWN
        scene = Scene(self.agent, self.state, self.state.at or LONG_AGO)
        return WAITING[type(scene.node)].grasp(scene, scene.node, text)

    # Tools and models

    def tool_result(self, result: Mapping[str, JsonValue] | None, now: datetime) -> list[Act]:
        """The tool answered; ``None``: it failed or took too long."""
        node = self.agent.nodes.get(self.state.node)
        if self.state.ended or not self.state.waiting_for or not isinstance(node, ToolNode | PaymentNode):
            return []
        self.state.waiting_for = ""
        scene = self._scene(now)
        return walk(scene, CALLING.returned(scene, node, result) if isinstance(node, ToolNode) else PAYING.returned(scene, node, result))

    def model_result(self, result: ModelResult, now: datetime) -> list[Act]:
        """The model's turn is over, its sentences were spoken as they came."""
        node = self.agent.nodes.get(self.state.node)
        if self.state.ended or not self.state.waiting_for or not isinstance(node, LlmNode):
            return []
        self.state.waiting_for = ""
        scene = self._scene(now)
        return walk(scene, MODELLING.answered(scene, node, result))

    def still_working(self, now: datetime) -> list[str]:
        """What to say when a tool or a model keeps the caller waiting."""
        texts = self.agent.everywhere.still_working
        if not self.state.waiting_for or not texts:
            return []
        return [self._scene(now).draw_as(texts, "everywhere.still_working")]

    # Moving on

    def _scene(self, now: datetime) -> Scene:
        self.state.at = now
        return Scene(self.agent, self.state, now)

    def _walk(self, move: Move, now: datetime) -> list[Act]:
        return walk(self._scene(now), move)

    def _leave(self, target: str, reason: str, now: datetime) -> list[Act]:
        if self.state.ended:
            return []
        scene = self._scene(now)
        return walk(scene, leave(scene, target, reason))
