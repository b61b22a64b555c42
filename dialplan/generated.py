"""The files that Patchcord gives an Asterisk, its own or an admin's: all lie in the folder ``patchcord.d`` and are included from there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from . import templates
from .extensions import Plan, render_extensions
from .routes.queues import Person, render_queues
from .trunks import render_trunks

FOLDER = "patchcord.d"
FILES = ("extensions.conf", "queues.conf", "pjsip.conf", "ari.conf", "manager.conf")
"""Each has one line ``#tryinclude "patchcord.d/NAME"`` in the file of that name outside the folder."""
WATCH_HEADER = "X-Patchcord-Watch"
"""Of the SIP requests by which Patchcord asks whether SIP is answered."""


@dataclass(frozen=True, slots=True)
class Access:
    """By which names Patchcord comes to Asterisk."""

    ari_user: str
    ari_password: str = field(repr=False)
    ami_user: str
    ami_password: str = field(repr=False)
    desk_user: str = ""
    desk_password: str = field(default="", repr=False)
    """AMI user of the desk; none without a password."""
    admin_user: str = ""
    admin_password: str = field(default="", repr=False)
    """AMI user of the commands that reload what they have written; none without a password."""
    record: bool = False
    """Calls are recorded, for which AMI asks more of its user."""
    permit: Sequence[str] = ("127.0.0.1/255.255.255.255",)
    """Networks from which these users may come."""
    acl_users: bool = False
    """This Asterisk takes ``permit`` for ARI users too (22.9)."""
    watch_word: str = field(default="", repr=False)
    """By which the one is known who asks whether SIP is answered; nobody asks without one."""


@dataclass(frozen=True, slots=True)
class Site:
    """All that the files depend on."""

    plan: Plan
    access: Access
    people: Sequence[Person]
    queue_most: int
    """Callers who may wait in a queue at once; 0: any number."""
    own: bool = True
    """The Asterisk is Patchcord's own; an admin's keeps its transports as they are."""
    media_address: str = ""
    """The one address on which it takes audio; empty: all."""


def generate(site: Site) -> Mapping[str, str]:
    """Return file name below Asterisk's configuration folder to text; the same site gives the same text.

    Raises:
        DialplanError: something cannot be written safely.
    """
    return {
        f"{FOLDER}/extensions.conf": render_extensions(site.plan) + _watch("extensions", site.access),
        f"{FOLDER}/queues.conf": render_queues(site.plan.own_queues(), site.people, site.queue_most),
        f"{FOLDER}/pjsip.conf": render_trunks(site.plan.trunks, own=site.own, media_address=site.media_address)
        + _watch("pjsip", site.access),
        f"{FOLDER}/ari.conf": _render("ari.conf", access=site.access),
        f"{FOLDER}/manager.conf": _render("manager.conf", access=site.access),
    }


def _watch(part: str, access: Access) -> str:
    return _render(f"{part}/watch", header=WATCH_HEADER, word=access.watch_word) if access.watch_word else ""


def _render(name: str, **values: object) -> str:
    return templates.render(f"{FOLDER}/{name}", **values)
