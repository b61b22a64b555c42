"""An agent as data: its intents, slots and nodes. Unknown keys are refused; every reference is checked when it is loaded."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from pydantic import Field

from agents.flows.hours import Hours
from agents.flows.intents import Intent, compile_phrase
from agents.flows.names import FlowName, LanguageCode, Name
from agents.flows.nodes import (
    AskNode,
    BranchNode,
    CallbackNode,
    Case,
    CollectNode,
    ConfirmNode,
    ConfirmPart,
    EndNode,
    LlmExit,
    LlmNode,
    Node,
    PaymentNode,
    QueueNode,
    Reprompts,
    ReturnNode,
    SayNode,
    SetNode,
    SubflowNode,
    ToolNode,
    TransferNode,
    WaitNode,
)
from agents.flows.parts import Everywhere, IntentPart, KnobLayer, LlmPart, Part
from agents.flows.sentences import split, spoken
from agents.flows.template import is_constant
from agents.flows.texts import FIRST, Text, Texts
from agents.flows.warming import SENTENCE, warm_formats, warm_readers
from agents.nlu.intents import IntentModel
from agents.nlu.intents.language import LanguageError
from agents.nlu.slots import SlotReader, slot_reader
from agents.nlu.slots.language import languages as languages_of_values
from agents.nlu.slots.part import SlotPart, YesNoSlot

__all__ = [
    "FIRST",
    "AgentDefinition",
    "AskNode",
    "BranchNode",
    "CallbackNode",
    "Case",
    "CollectNode",
    "ConfirmNode",
    "ConfirmPart",
    "EndNode",
    "Everywhere",
    "IntentPart",
    "LlmExit",
    "LlmNode",
    "LlmPart",
    "Node",
    "PaymentNode",
    "QueueNode",
    "Reprompts",
    "ReturnNode",
    "SayNode",
    "SetNode",
    "SlotPart",
    "SubflowNode",
    "Text",
    "Texts",
    "ToolNode",
    "TransferNode",
    "WaitNode",
    "texts_of",
]

DEFAULT_LANGUAGE: Final = "en"
"""Whose word lists are used where a language has none."""
_ANY_TIME: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)


class AgentDefinition(Part):
    """One agent, checked and ready to run. Build it with ``agents.library.load_agent``: then ``extends`` and subflows are resolved."""

    format: int = Field(2, ge=2, le=2, description="Version of this format.")
    name: FlowName
    extends: FlowName | None = Field(None, description="Flow on which this one builds: mappings merge, everything else replaces.")
    abstract: bool = Field(False, description="Only to be extended.")
    languages: tuple[LanguageCode, ...] = Field(("en",), min_length=1, description="The first one is where a call begins.")
    voices: Mapping[LanguageCode, str] = Field(default_factory=dict, description="Language to voice.")
    queue: FlowName = Field("support", description="Where transfers go unless a node says otherwise.")
    give_up_after: int = Field(3, ge=1, le=10, description="Failures in a row until a person takes over.")
    start: Name
    resume: Name = Field(description="Node for a caller who comes back from the queue.")
    everywhere: Everywhere
    turns: KnobLayer = Field(default_factory=dict)
    hours: Hours = Field(default_factory=Hours)
    llm: LlmPart = Field(default_factory=LlmPart)
    slots: Mapping[Name, SlotPart] = Field(default_factory=dict)
    intents: Mapping[Name, IntentPart]
    digressions: Mapping[Name, Name] = Field(
        default_factory=dict, description="Intent to node: answered at any question, which is asked again after it."
    )
    announcements: Mapping[Name, Name] = Field(
        default_factory=dict, description="Name to node: what somebody outside can have said in between, such as the place in a queue."
    )
    nodes: Mapping[Name, Node]

    @property
    def language(self) -> str:
        """The one in which a call begins."""
        return self.languages[0]

    @cached_property
    def compiled(self) -> Mapping[str, Intent]:
        """The phrases of every intent."""
        return {
            name: Intent(name, tuple(compile_phrase(text) for text in part.phrases), part.short_only) for name, part in self.intents.items()
        }

    @cached_property
    def intent_model(self) -> IntentModel | None:
        """Trained on the examples, once; None when no intent has any."""
        examples = {name: part.examples for name, part in self.intents.items() if part.examples}
        if not examples:
            return None
        try:
            return IntentModel.train(examples, language=self.language)
        except LanguageError:
            # Without lists of its own a language is learnt with those of another: less sure, yet better than nothing.
            return IntentModel.train(examples, language=DEFAULT_LANGUAGE)

    @cached_property
    def readers(self) -> Mapping[str, SlotReader]:
        """By the name of the slot."""
        return {name: slot_reader(part) for name, part in self.slots.items()}

    @cached_property
    def agreement(self) -> SlotReader:
        """Understands yes and no in their many forms."""
        return slot_reader(YesNoSlot(kind="yes_no"))

    @cached_property
    def secret_slots(self) -> frozenset[str]:
        """Those that a secret collect node asks for."""
        return frozenset(node.slot for node in self.nodes.values() if isinstance(node, CollectNode) and node.secret)

    @cached_property
    def patient(self) -> bool:
        """Whether it keeps somebody company who waits."""
        return any(isinstance(node, WaitNode) for node in self.nodes.values())

    @cached_property
    def understood(self) -> Mapping[str, str]:
        """Language of the call to the one whose word lists read the caller's values: the first where a language has none."""
        known = languages_of_values()
        first = self.language if self.language in known else DEFAULT_LANGUAGE
        return {language: language if language in known else first for language in self.languages}

    @cached_property
    def fluent(self) -> frozenset[str]:
        """Languages in which no text at all is missing."""
        every = [texts for part in (self.everywhere, *self.nodes.values()) for _, texts in texts_of(part)]
        return frozenset(language for language in self.languages if all(texts.speaks(language, self.language) for texts in every))

    def warm(self) -> None:
        """Makes what is otherwise made when it is first needed, so that the first turn of the first call is as quick as any.

        Blocks, mostly for learning the examples; any thread may call it, and again at little cost.
        """
        for made in (self.compiled, self.secret_slots, self.fluent, *self.understood.values()):
            assert made is not None  # noqa: S101 - asking for it makes it
        warm_readers((self.agreement, *self.readers.values()), dict.fromkeys(self.understood.values()))
        warm_formats(self.languages)
        for language in self.languages:
            self.hours.facts(_ANY_TIME, language)
        if self.intent_model is not None:
            self.intent_model.best(SENTENCE)

    def texts(self, language: str = "") -> Iterator[str]:
        """Every text that was written in ``language`` (empty: the first one), templates included."""
        for part in (self.everywhere, *self.nodes.values()):
            for _, texts in texts_of(part):
                yield from texts.written_in(language or self.language, self.language)

    def fixed_sentences(self, language: str = "") -> tuple[str, ...]:
        """Sentences without a name in them, as they are handed to the voice: worth preparing before the first call."""
        code = language or self.language
        pieces: list[str] = []
        for text in self.texts(language):
            if is_constant(text):
                pieces += spoken(text, code)
            else:
                pieces += [sentence for piece in split(text) if is_constant(piece) for sentence in spoken(piece, code)]
        return tuple(dict.fromkeys(pieces))


def texts_of(part: Part) -> Iterator[tuple[tuple[str, ...], Texts]]:
    """Key path and texts of one node; those that were left out are not among them."""
    for key in type(part).model_fields:
        value = getattr(part, key)
        if isinstance(value, Texts) and value:
            yield (key,), value
        elif isinstance(value, ConfirmPart):
            yield from (((key, *path), texts) for path, texts in texts_of(value))
