"""What the route of a call asks of the worker: the fifth argument of Stasis(), space-separated ``key:value``."""

import logging
import re
from dataclasses import dataclass
from typing import Final, Literal, Self

from agents.emotion.signs import Mode

log = logging.getLogger(__name__)

_LANGUAGE: Final = re.compile(r"[a-z]{2}(-[a-z]{2})?")
_VARIANT: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True)
class CallOptions:
    """Empty or None: as the settings have it."""

    language: str = ""
    """In which the call begins, when the agent speaks it: ISO 639-1."""
    emotion: Mode | None = None
    record: bool = True
    """False: this call is not recorded, whatever ``calls.record`` says. True records nothing by itself."""
    variant: str = ""
    """Which share of a split this call fell into."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """What cannot be understood is left out and logged: a call is never refused for it."""
        found: dict[str, str] = {}
        for part in text.split():
            key, _, value = part.partition(":")
            if not _valid(key, value):
                log.warning("call_option_ignored", extra={"option": part[:40]})
                continue
            found[key] = value
        return cls(found.get("language", "")[:2], _mode(found.get("emotion", "")), found.get("record") != "off", found.get("variant", ""))


NO_OPTIONS: Final = CallOptions()


def _valid(key: str, value: str) -> bool:
    match key:
        case "language":
            return _LANGUAGE.fullmatch(value) is not None
        case "emotion":
            return _mode(value) is not None
        case "record":
            return value in ("on", "off")
        case "variant":
            return _VARIANT.fullmatch(value) is not None
    return False


def _mode(value: str) -> Literal["off", "text", "audio"] | None:
    match value:
        case "off" | "text" | "audio":
            return value
    return None
