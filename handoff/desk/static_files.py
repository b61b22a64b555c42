"""``/static/…``: css and js, read once at the start; nothing else on the disk can be reached by it."""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from handoff.desk.access import public
from handoff.desk.pages import STATIC

_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".wav": "audio/wav", ".txt": "text/plain"}


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    kind: str
    digest: str


def read_files(folder: Path = STATIC) -> dict[str, _File]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            body = path.read_bytes()
            kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            found[path.relative_to(folder).as_posix()] = _File(body, kind, hashlib.sha256(body).hexdigest())
    return found


def add(app: web.Application) -> None:
    files = read_files()

    @public
    async def static(request: web.Request) -> web.StreamResponse:
        file = files.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound
        known = request.query.get("v") == file.digest[:12]
        headers = {"Cache-Control": "public, max-age=31536000, immutable" if known else "no-cache", "ETag": f'"{file.digest[:32]}"'}
        if any(tag.value == file.digest[:32] for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return web.Response(
            body=file.body, content_type=file.kind, charset="utf-8" if file.kind.startswith("text/") else None, headers=headers
        )

    app.router.add_get("/static/{name:.+}", static)
