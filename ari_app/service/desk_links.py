"""What the desk and whoever sends people to it have to agree on."""

from typing import Final

from ari_app.service.layout import Layout
from ari_app.settings import Settings
from handoff.desk.secret import DeskSecret, load_or_make

SECRET_FILE: Final = "desk.secret"  # noqa: S105 - a name
"""Below the data directory; sessions and links to cards are signed with it."""


def link_base(settings: Settings) -> str:
    """What links to cards begin with."""
    return settings.desk.public_url or f"http://{settings.desk.bind}:{settings.desk.port}"


def desk_secret(layout: Layout) -> DeskSecret:
    """The secret of this instance's desk, made when there is none. Raises SecretUnusable."""
    return load_or_make(layout.data / SECRET_FILE)
