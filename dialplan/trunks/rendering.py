"""Writes pjsip.conf of the trunks."""

from dialplan import templates

from .entries import Trunks

TIMERS = {"off": "no", "accept": "yes", "always": "always", "required": "required"}


def render_trunks(trunks: Trunks, *, own: bool, media_address: str = "") -> str:
    """Return the text of patchcord.d/pjsip.conf; it holds passwords. The same input gives the same text.

    ``own``: the Asterisk is Patchcord's own, so its transports learn the public address; an admin's own transports are never changed.
    ``media_address``: the one address on which audio is taken; empty: all.

    Raises:
        DialplanError: something cannot be written safely.
    """
    return templates.render(
        "patchcord.d/pjsip.conf",
        trunks=trunks.entries,
        nat=trunks.nat,
        tls=trunks.tls if trunks.encrypted() else None,
        own=own,
        media_address=media_address,
        timers=TIMERS,
    )
