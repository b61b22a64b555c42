"""What belongs into a backup, and under which name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ari_app.service.desk_links import SECRET_FILE
from ari_app.service.layout import DRAFTS_FOLDER, Layout

DATABASE: Final = "database.dump"
MANIFEST: Final = "manifest.json"
FORMAT: Final = 1

_FILES: Final = ("secrets.json", SECRET_FILE, "routes.yaml", "trunks.yaml")
_FOLDERS: Final = ("agents", DRAFTS_FOLDER, "journal", "trunk-secrets")
"""``journal`` holds what the database has not got yet. Logs, caches and sockets make themselves again."""
_RECORDINGS: Final = "recordings"


def names(*, recordings: bool) -> tuple[str, ...]:
    """What may stand at the top of an archive, apart from the manifest and the database."""
    return (*_FILES, *_FOLDERS, *((_RECORDINGS,) if recordings else ()))


def files_of(layout: Layout, *, recordings: bool) -> Iterator[tuple[str, Path]]:
    """Name in the archive and file, those that there are; links are left out, they could lead anywhere."""
    for name in names(recordings=recordings):
        place = layout.data / name
        if place.is_symlink():
            continue
        if place.is_file():
            yield name, place
        elif place.is_dir():
            for path in sorted(place.rglob("*")):
                if path.is_file() and not path.is_symlink():
                    yield str(path.relative_to(layout.data)), path
