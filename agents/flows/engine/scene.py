"""The dialogue at one moment: agent, state and time together, and what every kind of node needs of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from agents.flows.acts import Say
from agents.flows.definition import DEFAULT_LANGUAGE, AgentDefinition, Everywhere, Node
from agents.flows.engine.facts import facts
from agents.flows.state import Fact, State
from agents.flows.template import render
from agents.flows.texts import Texts
from agents.nlu.slots import SlotContext, SlotReader

T = TypeVar("T")


class Scene:
    """Lives for one step of a dialogue. Changes the state that it was given."""

    __slots__ = ("agent", "context", "now", "state")

    def __init__(self, agent: AgentDefinition, state: State, now: datetime) -> None:
        self.agent = agent
        self.state = state
        self.now = now
        zone = agent.hours.zone()
        self.context = SlotContext(now.astimezone(zone) if zone else now, agent.understood.get(self.language, DEFAULT_LANGUAGE))

    @property
    def language(self) -> str:
        return self.state.language or self.agent.language

    @property
    def everywhere(self) -> Everywhere:
        return self.agent.everywhere

    @property
    def node(self) -> Node:
        """The one where the dialogue stands."""
        return self.agent.nodes[self.state.node]

    def reader(self, slot: str) -> SlotReader:
        return self.agent.readers[slot]

    # Words

    def facts(self) -> dict[str, Fact]:
        return facts(self.agent, self.state, self.now)

    def values(self) -> Mapping[str, str]:
        """The facts as texts show them; a truth value is no text."""
        return {name: "" if isinstance(value, bool) else str(value) for name, value in self.facts().items()}

    def fill(self, text: str) -> str:
        return render(text, self.values(), self.language) if "{" in text else text

    def wordings(self, texts: Texts) -> tuple[str, ...]:
        """In the language of the call, and short if that is how the caller is talked to."""
        return texts.of(self.language, short=self.state.short)

    def draw(self, texts: Texts, field: str) -> str:
        """The next of several wordings, with its names filled in. ``field`` tells the lists of one node apart."""
        return self.draw_as(texts, f"{self.state.node}.{field}")

    def draw_as(self, texts: Texts, key: str) -> str:
        wordings = self.wordings(texts)
        count = self.state.used.get(key, 0)
        self.state.used[key] = count + 1
        return self.fill(wordings[count % len(wordings)])

    def say(self, text: str, *, interruptible: bool = True) -> Say:
        return Say(text, interruptible, "" if self.language == self.agent.language else self.language)

    def said(self, texts: Texts, field: str, *, interruptible: bool = True) -> tuple[Say, ...]:
        """The next of several wordings; nothing when there are none."""
        return (self.say(self.draw(texts, field), interruptible=interruptible),) if texts else ()

    # Memory

    def begin(self, node: str) -> None:
        """Stand at ``node``, as if new; nothing is waited for any more."""
        state = self.state
        state.waiting_for = ""
        state.node, state.confirming, state.candidate, state.partial = node, False, "", ""

    def keep(self, slot: str, value: str, *, confirmed: bool = True) -> None:
        """A slot has a value; an empty one empties it."""
        state = self.state
        values = state.secrets if slot in self.agent.secret_slots else state.slots
        if value:
            values[slot] = value
        else:
            values.pop(slot, None)
        state.unconfirmed = state.unconfirmed - {slot} if confirmed else state.unconfirmed | {slot}

    def forget(self, slots: Iterable[str]) -> None:
        gone = frozenset(slots)
        for slot in gone:
            self.state.slots.pop(slot, None)
            self.state.secrets.pop(slot, None)
        self.state.unconfirmed -= gone

    def progress(self) -> None:
        """The caller was understood."""
        self.state.failures, self.state.only_silence = 0, True

    def set_back(self) -> bool:
        """Count a vain attempt; True when there were too many."""
        self.state.setbacks += 1
        return self.state.setbacks >= self.agent.give_up_after
