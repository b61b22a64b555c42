"""The modules that Asterisk loads, by what they are for."""

import re
from collections.abc import Mapping

MODULES: Mapping[str, tuple[str, ...]] = {
    "foundations": (
        "res_crypto",
        "res_timing_timerfd",
        "res_sorcery_config",
        "res_sorcery_memory",
        "res_sorcery_astdb",
        "res_pjproject",
        "res_http_websocket",
        "res_websocket_client",
        "res_security_log",
    ),
    "the dialplan and its functions": (
        "pbx_config",
        "func_callerid",
        "func_channel",
        "func_cut",
        "func_db",
        "func_dialplan",
        "func_global",
        "func_groupcount",
        "func_hangupcause",
        "func_logic",
        "func_math",
        "func_periodic_hook",
        "func_pjsip_aor",
        "func_pjsip_contact",
        "func_pjsip_endpoint",
        "func_rand",
        "func_strings",
        "func_timeout",
        "func_uri",
    ),
    "applications of the dialplan": (
        "app_dial",
        "app_exec",
        "app_playback",
        "app_queue",
        "app_stack",
        "app_stasis",
        "app_mixmonitor",
        "app_chanspy",
        "app_read",
        "app_userevent",
        "app_verbose",
        "app_echo",
    ),
    "codecs and files": (
        "codec_ulaw",
        "codec_alaw",
        "codec_a_mu",
        "codec_gsm",
        "codec_resample",
        "format_gsm",
        "format_pcm",
        "format_sln",
        "format_wav",
    ),
    "audio and bridges": (
        "res_rtp_asterisk",
        "res_rtp_multicast",
        "chan_rtp",
        "chan_bridge_media",
        "bridge_simple",
        "bridge_native_rtp",
        "bridge_softmix",
        "bridge_holding",
        "bridge_builtin_features",
        "res_musiconhold",
        "res_mutestream",
    ),
    "SIP": (
        "res_pjsip",
        "res_pjsip_session",
        "chan_pjsip",
        "res_pjsip_acl",
        "res_pjsip_authenticator_digest",
        "res_pjsip_caller_id",
        "res_pjsip_diversion",
        "res_pjsip_dtmf_info",
        "res_pjsip_empty_info",
        "res_pjsip_endpoint_identifier_ip",
        "res_pjsip_endpoint_identifier_user",
        "res_pjsip_header_funcs",
        "res_pjsip_logger",
        "res_pjsip_nat",
        "res_pjsip_outbound_authenticator_digest",
        "res_pjsip_outbound_registration",
        "res_pjsip_pubsub",
        "res_pjsip_refer",
        "res_pjsip_registrar",
        "res_pjsip_rfc3326",
        "res_pjsip_sdp_rtp",
    ),
    "browser phones": (
        "res_pjsip_transport_websocket",
        "res_srtp",
    ),
    "the application's interface": (
        "res_stasis",
        "res_stasis_answer",
        "res_stasis_playback",
        "res_stasis_recording",
        "res_stasis_snoop",
        "res_ari",
        "res_ari_model",
        "res_ari_applications",
        "res_ari_asterisk",
        "res_ari_bridges",
        "res_ari_channels",
        "res_ari_endpoints",
        "res_ari_events",
        "res_ari_playbacks",
        "res_ari_recordings",
        "res_ari_sounds",
    ),
}

_WEBRTC = frozenset({*MODULES["browser phones"], "res_crypto", "res_http_websocket"})

OPTIONAL = frozenset({"res_mutestream", "res_websocket_client", *MODULES["browser phones"]})
"""Modules without which calls still work, or which older versions do not have."""


def loadable(available: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Return the modules to load out of those available; one that this version of Asterisk lacks is left out."""
    return {group: tuple(name for name in names if name in available) for group, names in MODULES.items()}


def lacking(available: frozenset[str]) -> list[str]:
    """Return the modules that are needed and not among ``available``, sorted."""
    return sorted({name for names in MODULES.values() for name in names} - available - OPTIONAL)


def takes_browsers(available: frozenset[str]) -> bool:
    """Tell whether phones in a browser can work with these modules."""
    return available >= _WEBRTC


_RESTRICTS_SINCE = (22, 9)


def restricts_paths(version: str) -> bool:
    """Tell whether http.conf and ari.conf of this version, e.g. ``22.10.1~dfsg``, can say by address who may come."""
    match = re.match(r"(\d+)\.(\d+)", version)
    return match is not None and (int(match[1]), int(match[2])) >= _RESTRICTS_SINCE
