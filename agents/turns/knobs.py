"""Every knob of turn taking, with its unit, range, default and meaning: the one place for each."""

from pydantic import BaseModel, ConfigDict, Field


class TurnKnobs(BaseModel):
    """Plain numbers, so that any settings object can fill it: ``TurnKnobs(end_of_turn_ms=400)``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    end_of_turn_ms: int = Field(500, ge=200, le=3000, description="Silence after the last voiced frame that ends the caller's turn, in ms.")
    numbers_extra_ms: int = Field(400, ge=0, le=3000, description="Added to end_of_turn_ms while a number is half said, in ms.")
    no_input_s: float = Field(7.5, ge=2, le=60, description="Silence after the end of the agent's question before it asks again, in s.")
    noise_grace_s: float = Field(1.5, ge=0, le=10, description="Least time left before no-input after a sound that was no speech, in s.")
    max_utterance_s: float = Field(
        60.0, ge=5, le=300, description="Longest turn of the caller; then it is answered although the voice goes on, in s."
    )
    inter_digit_s: float = Field(4.0, ge=1, le=15, description="Pause that ends keyed digits, in s.")
    menu_key_s: float = Field(1.2, ge=0, le=5, description="Pause that ends keys which could be the beginning of a longer entry, in s.")
    playback_limit_s: float = Field(
        60.0,
        ge=5,
        le=600,
        description="A clip whose end is not reported within this time counts as finished, in s. Must exceed the longest clip.",
    )
    noise_below_s: float = Field(
        0.4, ge=0, le=2, description="Voice without words that is shorter than this is noise and gets no answer, in s."
    )


class WaitLimits(BaseModel):
    """Every wait has a name and an end, in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    transcriber_s: float = Field(
        5.0, gt=0, le=60, description="From the request to the transcript; past it the recogniser counts as failed."
    )
    first_audio_s: float = Field(4.0, gt=0, le=60, description="From a sentence to its first audio; past it the voice counts as failed.")
    next_audio_s: float = Field(4.0, gt=0, le=60, description="From one chunk of a sentence to the next; past it the sentence ends there.")
    max_call_s: float = Field(900.0, ge=1, le=7200, description="Longest conversation; then it hands over.")
    last_words_s: float = Field(2.0, gt=0, le=30, description="Patience beyond the length of the last sentence for its end to be reported.")
