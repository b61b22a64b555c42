"""The parts of an agent that are no nodes: intents, what works everywhere, the persona of its language model."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from agents.flows.intents import compile_phrase
from agents.flows.names import Name, ToolName
from agents.flows.texts import Texts
from agents.turns.knobs import layered


def _phrase(text: str) -> str:
    compile_phrase(text)
    return text


def _example(text: str) -> str:
    if not any(sign.isalnum() for sign in text):
        raise ValueError("an example without words")
    return text


def _knobs(layer: dict[str, Any]) -> dict[str, Any]:
    try:
        layered(layer)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error
    return layer


PhraseText = Annotated[str, AfterValidator(_phrase)]
Example = Annotated[str, Field(max_length=300), AfterValidator(_example)]
KnobLayer = Annotated[
    dict[str, Any],
    AfterValidator(_knobs),
    Field(
        description="Knobs of turn taking that differ here, such as {endpointing: {max_delay_s: 1.5}}; all are in agents/turns/knobs.py."
    ),
]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class IntentPart(Part):
    """Something that callers want or say. A phrase that fits wins over what was learnt from the examples."""

    phrases: tuple[PhraseText, ...] = Field((), description="Exact patterns; see agents/flows/intents.py for their form.")
    examples: tuple[Example, ...] = Field((), description="Sentences as callers say them; the classifier is trained on them at load.")
    short_only: int = Field(
        0, ge=0, le=20, description="Phrases count only at the start of a sentence, or in one of at most so many words; 0: anywhere."
    )
    replies: bool = Field(False, description="Only ever an answer to a question, such as yes: never a wish of its own.")

    @model_validator(mode="after")
    def _something(self) -> "IntentPart":
        if not self.phrases and not self.examples:
            raise ValueError("has neither phrases nor examples; write some")
        return self


class LlmPart(Part):
    """What all llm nodes of an agent share."""

    instructions: str = Field("", max_length=8000, description="Persona and rules, in plain words.")
    tools: tuple[ToolName, ...] = Field((), description="Tools that every llm node may use, besides its own.")


class Everywhere(Part):
    """What works at any point of the conversation."""

    person: Name = Field(description="Intent that asks for a person.")
    goodbye: Name = Field(description="Intent that ends the call.")
    repeat: Name = Field(description="Intent that asks to hear the last words again.")
    back: Name | None = Field(None, description="Intent that goes back to the question before.")
    start_over: Name | None = Field(None, description="Intent that forgets everything and begins again.")
    help: Name | None = Field(None, description="Intent that asks what can be said.")
    yes: Name = Field(description="Intent that agrees.")
    no: Name = Field(description="Intent that refuses.")
    to_person: Name = Field(description="Node to which ``person`` and the key 0 lead.")
    to_goodbye: Name = Field(description="Node to which ``goodbye`` leads.")
    to_help: Name | None = Field(None, description="Node to which ``help`` leads; the question is asked again after it.")
    to_anything_else: Name | None = Field(None, description="Node where a return goes when nothing called for it.")
    give_up: Name = Field(description="Transfer or queue node after too many failures.")
    time_up: Name = Field(description="Transfer or queue node when the call lasts too long.")
    tool_trouble: Name = Field(description="Transfer or queue node when the machinery fails.")
    repeat_with: Texts = Field(description="Said before a sentence that is repeated.")
    still_working: Texts = Field(default_factory=Texts, description="Said while a tool keeps the caller waiting.")
    to_start_over: Name | None = Field(None, description="Node to which ``start_over`` leads; without it ``start``.")
    corrected: Texts = Field(
        default_factory=Texts, description="Said when the caller corrects something told earlier, before the conversation goes on."
    )
    next_request: Texts = Field(
        default_factory=Texts, description="Said before the second of two requests made in one sentence is taken up."
    )
