"""Settings that carriers document; a trunk with ``carrier: NAME`` starts from them, and what it says itself comes first.

Each entry names the page it was taken from. Addresses change: `./patchcord trunk test` says when calls come from elsewhere.
"""

from collections.abc import Mapping
from typing import Any, Final

CARRIERS: Final[Mapping[str, Mapping[str, Any]]] = {
    # https://www.twilio.com/docs/sip-trunking/ip-addresses (signalling, all regions must be let in),
    # the same list: https://cloud.google.com/contact-center/ccai-platform/docs/byoc-ip-allow-list
    # https://www.twilio.com/docs/sip-trunking: no credentials towards us, numbers in E.164 with +; PSTN calls in come by address only
    # https://www.twilio.com/docs/sip-trunking/sending-sip-to-twilio-best-practices: 30 calls per second from one address
    "twilio": {
        "profile": "ip",
        "addresses": [
            "54.172.60.0/30",  # Virginia
            "54.244.51.0/30",  # Oregon
            "177.71.206.192/30",  # São Paulo
            "54.171.127.192/30",  # Ireland
            "35.156.191.128/30",  # Frankfurt
            "54.65.63.192/30",  # Tokyo
            "54.169.127.128/30",  # Singapore
            "54.252.254.64/30",  # Sydney
        ],
        "codecs": ["ulaw", "alaw"],
        "limits": {"calls_per_second": 30},
    },
    # https://sip.telnyx.com: signalling addresses and host of the US region, 20 calls per second
    # https://developers.telnyx.com/docs/voice/sip-trunking/network-configuration/ip-whitelisting: 5060 UDP and TCP, 5061 TLS
    "telnyx": {
        "server": "sip.telnyx.com",
        "addresses": ["192.76.120.10", "64.16.250.10"],
        "codecs": ["ulaw", "alaw"],
        "limits": {"calls_per_second": 20},
    },
    # https://sip.telnyx.com: the region Europe
    "telnyx-eu": {
        "server": "sip.telnyx.eu",
        "addresses": ["185.246.41.140", "185.246.41.141"],
        "codecs": ["alaw", "ulaw"],
        "limits": {"calls_per_second": 20},
    },
    # https://developer.vonage.com/en/sip/configure/freepbx: sip.nexmo.com, no registration, RFC 4733, ulaw and alaw
    # https://developer.vonage.com/en/sip/technical-details: numbers in E.164, without + in the examples
    # The addresses are in its knowledge base and must be given.
    "vonage": {
        "profile": "ip",
        "server": "sip.nexmo.com",
        "codecs": ["ulaw", "alaw"],
        "dtmf": "rfc4733",
        "numbers": {"plain": "international"},
    },
}


def with_carrier(given: Mapping[str, Any], preset: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``given`` with what it leaves open taken from ``preset``, section by section."""
    merged: dict[str, Any] = dict(preset)
    for key, value in given.items():
        below = preset.get(key)
        merged[key] = with_carrier(value, below) if isinstance(value, Mapping) and isinstance(below, Mapping) else value
    return merged
