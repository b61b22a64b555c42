"""Every knob of turn taking, with its unit, range, default and meaning: the one place for each.

Knobs come in layers: global settings, then the number dialled, then the agent, then the node of its flow; the later layer wins, knob by
knob (``layered``). A layer is a tree of plain values such as ``{"endpointing": {"max_delay_s": 1.2}}``.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents.turns.styles import STYLES, Style

Layer: TypeAlias = Mapping[str, Any]
"""Some of the knobs, as in a configuration file."""


class Knobs(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EndpointingRule(Knobs):
    """Other waits after certain questions or words: ``{after: "order number\\\\?", max_delay_s: 2.0}``."""

    after: str = Field("", description="Regular expression looked for in the agent's last sentence; empty: any.")
    heard: str = Field("", description="Regular expression looked for in the caller's words; empty: any.")
    min_delay_s: float | None = Field(None, ge=0.1, le=5, description="Replaces endpointing.min_delay_s.")
    max_delay_s: float | None = Field(None, ge=0.1, le=10, description="Replaces endpointing.max_delay_s.")


class EndpointingKnobs(Knobs):
    """When the caller's turn is over. The wait lies between the two delays, by how finished the words and their melody are."""

    min_delay_s: float = Field(0.2, ge=0.1, le=2, description="Silence that ends a turn which is surely finished, in s.")
    max_delay_s: float = Field(0.7, ge=0.2, le=10, description="Silence that ends a turn of which nothing can be told, in s.")
    unfinished_delay_s: float = Field(1.4, ge=0.2, le=10, description="Silence that ends a turn which breaks off in the middle, in s.")
    numbers_extra_s: float = Field(0.4, ge=0, le=3, description="Added while a number is half said, in s.")
    learn_pauses: bool = Field(True, description="Wait longer for a caller whose own pauses were long earlier in the call.")
    rules: tuple[EndpointingRule, ...] = Field((), description="The first one that fits replaces the delays.")


class BargeInKnobs(Knobs):
    """What the caller's voice does to the agent's. Speech pauses it at once; these decide whether it goes on."""

    enabled: bool = Field(True, description="Whether the caller can interrupt at all; keys always can.")
    greeting_interruptible: bool = Field(True, description="Whether the first thing the agent says can be interrupted.")
    min_words: int = Field(1, ge=1, le=10, description="Words, backchannels apart, that make an interruption.")
    min_voice_s: float = Field(
        0.9, ge=0.1, le=5, description="Voice that lasts so long interrupts, unless its words so far are a backchannel, in s."
    )
    false_timeout_s: float = Field(
        1.0, ge=0.2, le=5, description="Longest wait for the words after a sound; then its length decides, in s."
    )
    answer_window_s: float = Field(
        0.7, ge=0, le=5, description="In so much of the end of a question a 'yes' or 'mm-hm' is its answer, not a backchannel, in s."
    )
    ack_phrases: tuple[str, ...] = Field((), description="Backchannels besides the language's own.")
    stop_phrases: tuple[str, ...] = Field((), description="Words that always interrupt, besides the language's own.")


class ListeningKnobs(Knobs):
    no_input_timeout_s: float = Field(
        7.5, ge=2, le=60, description="Silence after the end of the agent's question before it asks again, in s."
    )
    noise_grace_s: float = Field(1.5, ge=0, le=10, description="Least time left before no-input after a sound that was no speech, in s.")
    noise_below_s: float = Field(
        0.4, ge=0, le=2, description="Voice without words that is shorter than this is noise and gets no answer, in s."
    )
    max_utterance_s: float = Field(
        60.0, ge=5, le=300, description="Longest turn of the caller; then it is answered although the voice goes on, in s."
    )
    partial_every_s: float = Field(0.5, ge=0.2, le=5, description="Time between transcripts while the caller speaks, in s.")


class KeypadKnobs(Knobs):
    inter_digit_timeout_s: float = Field(4.0, ge=1, le=15, description="Pause that ends keyed digits, in s.")
    menu_key_s: float = Field(1.2, ge=0, le=5, description="Pause that ends keys which could be the beginning of a longer entry, in s.")


class SpeakingKnobs(Knobs):
    """The agent's own manners."""

    backchannel: bool = Field(False, description="Say 'mm-hm' in the pauses of a long turn of the caller.")
    backchannel_after_s: float = Field(5.0, ge=2, le=60, description="Voice of the caller before the first 'mm-hm', and between two, in s.")
    filler: bool = Field(True, description="Say something short when a tool or a model keeps the caller waiting.")
    filler_after_s: float = Field(0.7, ge=0.3, le=10, description="Silence before the filler, in s.")
    playback_limit_s: float = Field(
        60.0,
        ge=5,
        le=600,
        description="A clip whose end is not reported within this time counts as finished, in s. Must exceed the longest clip.",
    )


class TurnKnobs(Knobs):
    """Plain values in groups, so that any settings object can fill them: ``layered({"endpointing": {"min_delay_s": 0.3}})``."""

    style: Style = Field(
        "normal", description="Preset under the knobs given beside it: normal, formal, casual or urgent (agents/turns/styles.py)."
    )
    endpointing: EndpointingKnobs = EndpointingKnobs()
    bargein: BargeInKnobs = BargeInKnobs()
    listening: ListeningKnobs = ListeningKnobs()
    keypad: KeypadKnobs = KeypadKnobs()
    speaking: SpeakingKnobs = SpeakingKnobs()

    @model_validator(mode="before")
    @classmethod
    def _preset(cls, tree: Any) -> Any:
        return styled(tree) if isinstance(tree, Mapping) else tree


def styled(layer: Layer) -> dict[str, Any]:
    """``layer`` with the preset of its style laid under it; an unknown style is left for the validation to refuse."""
    tree: dict[str, Any] = {}
    style = layer.get("style")
    _merge(tree, STYLES.get(style, {}) if isinstance(style, str) else {})
    _merge(tree, layer)
    return tree


def layered(*layers: Layer) -> TurnKnobs:
    """The knobs that result from ``layers``, the first one weakest. Lists are replaced, not joined.

    Raises pydantic.ValidationError naming the knob, as do values out of range.
    """
    tree: dict[str, Any] = {}
    for layer in layers:
        _merge(tree, styled(layer))
    return TurnKnobs.model_validate(tree)


def _merge(tree: dict[str, Any], layer: Layer) -> None:
    for name, value in layer.items():
        if isinstance(value, Mapping) and isinstance(tree.get(name), dict):
            _merge(tree[name], value)
        else:
            tree[name] = dict(value) if isinstance(value, Mapping) else value


class WaitLimits(BaseModel):
    """Every wait has a name and an end, in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    transcriber_s: float = Field(
        5.0, gt=0, le=60, description="From the request to the transcript; past it the recogniser counts as failed."
    )
    first_audio_s: float = Field(4.0, gt=0, le=60, description="From a sentence to its first audio; past it the voice counts as failed.")
    next_audio_s: float = Field(4.0, gt=0, le=60, description="From one chunk of a sentence to the next; past it the sentence ends there.")
    model_s: float = Field(
        20.0, gt=0, le=120, description="From one sign of life of a language model to the next; past it the model counts as failed."
    )
    max_call_s: float = Field(900.0, ge=1, le=7200, description="Longest conversation; then it hands over.")
    last_words_s: float = Field(2.0, gt=0, le=30, description="Patience beyond the length of the last sentence for its end to be reported.")
