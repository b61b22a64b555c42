"""Every setting of the service, with its type, range, default and meaning: the one place for each.

``patchcord.yaml`` holds the same tree; ``PATCHCORD_<SECTION>__<NAME>`` in the environment overrides it.
"""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

Port = Annotated[int, Field(ge=1, le=65535)]


class SettingsError(Exception):
    """The configuration cannot be used; the message names the file, the key and the remedy."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SipSettings(_Section):
    bind: str = Field("0.0.0.0", description="Address on which Asterisk listens for SIP and RTP.")  # noqa: S104 - phones on the network must reach it; every caller but the trunk authenticates
    port: Port = Field(5060, description="UDP and TCP port for SIP.")
    rtp_first: Port = Field(10000, description="First RTP port of Asterisk.")
    rtp_last: Port = Field(12000, description="Last RTP port of Asterisk. Each call uses up to six (caller, agent, person: a pair each).")
    trunk_match: str = Field("127.0.0.1", description="Address that may call in without registering, as a carrier would.")


class AsteriskSettings(_Section):
    source: Literal["auto", "system", "packages"] = Field(
        "auto", description="auto: a system Asterisk 20 or newer when there is one, else packages; system or packages: only that."
    )
    http_port: Port = Field(8088, description="Loopback port of Asterisk's HTTP server, which carries ARI.")
    ami_port: Port = Field(5038, description="Loopback port of the Asterisk manager interface.")
    app: str = Field("patchcord", pattern=r"^[a-z][a-z0-9-]{0,31}$", description="Name of the Stasis application.")


class MediaSettings(_Section):
    host: str = Field("127.0.0.1", description="Address at which the media process exchanges RTP with Asterisk.")
    first_port: Port = Field(20000, description="First RTP port of the media process (one per call).")
    last_port: Port = Field(20199, description="Last RTP port of the media process. A call beyond the range goes to the queue.")
    jitter_ms: int = Field(0, ge=0, le=200, description="Extra delay of the receive buffer before a missing packet counts as lost, in ms.")


class CallSettings(_Section):
    max_calls: int = Field(100, ge=1, le=1000, description="Calls with the agent at once; the next one goes to the queue.")
    deadman_s: float = Field(6.0, ge=2, le=60, description="Seconds without a heartbeat after which the dialplan rescues a call.")
    heartbeat_s: float = Field(2.0, ge=0.5, le=20, description="Seconds between heartbeats; at most a third of deadman_s.")
    queue: str = Field("support", pattern=r"^[a-z][a-z0-9-]{0,31}$", description="Queue for handovers and for rescued callers.")
    queue_timeout_s: int = Field(30, ge=5, le=3600, description="Seconds in the queue before the caller comes back to the agent.")
    max_call_s: int = Field(900, ge=30, le=7200, description="Longest conversation with the agent, in seconds; then it hands over.")
    record: bool = Field(False, description="Record calls in two separate legs, below DATA/recordings.")


class TurnSettings(_Section):
    end_of_turn_ms: int = Field(500, ge=200, le=3000, description="Silence that ends the caller's turn, in ms.")
    no_input_s: float = Field(7.5, ge=2, le=60, description="Silence after a question before the agent asks again, in seconds.")
    max_utterance_s: float = Field(60.0, ge=5, le=300, description="Longest turn of the caller before it is cut, in seconds.")
    inter_digit_s: float = Field(4.0, ge=1, le=15, description="Pause that ends keyed digits, in seconds.")


class SpeechSettings(_Section):
    voice: str = Field("rhvoice:bdl", description="rhvoice:<voice> or flite:<voice>.")
    threads: int = Field(2, ge=1, le=16, description="Sentences recognised at once.")


class DatabaseSettings(_Section):
    url: str = Field("", description="postgresql://… of your server; empty starts the embedded one.")


class ServiceSettings(_Section):
    http_port: Port = Field(8090, description="Loopback port of /healthz, /metrics and /status.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")


class Settings(_Section):
    sip: SipSettings = SipSettings()
    asterisk: AsteriskSettings = AsteriskSettings()
    media: MediaSettings = MediaSettings()
    calls: CallSettings = CallSettings()
    turns: TurnSettings = TurnSettings()
    speech: SpeechSettings = SpeechSettings()
    database: DatabaseSettings = DatabaseSettings()
    service: ServiceSettings = ServiceSettings()


def nearest(wrong: str, known: list[str]) -> str:
    """`` Did you mean …?`` with the closest known name, or the list of them."""
    close = difflib.get_close_matches(wrong, known, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else f"known here: {', '.join(sorted(known))}."


def _explain(error: ValidationError, origin: str) -> str:
    lines = []
    for item in error.errors():
        path = [str(part) for part in item["loc"]]
        if item["type"] == "extra_forbidden":
            section: Any = Settings
            for part in path[:-1]:
                section = section.model_fields[part].annotation
            lines.append(f"{origin}: unknown setting '{'.'.join(path)}': {nearest(path[-1], list(section.model_fields))}")
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
    return {section: {} if values is None else values for section, values in tree.items()}


def _merge(tree: dict[str, Any], section: str, name: str, value: Any) -> None:
    part = tree.setdefault(section, {})
    if not isinstance(part, dict):
        raise SettingsError(f"'{section}' must be a section with settings below it, not {part!r}.")
    part[name] = value


def _from_environment(environment: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """``PATCHCORD_SIP__PORT=5080`` -> ("sip", "port", "5080"). Names without a double underscore mean something else."""
    found = []
    for key, value in environment.items():
        section, separator, name = key.removeprefix("PATCHCORD_").lower().partition("__")
        if key.startswith("PATCHCORD_") and separator:
            found.append((section, name, value))
    return found


def _check_sense(settings: Settings, origin: str) -> None:
    """What a single field cannot see."""
    if settings.sip.rtp_last - settings.sip.rtp_first < 8:
        raise SettingsError(f"{origin}: sip.rtp_last must be at least 8 above sip.rtp_first.")
    if settings.media.last_port - settings.media.first_port < 1:
        raise SettingsError(f"{origin}: media.last_port must be above media.first_port.")
    if settings.calls.heartbeat_s * 3 > settings.calls.deadman_s:
        raise SettingsError(
            f"{origin}: calls.heartbeat_s must be at most a third of calls.deadman_s: one late heartbeat must not end calls."
        )
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
    for section, name, value in _from_environment(os.environ if environment is None else environment):
        _merge(tree, section, name, value)
    for section, values in (overrides or {}).items():
        for name, value in values.items():
            _merge(tree, section, name, value)
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        raise SettingsError(_explain(error, origin)) from error
    _check_sense(settings, origin)
    return settings


def example_file() -> str:
    """``patchcord.example.yaml``: every setting with its meaning, commented out at its default."""
    lines = ["# Every setting of Patchcord at its default. Copy to patchcord.yaml and uncomment what you change.", ""]
    for section, field in Settings.model_fields.items():
        lines.append(f"{section}:")
        model = field.annotation
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            raise TypeError(f"{section} is not a section")
        for name, item in model.model_fields.items():
            value = yaml.safe_dump(item.default, default_flow_style=True).removesuffix("\n").removesuffix("\n...")
            lines += [f"  # {item.description}", f"  # {name}: {value}"]
        lines.append("")
    return "\n".join(lines)
