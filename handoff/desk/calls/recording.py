"""``/calls/{id}/audio`` and ``/calls/{id}/peaks``: recordings, to those who may hear them, and never unnoticed."""

import asyncio
import re
import time
from collections import OrderedDict
from pathlib import Path
from typing import Final, Literal

from aiohttp import web

from handoff.desk.access import Role, Session, requires, session_of
from handoff.desk.calls.search import CallFinder
from handoff.desk.calls.wav import NotAWav, Recording, open_recording, open_stereo
from handoff.desk.deps import DEPS
from handoff.desk.requests import audit

_CALL_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CHUNK: Final = 64 * 1024
PEAKS: Final = 1200
_LISTEN_AGAIN_S: Final = 900.0
"""A player asks for many pieces: within this time they are one listening."""
_KEPT: Final = 64
LISTENERS: Final = (Role.AGENT, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
"""Agents: their own calls."""

LegName = Literal["caller", "agent", "both"]
LEGS: Final = ("caller", "agent")
"""Left, right."""


class Recordings:
    """Finds recordings and remembers who is listening and what pieces look like."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._listening: OrderedDict[tuple[bytes, str], float] = OrderedDict()
        self._peaks: OrderedDict[tuple[str, int], list[list[int]]] = OrderedDict()
        self._slots = asyncio.Semaphore(2)

    def find(self, call_id: str, leg: LegName = "both") -> Recording:
        """Blocks. Raises NotAWav, OSError."""
        if self._folder is None or not _CALL_ID.fullmatch(call_id):
            raise NotAWav("there is no recording of this call")
        legs = LEGS if leg == "both" else (leg,)
        try:
            return open_recording([self._folder / f"{call_id}-{name}.wav" for name in legs])
        except FileNotFoundError:
            pass  # made into one file in this very moment
        except NotAWav:
            if not (self._folder / f"{call_id}.wav").is_file():
                raise
        both = open_stereo(self._folder / f"{call_id}.wav")
        return both if leg == "both" else Recording((both.legs[LEGS.index(leg)],))

    def begins(self, session: Session, call_id: str) -> bool:
        """Whether this is a new listening, which has to be written down."""
        key, now = (session.key, call_id), time.monotonic()
        heard = self._listening.get(key)
        return heard is None or now - heard > _LISTEN_AGAIN_S

    def listens(self, session: Session, call_id: str) -> None:
        self._listening[session.key, call_id] = time.monotonic()
        while len(self._listening) > 10_000:
            self._listening.popitem(last=False)

    async def peaks(self, call_id: str, recording: Recording) -> list[list[int]]:
        key = (call_id, recording.size)
        if key not in self._peaks:
            async with self._slots:
                self._peaks[key] = await asyncio.to_thread(recording.peaks, PEAKS)
            while len(self._peaks) > _KEPT:
                self._peaks.popitem(last=False)
        return self._peaks[key]


RECORDINGS: Final = web.AppKey("desk_recordings", Recordings)
FINDER: Final = web.AppKey("desk_call_finder", CallFinder)


def add(app: web.Application) -> None:
    app[RECORDINGS] = Recordings(app[DEPS].recordings)
    app.router.add_get("/calls/{id}/peaks", peaks)
    app.router.add_get("/calls/{id}/audio", audio)
    app.router.add_post("/calls/{id}/audio", download)


@requires(*LISTENERS)
async def peaks(request: web.Request) -> web.StreamResponse:
    """JSON: ``duration_s`` and ``legs``, lists of 0 to 100."""
    recording = await _recording(request, "both")
    return web.json_response(
        {"duration_s": round(recording.duration_s, 3), "legs": await request.app[RECORDINGS].peaks(request.match_info["id"], recording)}
    )


@requires(*LISTENERS)
async def audio(request: web.Request) -> web.StreamResponse:
    """Both legs as stereo, in the ranges the player asks for."""
    recording = await _recording(request, "both")
    session, recordings, call_id = session_of(request), request.app[RECORDINGS], request.match_info["id"]
    if recordings.begins(session, call_id):
        await audit(request, "listen_recording", call_id=call_id)
        recordings.listens(session, call_id)
    return await _send(request, recording, {})


@requires(Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
async def download(request: web.Request) -> web.StreamResponse:
    """By POST, so that no link of another site starts it."""
    recording = await _recording(request, "both")
    call_id = request.match_info["id"]
    await audit(request, "download_recording", call_id=call_id)
    return await _send(request, recording, {"Content-Disposition": f'attachment; filename="call-{call_id}.wav"'}, whole=True)


async def _recording(request: web.Request, leg: LegName) -> Recording:
    call_id = request.match_info["id"]
    if not await request.app[FINDER].may_see(session_of(request), call_id):
        raise web.HTTPNotFound(text="There is no such call, or it is not yours.")
    try:
        return await asyncio.to_thread(request.app[RECORDINGS].find, call_id, leg)
    except (NotAWav, OSError) as error:
        raise web.HTTPNotFound(text="There is no recording of this call that can be played.") from error


async def _send(request: web.Request, recording: Recording, headers: dict[str, str], *, whole: bool = False) -> web.StreamResponse:
    size = recording.size
    start, stop, status = (0, size, 200) if whole else _range(request, size)
    response = web.StreamResponse(status=status, headers={"Content-Type": "audio/wav", "Accept-Ranges": "bytes", **headers})
    response.content_length = stop - start
    if status == 206:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    await response.prepare(request)
    while start < stop:
        piece = await asyncio.to_thread(recording.read, start, min(stop, start + _CHUNK))
        await response.write(piece)
        start += len(piece)
    await response.write_eof()
    return response


def _range(request: web.Request, size: int) -> tuple[int, int, int]:
    """First byte, byte behind the last, status (RFC 9110, 14). One range only: more are answered with everything."""
    if "Range" not in request.headers or "," in request.headers["Range"]:
        return 0, size, 200
    try:
        asked = request.http_range
    except ValueError:
        return 0, size, 200
    start = asked.start or 0
    start = max(0, size + start) if start < 0 else start
    stop = size if asked.stop is None else min(asked.stop, size)
    if start >= stop:
        raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})
    return start, stop, 206
