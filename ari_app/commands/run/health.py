"""Whether a part is well, for the health checks of containers: quick, and without the part's own code."""

import time
from typing import Final

from ari_app.service.layout import Layout
from ari_app.service.query import ServiceUnreachable, get_json
from ari_app.settings import Settings
from handoff.tasks.clock import BEAT_FILE

_ASK_S: Final = 2.0
_BEATS: Final = 3
_LEAST_S: Final = 30.0


async def ill(part: str, settings: Settings, layout: Layout) -> str:
    """The reason, with what to look at; empty when it is well."""
    if part == "tasks":
        return _tasks(settings, layout)
    port = settings.service.http_port if part == "worker" else settings.desk.port
    try:
        answer = await get_json(port, "/healthz", timeout_s=_ASK_S)
    except ServiceUnreachable as error:
        return f"The {part} does not answer: {error}."
    if part == "worker" and not answer.get("ready"):
        return f"The worker takes no calls: {', '.join(map(str, answer.get('reasons', [])))}."
    return ""


def _tasks(settings: Settings, layout: Layout) -> str:
    """Its clock touches a file whenever the database and the broker have been there."""
    file = layout.data / "tasks" / BEAT_FILE
    limit = max(_LEAST_S, _BEATS * settings.tasks.sweep_s)
    try:
        age = time.time() - file.stat().st_mtime
    except OSError as error:
        return f"The tasks have not begun: {file} is not there ({error.strerror})."
    return f"The tasks stand still for {age:.0f} s: see that PostgreSQL and the broker run." if age > limit else ""
