"""Which recognisers listen, in which order: plain values, so that any settings file can fill them.

A provider is written as a tree (``{kind: faster_whisper, model: small}``) or in short (``faster_whisper:small``); a chain as a list, or in
one line with commas between them, as an environment variable needs it.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from agents.speech.audio_service import ServiceAddress


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MoonshineConfig(_Part):
    """Moonshine tiny English: offline, weights come with the installation."""

    kind: Literal["moonshine"] = "moonshine"
    threads: int = Field(2, ge=1, le=16, description="Sentences recognised at once.")


class FasterWhisperConfig(_Part):
    """Whisper on CTranslate2; needs the extra ``faster_whisper``."""

    kind: Literal["faster_whisper"] = "faster_whisper"
    model: str = Field("small.en", min_length=1, description="Size (tiny … large-v3), name on the model hub, or folder with model.bin.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: the GPU when CTranslate2 finds one.")
    compute_type: str = Field("auto", pattern=r"^[a-z0-9_]+$", description="auto: int8 on the processor, float16 on the GPU.")
    workers: int = Field(1, ge=1, le=16, description="Sentences recognised at once; each one takes memory of its own.")
    threads: int = Field(2, ge=1, le=64, description="Processor threads of each worker.")
    language: str = Field("en", pattern=r"^([a-z]{2,3})?$", description="Language spoken; empty: found out each time, which costs time.")
    beam_size: int = Field(1, ge=1, le=10, description="1 is greedy and fastest.")
    prompt: str = Field("", max_length=500, description="A text in the style and with the names that are to be expected.")
    digits_prompt: str = Field(
        "My number is 4 2 7 1 5 0 8 3 9 6.", max_length=500, description="The same while a number is expected; in the language spoken."
    )
    words: tuple[str, ...] = Field((), max_length=100, description="Names and terms to be preferred.")
    no_speech: float = Field(0.6, ge=0, le=1, description="Probability of no speech from which an unsure text is dropped.")


class OpenAITranscriberConfig(ServiceAddress):
    """POST /audio/transcriptions of OpenAI or of any server that speaks the same."""

    kind: Literal["openai"] = "openai"
    model: str = Field("gpt-4o-mini-transcribe", min_length=1, description="Name of the model there.")
    language: str = Field("en", pattern=r"^([a-z]{2,3})?$", description="Language spoken; empty: found out by the service.")
    prompt: str = Field("", max_length=500, description="A text in the style and with the names that are to be expected.")
    digits_prompt: str = Field(
        "My number is 4 2 7 1 5 0 8 3 9 6.", max_length=500, description="The same while a number is expected; in the language spoken."
    )


ProviderConfig: TypeAlias = MoonshineConfig | FasterWhisperConfig | OpenAITranscriberConfig

_SHORT: Final[Mapping[str, str]] = {"moonshine": "", "faster_whisper": "model", "openai": "model"}
"""Kind, and what stands behind the colon of its short form."""


def _spelled_out(value: Any) -> Any:
    """A short form as a tree; anything else is left for the validation."""
    if not isinstance(value, str):
        return value
    kind, _, rest = value.strip().partition(":")
    field = _SHORT.get(kind)
    if field is None or (rest and not field):
        raise ValueError(f"there is no recogniser {value!r}; known: moonshine, faster_whisper:MODEL, openai:MODEL")
    return {"kind": kind, **({field: rest} if rest else {})}


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part for part in value.split(",") if part.strip())
    return value if isinstance(value, Sequence) else (value,)


Provider = Annotated[ProviderConfig, Field(discriminator="kind"), BeforeValidator(_spelled_out)]
Chain = Annotated[tuple[Provider, ...], Field(min_length=1), BeforeValidator(_listed)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]


class TranscriberConfig(_Part):
    """Recognisers for all calls."""

    chain: Chain = Field((MoonshineConfig(),), description="Recognisers in order: the next one listens when one fails.")
    languages: dict[Language, Chain] = Field(default_factory=dict, description="Other chains for other languages, by tag such as es.")
    limit_s: float = Field(3.0, gt=0, le=30, description="Longest wait for one recogniser's text before the next one is asked, in s.")
