"""What stands between a caller's mouth and the packets: a quiet voice, noise on the line, an echo of the agent, bursts of loss."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

NoiseShape: TypeAlias = Literal["white", "pink"]
MOST_ECHO_MS: Final = 400


@dataclass(frozen=True, slots=True)
class Echo:
    """The caller's loudspeaker into the caller's microphone."""

    attenuation_db: float
    """Positive: so much weaker than what was received."""
    delay_ms: float
    """From the arrival of a sample until it could have been spoken back; whole samples (0.125 ms), 0 to 400."""
    response: tuple[float, ...] = (1.0,)
    """Impulse response of the room at 8 kHz, scaled to unit energy before use."""

    def __post_init__(self) -> None:
        if not 0 <= self.delay_ms <= MOST_ECHO_MS:
            raise ValueError(f"echo delay must lie between 0 and {MOST_ECHO_MS} ms, not {self.delay_ms:g}")
        if not self.response or not any(self.response):
            raise ValueError("an echo needs an impulse response with something in it")


@dataclass(frozen=True, slots=True)
class BurstLoss:
    """Gilbert's model (E. N. Gilbert 1960): a good state that loses nothing, a bad one that loses every packet."""

    share: float
    """Of all packets in the long run, 0 to 0.5."""
    mean_burst: float = 3.0
    """Packets lost in a row on average, 1 or more."""

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 0.5 or self.mean_burst < 1:
            raise ValueError(
                f"loss share must lie between 0 and 0.5 and a burst have 1 packet or more, not {self.share:g}, {self.mean_burst:g}"
            )


@dataclass(frozen=True, slots=True)
class LineConditions:
    """Applied to everything the caller sends. The default changes nothing."""

    speech_gain_db: float = 0.0
    """Of the caller's own speech; -14 makes a sound of -20 dBov a quiet caller at -34."""
    noise_dbov: float | None = None
    """RMS level of steady noise in every packet."""
    noise_shape: NoiseShape = "white"
    echo: Echo | None = None
    loss: BurstLoss | None = None
    seed: int = 0

    @property
    def changes_audio(self) -> bool:
        """Whether packets differ from what was said."""
        return self.speech_gain_db != 0 or self.noise_dbov is not None or self.echo is not None
