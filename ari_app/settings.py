"""Every setting of the service, with its type, range, default and meaning: the one place for each.

``patchcord.yaml`` holds the same tree; ``PATCHCORD_<SECTION>__<NAME>`` in the environment overrides it.
"""

import difflib
import os
from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from agents.emotion.notice import NOTICE
from agents.emotion.signs import Mode
from agents.llm.config import LlmSettings
from agents.stt.config import TranscriberConfig
from agents.tts.config import SpeakerConfig
from agents.turns.knobs import TurnKnobs, layered
from handoff.recording_notice import RECORDING_NOTICE
from handoff.rules.choosing import RulesFileName, RulesSettings
from handoff.tasks.settings import TaskSettings

Port = Annotated[int, Field(ge=1, le=65535)]

Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Dialled = Annotated[str, Field(pattern=r"^\+?[0-9]{1,32}$")]
_QUEUE_NAME = r"^([A-Za-z0-9][A-Za-z0-9_-]{1,63}|[0-9])$"
"""As dialplan/words.py has it: other systems give their queues numbers."""


class SettingsError(Exception):
    """The configuration cannot be used; the message names the file, the key and the remedy."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _knob_layer(layer: dict[str, Any]) -> dict[str, Any]:
    try:
        layered(layer)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error
    return layer


def _words(given: Any) -> Any:
    """The environment has a list as words with commas between."""
    return tuple(word.strip() for word in given.split(",") if word.strip()) if isinstance(given, str) else given


def _networks(given: tuple[str, ...]) -> tuple[str, ...]:
    """As address and length, such as 192.0.2.0/24. Raises ValueError for what is neither address nor network."""
    return tuple(str(ip_network(each, strict=False)) for each in given)


Networks = Annotated[tuple[str, ...], BeforeValidator(_words), AfterValidator(_networks)]


def _texts(given: Any) -> Any:
    """YAML reads 2001 as a number."""
    return {str(key): value for key, value in given.items()} if isinstance(given, dict) else given


PhoneUser = Annotated[str, Field(pattern=r"^[1-9][0-9]{1,9}$")]
PersonName = Annotated[str, Field(pattern=r"^[\p{L}\p{N}]([\p{L}\p{N} .'-]{0,58}[\p{L}\p{N}.])?$")]
"""It stands in files of Asterisk and in queue_log, where other marks have meanings."""
TEST_CALLER = "1001"
"""The phone that every instance has beside its people's."""


class SipSettings(_Section):
    bind: str = Field("0.0.0.0", description="Address on which Asterisk listens for SIP and RTP.")  # noqa: S104 - phones on the network must reach it; every caller but the trunk authenticates
    port: Port = Field(5060, description="UDP and TCP port for SIP.")
    rtp_first: Port = Field(10000, description="First RTP port of Asterisk.")
    rtp_last: Port = Field(12000, description="Last RTP port of Asterisk. Each call uses up to six (caller, agent, person: a pair each).")
    people: Annotated[dict[PhoneUser, PersonName], BeforeValidator(_texts)] = Field(
        {"2001": "Agent 2001", "2002": "Agent 2002"},
        max_length=1000,
        description="Who takes calls: the user name of each person's SIP phone, digits, and the name that queues and wallboards show. "
        "New ones have their passwords and are in the queues after the next start.",
    )
    trunk_match: str = Field(
        "127.0.0.1",
        description="Address that may call in without registering, as a carrier would; empty: none. trunks.yaml takes its place.",
    )
    acl: Networks = Field((), description="Networks (192.0.2.0/24) that may send SIP at all, phones and trunks; empty: every address.")


class AsteriskSettings(_Section):
    source: Literal["auto", "system", "packages", "external"] = Field(
        "auto",
        description="auto: a system Asterisk 20 or newer when there is one, else packages; system or packages: only that; "
        "external: none is started, the one at asterisk.host is yours and stays so.",
    )
    host: str = Field("127.0.0.1", pattern=r"^[A-Za-z0-9.:-]{1,253}$", description="Where ARI and AMI of an external Asterisk are.")
    etc: str = Field("/etc/asterisk", description="Configuration folder of an external Asterisk, as seen from here.")
    clients: Networks = Field(
        ("127.0.0.1/32",),
        description="Networks from which Patchcord may come to an external Asterisk's ARI and AMI: its workers and desks.",
    )
    realtime: bool = Field(
        True,
        description="Run our own Asterisk with real-time priority where the system allows it, so that no model delays a packet.",
    )
    http_port: Port = Field(8088, description="Port of Asterisk's HTTP server, which carries ARI; on loopback unless external.")
    ami_port: Port = Field(5038, description="Port of the Asterisk manager interface; on loopback unless external.")
    app: str = Field(
        "patchcord", pattern=r"^[a-z][a-z0-9-]{0,27}$", description="Name of the Stasis application; each worker adds its number."
    )

    @property
    def url_host(self) -> str:
        """``host`` as it stands in a URL: an IPv6 address in brackets."""
        return f"[{self.host}]" if ":" in self.host else self.host


class DialplanSettings(_Section):
    routes: str = Field(
        "", description="File that says where each number leads; empty: routes.yaml in the data directory, when there is one."
    )
    trunks: str = Field("", description="File with the trunks to carriers; empty: trunks.yaml in the data directory, when there is one.")


class AgiSettings(_Section):
    enabled: bool = Field(False, description="Answer FastAGI questions of other dialplans: route, card, expected wait of a queue.")
    port: Port = Field(4573, description="Loopback port of FastAGI.")


class MediaSettings(_Section):
    host: str = Field("127.0.0.1", description="Address at which the media process exchanges RTP with Asterisk.")
    first_port: Port = Field(20000, description="First RTP port of the media process (one per call).")
    last_port: Port = Field(20199, description="Last RTP port of the media process. A call beyond the range goes to the queue.")
    jitter_ms: int = Field(0, ge=0, le=200, description="Extra delay of the receive buffer before a missing packet counts as lost, in ms.")


class CallSettings(_Section):
    max_calls: int = Field(100, ge=1, le=1000, description="Calls with the agent at once; the next one goes to the queue.")
    deadman_s: float = Field(6.0, ge=2, le=60, description="Seconds without a heartbeat after which the dialplan rescues a call.")
    heartbeat_s: float = Field(2.0, ge=0.5, le=20, description="Seconds between heartbeats; at most a third of deadman_s.")
    queue: str = Field("support", pattern=_QUEUE_NAME, description="Queue for handovers and for rescued callers, ours or theirs.")
    queue_most: int = Field(0, ge=0, le=10000, description="Callers who may wait in a queue at once; 0: any number.")
    queue_timeout_s: int = Field(30, ge=5, le=3600, description="Seconds in the queue before the caller comes back to the agent.")
    max_call_s: int = Field(900, ge=30, le=7200, description="Longest conversation with the agent, in seconds; then it hands over.")
    not_heard_s: float = Field(
        20.0, ge=5, le=300, description="Seconds without any packet from the caller since the answer, after which they go to the queue."
    )
    silent_s: float = Field(
        45.0,
        ge=10,
        le=600,
        description="Seconds after which the agent ends a call from which nothing comes any more; not while the caller holds the call or "
        "their telephone suppresses silence.",
    )
    shed_lag_ms: int = Field(
        300,
        ge=0,
        le=10000,
        description="A worker that comes later than this to what is due, for a second, or whose packets leave 100 ms late, sends new calls "
        "elsewhere; 0: never.",
    )
    shed_gap_ms: int = Field(
        4000, ge=0, le=60000, description="Answers slower than this, four in a row, send new calls elsewhere; 0: never."
    )
    record: bool = Field(False, description="Record calls in two separate legs, below DATA/recordings.")
    record_consent: Literal["none", "announced", "asked"] = Field(
        "none",
        description="none: recorded from the answer, callers are told elsewhere, such as by a route of yours; announced: the agent says "
        "record_notice first, and recording begins when the caller has heard it; asked: recording begins when the caller has said yes "
        "before the agent greets them, and whoever does not is served all the same.",
    )
    record_notice: dict[Language, Annotated[str, Field(min_length=10, max_length=300)]] = Field(
        default_factory=lambda: dict(RECORDING_NOTICE),
        description="What callers are told with record_consent announced, by language; a language without one gets the English one.",
    )


class TransferSettings(_Section):
    mode: Literal["warm", "announced", "consult", "blind"] = Field(
        "warm",
        description="warm: the person hears a brief and accepts with 1, declines with 2; announced: hears it and is joined; "
        "consult: accepts and is introduced to the caller; blind: the caller goes straight into the queue.",
    )
    wait_s: int = Field(300, ge=10, le=3600, description="Longest wait for a person in the agent's company, in seconds; then on_fail.")
    accept_timeout_s: float = Field(
        30.0, ge=8, le=120, description="Seconds for a person to accept, from the start of the brief; then the next one rings."
    )
    most_declines: int = Field(6, ge=1, le=50, description="Persons who may decline a caller before on_fail.")
    on_fail: Literal["back_to_agent", "callback", "other_queue"] = Field(
        "back_to_agent",
        description="What happens when nobody takes the caller: the agent goes on, offers a callback, or other_queue has them.",
    )
    other_queue: str = Field("", pattern=rf"^$|{_QUEUE_NAME}", description="The queue for on_fail: other_queue.")
    offer_callback_s: int = Field(90, ge=10, le=3600, description="Expected wait from which the caller is offered a callback, in seconds.")
    callback_trunk: str = Field(
        "",
        pattern=r"^([a-z][a-z0-9-]{0,31})?$",
        description="Trunk with 'outbound' (trunks.yaml) by which callers who asked to be called back are called: they keep their place in "
        "the queue, and are called when a person answers for it. Empty: people find them in their list and call themselves.",
    )
    callback_hold_s: int = Field(
        3600, ge=60, le=86400, description="Longest time that the place of such a caller is kept, in seconds; then they are in the list."
    )
    feature_codes: bool = Field(
        False,
        description="People may give a caller on by keys: ## and a number, or *2 and a number to speak there first. With an Asterisk of "
        "yours its own features.conf says which keys. Without this they use the transfer of their phones.",
    )
    transcribe: bool = Field(
        False,
        description="Go on writing down what the caller says once a person has taken the call, for the desk and the call's record; the "
        "person is not heard. Tell your callers.",
    )
    music: str = Field("", description="WAV file that a waiting caller hears; empty: soft music of our own.")


class EmotionSettings(_Section):
    mode: Mode = Field(
        "text",
        description="off: nothing is analysed; text: the caller's words and what they do; audio: the sound of the caller's voice too, "
        "which every greeting then announces. Nobody else's voice is ever analysed.",
    )
    model: str = Field("", description="Model (.onnx) made by './patchcord emotion train'; empty: the one that ships.")
    notice: dict[Language, Annotated[str, Field(min_length=10, max_length=300)]] = Field(
        default_factory=lambda: dict(NOTICE),
        description="What callers are told in mode audio, by language; a language without one gets the English one.",
    )


class NumberSettings(_Section):
    agent: str = Field(
        "", pattern=r"^([a-z][a-z0-9-]{0,31})?$", description="Agent that answers this number; empty: as it is without this entry."
    )
    max_calls: int | None = Field(None, ge=1, le=1000, description="Calls to this number at once; the next one goes to the queue.")
    emotion: Mode | None = Field(None, description="As emotion.mode, for this number; empty: as everywhere.")
    rules: RulesFileName = Field("", description="Rules file for calls to this number; empty: as in the section rules.")
    turns: Annotated[dict[str, Any], AfterValidator(_knob_layer)] = Field(
        default_factory=dict, description="Knobs of turn taking that differ for this number."
    )


class SpeechSettings(_Section):
    recognisers: TranscriberConfig = TranscriberConfig()
    voices: SpeakerConfig = SpeakerConfig()


class DemoSettings(_Section):
    enabled: bool = Field(True, description="Run the back office of the invented shop with which the shipped agents work.")
    port: int = Field(0, ge=0, le=65535, description="Its loopback port; 0: any that is free.")
    timezone: str = Field("", description="The shop's time zone, such as Europe/London; empty: the machine's.")
    test: bool = Field(False, description="Open its /test/ pages, which show one-time codes to anybody: never with real callers.")


class AgentSettings(_Section):
    folder: str = Field("", description="Folder with agents of your own (*.yaml); one that has the name of a shipped one takes its place.")
    tools: tuple[str, ...] = Field((), description="Files that describe webhooks as tools, besides those of the demo shop.")
    demo: DemoSettings = DemoSettings()


class DatabaseSettings(_Section):
    url: str = Field("", description="postgresql://… of your server; empty starts the embedded one.")


class DeskSettings(_Section):
    enabled: bool = Field(True, description="Serve the pages for agents and supervisors.")
    bind: str = Field("127.0.0.1", description="Address of the pages. Put a reverse proxy with TLS in front before others can reach it.")
    port: Port = Field(8095, description="Port of the pages.")
    title: str = Field("Patchcord", min_length=1, max_length=60, description="Name in the head of each page.")
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^\s,;|]+)?$",
        description="Where browsers reach the pages, such as https://desk.example.com; empty: as they come.",
    )
    trusted_proxies: tuple[str, ...] = Field((), description="Addresses of reverse proxies whose X-Forwarded-For is believed.")
    behind_tls: bool = Field(False, description="True when browsers come by HTTPS: cookies are then for HTTPS only.")


class TelemetrySettings(_Section):
    traces: str = Field(
        "",
        pattern=r"^(https?://[^\s,;|]+)?$",
        description="OTLP over HTTP address of an OpenTelemetry collector, such as http://127.0.0.1:4318/v1/traces; needs the extra.",
    )


class ServiceSettings(_Section):
    http_port: Port = Field(8090, description="Loopback port of /healthz, /metrics and /status.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    workers: int = Field(1, ge=1, le=16, description="Workers that answer calls side by side, each with processes and ports of its own.")
    spare: bool = Field(
        True,
        description="Keep a second mind process loaded (about 370 MB), which takes over at once when the first dies. Only with one worker.",
    )
    drain_s: float = Field(
        600.0, ge=0, le=7200, description="Seconds for the calls of a worker that is to end; then those that are left go to the queue."
    )


class Settings(_Section):
    sip: SipSettings = SipSettings()
    asterisk: AsteriskSettings = AsteriskSettings()
    dialplan: DialplanSettings = DialplanSettings()
    agi: AgiSettings = AgiSettings()
    media: MediaSettings = MediaSettings()
    calls: CallSettings = CallSettings()
    transfer: TransferSettings = TransferSettings()
    turns: TurnKnobs = TurnKnobs()
    emotion: EmotionSettings = EmotionSettings()
    rules: RulesSettings = RulesSettings()
    numbers: dict[Dialled, NumberSettings] = Field(default_factory=dict)
    agents: AgentSettings = AgentSettings()
    llm: LlmSettings = LlmSettings()
    speech: SpeechSettings = SpeechSettings()
    desk: DeskSettings = DeskSettings()
    tasks: TaskSettings = TaskSettings()
    database: DatabaseSettings = DatabaseSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    service: ServiceSettings = ServiceSettings()

    def emotion_mode(self, number: str) -> Mode:
        """For calls to this number."""
        return (self.numbers[number].emotion if number in self.numbers else None) or self.emotion.mode

    @property
    def judges_voices(self) -> bool:
        """Of callers of any number."""
        return "audio" in {self.emotion.mode, *(each.emotion for each in self.numbers.values())}

    def agent_numbers(self) -> dict[str, str]:
        """Dialled number to the agent that these settings give it."""
        return {dialled: number.agent for dialled, number in self.numbers.items() if number.agent}


def nearest(wrong: str, known: list[str]) -> str:
    """`` Did you mean …?`` with the closest known name, or the list of them."""
    close = difflib.get_close_matches(wrong, known, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else f"known here: {', '.join(sorted(known))}."


def _known_beside(path: Sequence[str]) -> list[str]:
    """Names of the settings that could stand where ``path`` does."""
    section: type[BaseModel] = Settings
    for part in path[:-1]:
        field = section.model_fields.get(part)
        if field is None:
            return list(NumberSettings.model_fields)
        section = section_of(field.annotation) or section
    return list(section.model_fields)


def _explain(error: ValidationError, origin: str) -> str:
    lines = []
    for item in error.errors():
        path = [str(part) for part in item["loc"]]
        if item["type"] == "extra_forbidden":
            lines.append(f"{origin}: unknown setting '{'.'.join(path)}': {nearest(path[-1], _known_beside(path))}")
        else:
            lines.append(f"{origin}: {'.'.join(path) or 'the file'}: {item['msg']} (got {item['input']!r})")
    return "\n".join(lines)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror}). Check the name and its permissions.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: is not valid YAML: {error}") from error
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise SettingsError(f"{path}: must hold sections such as 'sip:' and 'calls:', not a {type(tree).__name__}.")
    return _without_empty_sections(tree, Settings)


def _without_empty_sections(tree: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """A section all of whose settings are commented out is None in YAML; it means the defaults."""
    whole = dict(tree)
    for name, field in model.model_fields.items():
        value = whole.get(name, ...)
        section = section_of(field.annotation)
        if value is None and (section is not None or field.default_factory is not None):
            whole[name] = {}
        elif isinstance(value, dict) and section is not None:
            whole[name] = _without_empty_sections(value, section)
    return whole


def section_of(annotation: Any) -> type[BaseModel] | None:
    """The model of a setting that is a section of settings; None for a plain one."""
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _merge(tree: dict[str, Any], path: Sequence[str], value: Any) -> None:
    part: Any = tree
    for depth, name in enumerate(path[:-1]):
        part = part.setdefault(name, {})
        if not isinstance(part, dict):
            raise SettingsError(f"'{'.'.join(path[: depth + 1])}' must be a section with settings below it, not {part!r}.")
    part[path[-1]] = value


def _from_environment(environment: Mapping[str, str]) -> list[tuple[list[str], str]]:
    """``PATCHCORD_SIP__PORT=5080`` -> (["sip", "port"], "5080"). Names without a double underscore mean something else."""
    found = []
    for key, value in environment.items():
        path = key.removeprefix("PATCHCORD_").lower().split("__")
        if key.startswith("PATCHCORD_") and len(path) > 1:
            found.append((path, value))
    return found


def _check_sense(settings: Settings, origin: str) -> None:
    """What a single field cannot see."""
    if settings.sip.rtp_last - settings.sip.rtp_first < 8:
        raise SettingsError(f"{origin}: sip.rtp_last must be at least 8 above sip.rtp_first.")
    if TEST_CALLER in settings.sip.people:
        raise SettingsError(f"{origin}: sip.people: {TEST_CALLER} is the test caller's phone; give this person another number.")
    if settings.media.last_port - settings.media.first_port < 1:
        raise SettingsError(f"{origin}: media.last_port must be above media.first_port.")
    if settings.calls.heartbeat_s * 3 > settings.calls.deadman_s:
        raise SettingsError(
            f"{origin}: calls.heartbeat_s must be at most a third of calls.deadman_s: one late heartbeat must not end calls."
        )
    if settings.transfer.on_fail == "other_queue" and not settings.transfer.other_queue:
        raise SettingsError(f"{origin}: transfer.on_fail is other_queue, so transfer.other_queue must name one.")
    if settings.asterisk.host != AsteriskSettings().host and settings.asterisk.source != "external":
        raise SettingsError(f"{origin}: asterisk.host is for an Asterisk that is yours: set asterisk.source to external, or leave it out.")
    ranges = [
        ("sip.rtp_first..rtp_last", settings.sip.rtp_first, settings.sip.rtp_last),
        ("media.first_port..last_port", settings.media.first_port, settings.media.last_port),
    ]
    (first, low, high), (second, low2, high2) = ranges
    if low <= high2 and low2 <= high:
        raise SettingsError(f"{origin}: {first} and {second} overlap; move one of them.")


def load_settings(
    path: Path | None, environment: Mapping[str, str] | None = None, overrides: Mapping[str, Mapping[str, Any]] | None = None
) -> Settings:
    """Defaults, then the file, then the environment, then ``overrides`` (command line).

    Raises SettingsError naming every offending key, with the nearest known name.
    """
    tree = _read_file(path) if path is not None else {}
    origin = str(path) if path is not None else "settings"
    for place, given in _from_environment(os.environ if environment is None else environment):
        _merge(tree, place, given)
    for section, values in (overrides or {}).items():
        for name, value in values.items():
            _merge(tree, (section, name), value)
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        raise SettingsError(_explain(error, origin)) from error
    _check_sense(settings, origin)
    return settings
