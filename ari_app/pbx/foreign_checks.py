"""What is wrong with an Asterisk that is somebody else's, each fault with its remedy. Pure: what was seen goes in, sentences come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ari_app.settings import Settings

from .find import major_of
from .packages import OLDEST_ASTERISK

MODULES: Final = (
    *("pbx_config", "func_callerid", "func_channel", "func_cut", "func_db", "func_dialplan", "func_global", "func_logic", "func_rand"),
    *("func_strings", "func_timeout", "app_chanspy", "app_dial", "app_exec", "app_playback", "app_queue"),
    *("app_stack", "app_stasis", "app_userevent"),
    *("codec_ulaw", "codec_alaw", "res_rtp_asterisk", "chan_rtp", "chan_bridge_media", "bridge_simple", "bridge_softmix", "bridge_holding"),
    *("res_http_websocket", "res_stasis", "res_stasis_answer", "res_stasis_playback", "res_stasis_snoop"),
    *("res_ari", "res_ari_applications", "res_ari_asterisk", "res_ari_bridges", "res_ari_channels", "res_ari_events"),
    *("res_ari_endpoints", "res_ari_playbacks"),
)
"""Without these no call reaches the application, or none leaves it well. How phones and carriers come in is the admin's own."""
RECORDING_MODULES: Final = ("app_mixmonitor",)
CONTEXTS: Final = (
    *("patchcord-numbers", "patchcord-agent", "patchcord-queue", "patchcord-place", "patchcord-joined"),
    *("patchcord-listen", "patchcord-member", "patchcord-fallback"),
)
ACTIONS: Final = ("Setvar", "Getvar", "Redirect", "QueueStatus", "QueuePause")
RECORDING_ACTIONS: Final = ("MixMonitor", "StopMixMonitor", "MixMonitorMute")
APPLY: Final = "Run ./patchcord dialplan apply."
_LOOPBACK: Final = ("127.", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Seen:
    """What an Asterisk that takes our passwords says of itself."""

    version: str
    modules: frozenset[str]
    """Those that run, without ``.so``."""
    may_write: bool
    """ARI lets us do more than read."""
    contexts: Mapping[str, bool] = field(default_factory=dict)
    """Whether the dialplan has each of ``CONTEXTS``."""
    enters: bool = True
    """Whether ``s`` is in ``patchcord-agent``."""
    queue: bool = True
    """Whether app_queue knows ``calls.queue``."""
    actions: frozenset[str] = frozenset()
    """Actions of AMI that our user may send."""


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine by a name that others cannot use."""
    return host.startswith(_LOOPBACK)


def media_fault(settings: Settings) -> str:
    """Empty when Asterisk can send sound to where our media process listens."""
    if is_loopback(settings.asterisk.host) or not is_loopback(settings.media.host):
        return ""
    return (
        f"media.host is {settings.media.host}, where the Asterisk at {settings.asterisk.host} can send no sound. "
        "Set media.host to the address of this machine by which that Asterisk reaches it."
    )


def faults(seen: Seen, settings: Settings) -> list[str]:
    """Every reason why calls would not work, the gravest first; empty: none."""
    found = []
    if major_of(seen.version) < OLDEST_ASTERISK:
        found.append(f"It is Asterisk {seen.version}; {OLDEST_ASTERISK} or newer is needed. Upgrade it.")
    record = settings.calls.record
    needed = {*MODULES, *(RECORDING_MODULES if record else ())}
    if absent := sorted(needed - seen.modules):
        lines = ", ".join(f"{name}.so" for name in absent)
        found.append(
            f"It has not loaded {lines}. Install them, see that modules.conf does not leave them out, "
            f"then in its console: module load {absent[0]}.so{' (and so on)' if len(absent) > 1 else ''}."
        )
    if not seen.may_write:
        found.append("Its ARI lets us only read. Take read_only = yes out of ari.conf for our user.")
    wanted = {*ACTIONS, *(RECORDING_ACTIONS if record else ())}
    if forbidden := sorted(wanted - seen.actions):
        found.append(
            f"Its manager interface does not let our user send {', '.join(forbidden)}. {APPLY} "
            f"Then in its console: manager reload{' (calls.record needs the class system)' if record else ''}."
        )
    missing = [name for name, there in seen.contexts.items() if not there]
    include = 'extensions.conf must have the line #tryinclude "patchcord.d/extensions.conf"'
    if missing:
        found.append(f"Its dialplan has no context {', '.join(missing)}. {APPLY} Its {include}; then: dialplan reload.")
    elif not seen.enters:
        found.append(f"Its context patchcord-agent is not Patchcord's: it has no extension s. {APPLY} Its {include}.")
    if not seen.queue:
        found.append(
            f"It has no queue '{settings.calls.queue}', where callers go when nobody answers for them. {APPLY} "
            'Its queues.conf must have the line #tryinclude "patchcord.d/queues.conf"; then: queue reload all.'
        )
    return found
