"""What the dialplan of an instance depends on: its settings, its passwords, and the files routes.yaml and trunks.yaml."""

import hashlib
from collections.abc import Collection
from pathlib import Path

from ari_app.settings import Settings
from dialplan.extensions import Plan
from dialplan.generated import Access, Site
from dialplan.routes import Routes, default_routes, load_routes
from dialplan.trunks import NO_TRUNKS, Trunks, default_trunks, load_trunks

from .find import major_of
from .modules import restricts_paths
from .phones import phones_of
from .secret_store import Secrets

ROUTES_FILE = "routes.yaml"
TRUNKS_FILE = "trunks.yaml"
_ANY = {"0.0.0.0", "::", ""}  # noqa: S104 - compared with, not bound to


def routes_file(settings: Settings, data: Path) -> Path | None:
    """The file that says where numbers lead; None: the numbers of a fresh installation."""
    return _file(settings.dialplan.routes, data / ROUTES_FILE)


def trunks_file(settings: Settings, data: Path) -> Path | None:
    """The file with the trunks; None: the trunk of a fresh installation, or none where Asterisk is somebody else's."""
    return _file(settings.dialplan.trunks, data / TRUNKS_FILE)


def _file(named: str, usual: Path) -> Path | None:
    if named:
        return Path(named).expanduser()
    return usual if usual.exists() else None


def routes_of(settings: Settings, data: Path, agents: Collection[str] = ()) -> Routes:
    """``agents``: those that there are, to find a route to none of them; empty: they are not looked at.

    Raises:
        DialplanError: the file is not there, or not right.
    """
    if (path := routes_file(settings, data)) is not None:
        return load_routes(path, fallback_queue=settings.calls.queue, agents=agents)
    return default_routes(settings.calls.queue, settings.agent_numbers())


def trunks_of(settings: Settings, data: Path) -> Trunks:
    """Raises DialplanError: the file is not there, or not right, or a password is not where it says."""
    if (path := trunks_file(settings, data)) is not None:
        return load_trunks(path)
    return NO_TRUNKS if settings.asterisk.source == "external" else default_trunks(settings.sip.trunk_match)


def media_address(settings: Settings) -> str:
    """The one address on which Asterisk takes audio; empty: all."""
    return "" if settings.sip.bind in _ANY else settings.sip.bind


def site_for(version: str, settings: Settings, secrets: Secrets, data: Path, agents: Collection[str] = ()) -> Site:
    """``version`` of the Asterisk that gets the files, e.g. ``22.10.1``.

    Raises:
        DialplanError: routes.yaml or trunks.yaml is not right.
    """
    own = settings.asterisk.source != "external"
    people = phones_of(settings) if own else ()
    plan = Plan(
        routes=routes_of(settings, data, agents),
        trunks=trunks_of(settings, data),
        app=settings.asterisk.app,
        fallback_queue=settings.calls.queue,
        queue_timeout_s=settings.calls.queue_timeout_s,
        deadman_s=settings.calls.deadman_s,
        place_timeout_s=settings.transfer.wait_s,
        callback_trunk=settings.transfer.callback_trunk,
        callback_hold_s=settings.transfer.callback_hold_s,
        feature_codes=settings.transfer.feature_codes,
        phones=tuple(phone.user for phone in people if phone.role == "agent"),
        asterisk_major=major_of(version),
        workers=settings.service.workers,
    )
    access = access_of(settings, secrets, version)
    return Site(plan, access, people, settings.calls.queue_most, own=own, media_address=media_address(settings) if own else "")


def access_of(settings: Settings, secrets: Secrets, version: str = "") -> Access:
    """Return by which names this instance comes to Asterisk, and from where; ``version``: of that Asterisk, empty when not known."""
    return Access(
        secrets.ari_user,
        secrets.ari_password,
        secrets.ami_user,
        secrets.ami_password,
        desk_user=secrets.desk_ami_user,
        desk_password=secrets.desk_ami_password,
        admin_user=secrets.ami_admin_user,
        admin_password=secrets.ami_admin_password,
        record=settings.calls.record,
        permit=settings.asterisk.clients if settings.asterisk.source == "external" else ("127.0.0.1/32",),
        acl_users=restricts_paths(version),
        watch_word=watch_word(secrets.ami_password),
    )


def watch_word(ami_password: str) -> str:
    """By which Asterisk knows who asks whether it answers SIP; it does not tell the password."""
    return hashlib.sha256(f"patchcord-watch {ami_password}".encode()).hexdigest()[:32]
