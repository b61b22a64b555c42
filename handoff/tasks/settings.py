"""Every setting of the tasks, with its type, range, default and meaning."""

from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

WebhookEvent = Literal["call.ended", "card.created", "callback.requested"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Days = Annotated[int, Field(ge=0, le=36500)]

WEEK: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone that is known here; write one such as Europe/London") from error
    return name


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReceiverSettings(_Section):
    url: str = Field(pattern=r"^https?://[A-Za-z0-9\[][^\s\\@#]*$", description="Where events are sent by POST.")
    secret_env: str = Field(
        pattern=r"^[A-Z][A-Z0-9_]{0,63}$", description="Environment variable with the secret that signs, 16 characters or more."
    )
    events: tuple[WebhookEvent, ...] = Field(("call.ended", "card.created", "callback.requested"), description="What it is told of.")


class WebhookSettings(_Section):
    receivers: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")], ReceiverSettings] = Field(
        default_factory=dict, description="Who is told, by a name of your choice."
    )
    include_transcript: bool = Field(False, description="Send what was said, the card and numbers of callers too, not only ids.")
    timeout_s: float = Field(10.0, ge=0.1, le=60, description="Longest wait for a receiver's answer, in seconds.")
    most_tries: int = Field(12, ge=1, le=50, description="Tries before a delivery becomes a dead letter.")
    first_wait_s: float = Field(1.0, ge=0.01, le=600, description="Pause after the first failed try; each next one is twice as long.")
    longest_wait_s: float = Field(3600.0, ge=0.01, le=86400, description="Longest pause between tries, in seconds.")
    most_age_h: float = Field(
        72.0, gt=0, le=720, description="Age at which a delivery becomes a dead letter at its next failure, in hours."
    )


class HoursSettings(_Section):
    timezone: Annotated[str, AfterValidator(_zone)] = Field("UTC", description="Time zone of the callers, such as Europe/London.")
    days: tuple[Weekday, ...] = Field(("mon", "tue", "wed", "thu", "fri"), description="Days on which people may be called.")
    opens: str = Field("09:00", pattern=_TIME, description="First minute, local time.")
    closes: str = Field("18:00", pattern=_TIME, description="First minute that is too late, local time.")

    @model_validator(mode="after")
    def _in_order(self) -> "HoursSettings":
        if self.opens >= self.closes:
            raise ValueError("closes must be later than opens, on the same day")
        return self


class CallbackSettings(_Section):
    hours: HoursSettings = HoursSettings()
    queue_hours: dict[str, HoursSettings] = Field(default_factory=dict, description="Hours of queues that differ.")


class RetentionSettings(_Section):
    recordings_days: Days | None = Field(30, description="Days that recordings are kept; 0: not after the call; null: for ever.")
    transcripts_days: Days | None = Field(
        30, description="Days that turns, events, cards, summaries and notes are kept; 0, null: as above."
    )
    metadata_days: Days | None = Field(365, description="Days that calls, their figures and callbacks are kept; 0, null: as above.")
    quiet_minutes: float = Field(
        60.0, ge=0, le=1440, description="A call is over when it has ended and nothing was heard of it for so long, in minutes."
    )
    at: str = Field("03:15", pattern=_TIME, description="When the nightly purge begins, UTC. What is kept 0 days goes every ten minutes.")
    batch: int = Field(500, ge=1, le=10000, description="Calls in one transaction.")

    @model_validator(mode="after")
    def _in_order(self) -> "RetentionSettings":
        """Without the call nobody knows how old its transcript is."""
        if self.metadata_days is not None:
            for name, days in (("recordings_days", self.recordings_days), ("transcripts_days", self.transcripts_days)):
                if days is None or days > self.metadata_days:
                    raise ValueError(f"{name} must not be longer than metadata_days")
        return self


class RecordingSettings(_Section):
    convert: bool = Field(
        False,
        description="Make one stereo file of the two legs once the call is over, caller left, agent right.",
    )
    settle_s: float = Field(60.0, ge=0, le=3600, description="Seconds for which the legs must not have grown before that.")
    secret_margin_s: float = Field(1.0, ge=0, le=30, description="Seconds silenced before and after something secret was keyed.")


class TaskSettings(_Section):
    enabled: bool = Field(True, description="Run the process that does them.")
    broker: str = Field(
        "",
        pattern=r"^((redis|rediss|amqp|amqps)://\S+)?$",
        description="redis://… or amqp://… (RabbitMQ) of your broker; empty: files below the data directory.",
    )
    workers: int = Field(1, ge=1, le=8, description="Tasks at once.")
    sweep_s: float = Field(5.0, ge=0.05, le=60, description="Seconds between looks for what is due.")
    hand_again_s: float = Field(120.0, ge=0.1, le=3600, description="Seconds after which a job that nobody has done is handed out again.")
    most_starts: int = Field(5, ge=1, le=1000, description="Times that the process may die of a job before the job is given up.")
    webhooks: WebhookSettings = WebhookSettings()
    callbacks: CallbackSettings = CallbackSettings()
    retention: RetentionSettings = RetentionSettings()
    recordings: RecordingSettings = RecordingSettings()
