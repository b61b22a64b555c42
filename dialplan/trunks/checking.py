"""What is wrong with trunks.yaml as a whole, after every key in it is sound."""

import ipaddress
from collections.abc import Iterator
from itertools import combinations

from .entries import BUILT_IN
from .model import Trunk, TrunksFile

Problem = tuple[tuple[str | int, ...], str]
_LEAST_FIXED = 3


def problems(file: TrunksFile) -> Iterator[Problem]:
    """Path of keys and what is wrong there, with its remedy."""
    if file.tls is not None and (file.tls.certificate is None) != (file.tls.key is None):
        given, lacking = ("certificate", "key") if file.tls.key is None else ("key", "certificate")
        yield ("tls", given), f"needs the {lacking} beside it; add {lacking}:"
    for name, trunk in file.trunks.items():
        for path, what in _of_trunk(name, trunk, file):
            yield ("trunks", name, *path), what
    yield from _overlaps(file)


def _of_trunk(name: str, trunk: Trunk, file: TrunksFile) -> Iterator[Problem]:
    if name == BUILT_IN:
        yield (), f"'{BUILT_IN}' is the name of the built-in trunk; call it after the carrier"
    yield from _way_in(trunk)
    yield from _passwords(trunk)
    yield from _encryption(trunk, file)
    if trunk.session_timers.refresh_s < trunk.session_timers.least_s:
        yield ("session_timers", "refresh_s"), f"is less than least_s ({trunk.session_timers.least_s}); raise it"
    for index, pattern in enumerate(trunk.outbound.allow if trunk.outbound else ()):
        fixed = len(pattern) - len(pattern.lstrip("+0123456789"))
        if pattern[-1] in ".!" and fixed < _LEAST_FIXED + pattern.startswith("+"):
            yield (
                ("outbound", "allow", index),
                f"'{pattern}' lets calls out to anywhere; name at least {_LEAST_FIXED} digits before '{pattern[-1]}', or write X for each",
            )
    if trunk.outbound and not trunk.server:
        yield ("outbound",), "needs a server to call; add server:"


def _way_in(trunk: Trunk) -> Iterator[Problem]:
    if trunk.profile == "registration":
        for key in ("server", "user"):
            if not getattr(trunk, key):
                yield ("profile",), f"registration needs {key}:; add it, or write profile: ip when the carrier knows you by address"
    elif not trunk.server and not trunk.addresses:
        yield ("profile",), f"{trunk.profile} needs addresses: that calls come from (or server:); without them nobody could call in"
    if trunk.profile == "ip" and trunk.user and not trunk.outbound:
        yield ("user",), "is for registration and for calls out; write profile: registration, or remove it"


def _passwords(trunk: Trunk) -> Iterator[Problem]:
    given = [key for key in ("password", "password_env", "password_file") if getattr(trunk, key) is not None]
    if len(given) > 1:
        yield (given[1],), f"stands beside {given[0]}; keep one of them"
    if trunk.user and not given:
        yield ("user",), "has no password; add password_env: or password_file:"
    if given and not trunk.user:
        yield (given[0],), "has no user; add user:"


def _encryption(trunk: Trunk, file: TrunksFile) -> Iterator[Problem]:
    if trunk.profile == "tls":
        if "transport" in trunk.model_fields_set and trunk.transport != "tls":
            yield ("transport",), f"{trunk.transport} does not go with profile tls; remove it"
        if trunk.transport_name:
            return
        if file.tls is None:
            yield (
                ("profile",),
                "tls needs the section tls: of the file (authorities, and certificate and key when the carrier connects to us)",
            )
        elif not trunk.user and file.tls.certificate is None:
            yield ("profile",), "tls without a user means that the carrier connects to us; add certificate: and key: to the section tls"
    elif trunk.transport == "tls":
        yield ("transport",), "tls is a profile; write profile: tls"
    elif trunk.srtp != "off":
        yield ("srtp",), "sends its keys in the SDP, which anybody could read without TLS; write profile: tls"


def _overlaps(file: TrunksFile) -> Iterator[Problem]:
    for (one, first), (other, second) in combinations(file.trunks.items(), 2):
        for index, text in enumerate(second.addresses):
            network = ipaddress.ip_network(text)
            for known in first.addresses:
                if network.version == ipaddress.ip_network(known).version and network.overlaps(ipaddress.ip_network(known)):
                    yield (
                        ("trunks", other, "addresses", index),
                        f"{text} is also of trunk '{one}' ({known}): whose call it is could not be told; keep it in one of them",
                    )
