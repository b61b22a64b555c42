"""Which voices speak, in which order: plain values, so that any settings file can fill them.

A voice is written as a tree (``{kind: piper, voice: en_US-lessac-medium}``) or in short (``piper:en_US-lessac-medium``); a chain as a list,
or in one line with commas between them, as an environment variable needs it.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from agents.speech.audio_service import ServiceAddress
from agents.tts.voices import DEFAULT_FLITE, FLITE, PICO, RHVOICE


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _known(voices: Sequence[str]) -> str:
    return rf"^({'|'.join(voices)})$"


class RHVoiceConfig(_Part):
    """The default: comes with the packages, natural, English."""

    kind: Literal["rhvoice"] = "rhvoice"
    voice: str = Field("bdl", pattern=_known(RHVOICE), description=f"One of: {', '.join(RHVOICE)}.")
    rate: float = Field(1.0, ge=0.5, le=2, description="1 is normal speed.")


class FliteConfig(_Part):
    """Comes with the packages, English."""

    kind: Literal["flite"] = "flite"
    voice: str = Field(DEFAULT_FLITE, pattern=_known(FLITE), description=f"One of: {', '.join(FLITE)}.")


class PicoConfig(_Part):
    """Comes with the packages where they have it, six languages."""

    kind: Literal["pico"] = "pico"
    voice: str = Field("en-GB", pattern=_known(PICO), description=f"One of: {', '.join(PICO)}.")


class _PackagedVoice(_Part):
    """A voice whose packages are an extra."""

    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: the GPU when there is one that can be used.")
    python: str = Field("", description="Python that has the packages; empty: the one that runs this program.")
    helpers: int = Field(1, ge=1, le=8, description="Processes; each one holds the model in memory.")
    gain_db: float | None = Field(
        None, ge=-30, le=30, description="Makes it as loud as the other voices, in dB; empty: found out at the start."
    )


class CoquiConfig(_PackagedVoice):
    """coqui-tts; needs the extra ``coqui``."""

    kind: Literal["coqui"] = "coqui"
    model: str = Field("tts_models/en/ljspeech/vits", min_length=1, description="Name, or folder with config.json and a .pth file.")
    speaker: str = Field("", description="For models with several.")
    language: str = Field("", description="For models with several.")
    threads: int = Field(2, ge=1, le=64, description="Processor threads of each process.")


class PiperConfig(_PackagedVoice):
    """piper-tts; needs the extra ``piper``."""

    kind: Literal["piper"] = "piper"
    voice: str = Field("en_US-lessac-medium", min_length=1, description="Name, or .onnx file with its .onnx.json beside it.")
    speaker: str = Field("", description="For voices with several.")
    rate: float = Field(1.0, ge=0.5, le=2, description="1 is normal speed.")
    noise: float | None = Field(None, ge=0, le=1, description="Variety between sentences; 0: always the same; empty: the voice's own.")
    device: Literal["cpu", "cuda"] = Field("cpu", description="cuda needs onnxruntime-gpu.")


class OpenAISpeakerConfig(ServiceAddress):
    """POST /audio/speech of OpenAI or of any server that speaks the same."""

    kind: Literal["openai"] = "openai"
    model: str = Field("gpt-4o-mini-tts", min_length=1, description="Name of the model there.")
    voice: str = Field("alloy", min_length=1, description="Name of the voice there.")
    instructions: str = Field("", max_length=2000, description="How it is to speak, for models that take it.")
    rate: float = Field(1.0, ge=0.5, le=2, description="1 is normal speed.")
    sample_rate: int = Field(24_000, ge=8000, le=48_000, description="Of the PCM that the service gives, in Hz.")
    gain_db: float | None = Field(
        None, ge=-30, le=30, description="Makes it as loud as the other voices, in dB; empty: found out at the start."
    )
    edition: int = Field(1, ge=1, description="Raise it when the service has changed the voice, to have kept sentences made anew.")


VoiceConfig: TypeAlias = RHVoiceConfig | FliteConfig | PicoConfig | CoquiConfig | PiperConfig | OpenAISpeakerConfig

_PACKAGED: Final[Mapping[str, Sequence[str]]] = {"rhvoice": RHVOICE, "flite": FLITE, "pico": PICO}
_SHORT: Final[Mapping[str, str]] = {"coqui": "model", **dict.fromkeys((*_PACKAGED, "piper", "openai"), "voice")}
"""Kind, and what stands behind the colon of its short form."""
KNOWN: Final = ", ".join(
    [*(f"{kind}:{voice}" for kind, voices in _PACKAGED.items() for voice in voices), "piper:NAME", "coqui:MODEL", "openai:VOICE"]
)


def _spelled_out(value: Any) -> Any:
    """A short form as a tree; anything else is left for the validation."""
    if not isinstance(value, str):
        return value
    kind, _, rest = value.strip().partition(":")
    if kind not in _SHORT or not rest or rest not in _PACKAGED.get(kind, (rest,)):
        raise ValueError(f"there is no voice {value!r}; known: {KNOWN}")
    return {"kind": kind, _SHORT[kind]: rest}


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part for part in value.split(",") if part.strip())
    return value if isinstance(value, Sequence) else (value,)


Voice = Annotated[VoiceConfig, Field(discriminator="kind"), BeforeValidator(_spelled_out)]
Chain = Annotated[tuple[Voice, ...], Field(min_length=1), BeforeValidator(_listed)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]


class SpeakerConfig(_Part):
    """Voices for all calls."""

    chain: Chain = Field((RHVoiceConfig(), FliteConfig()), description="Voices in order: the next one speaks when one fails.")
    languages: dict[Language, Chain] = Field(default_factory=dict, description="Other chains for other languages, by tag such as es.")
    first_audio_s: float = Field(1.0, gt=0, le=30, description="Longest wait for a voice to begin before the next one is asked, in s.")
    cache_mb: float = Field(64.0, ge=0, le=10_000, description="Most megabytes of prepared sentences on disk.")
