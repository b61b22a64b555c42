"""The last line of a generated file: a checksum by which an edit by hand is seen before it is lost."""

import hashlib
import re

_LINE = re.compile(r"; patchcord-seal ([0-9a-f]{32})\n?\Z")


def sealed(text: str) -> str:
    """Return the text with its seal at the end."""
    body = text if text.endswith("\n") or not text else f"{text}\n"
    return f"{body}; patchcord-seal {_sum(body)}\n"


def unsealed(text: str) -> str:
    """Return the text without its seal, if it has one."""
    return _LINE.sub("", text)


def is_changed(text: str) -> bool:
    """Tell whether the text was edited after it was sealed; False for one that never was."""
    match = _LINE.search(text)
    if match is None:
        return "\n; patchcord-seal " in text
    return match[1] != _sum(text[: match.start()])


def _sum(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:32]
