"""pjsip.conf: transports, endpoints and what they refer to."""

import re
from collections.abc import Iterator

from .expressions import is_fixed, split
from .finding import Finding
from .reading import Section
from .view import View, fault, nearest

_TYPES = {
    *("acl", "aor", "asterisk-publication", "auth", "contact", "contact_user", "domain_alias", "endpoint", "global", "identify"),
    *(
        "inbound-publication",
        "outbound-publish",
        "phoneprov",
        "phoneprov_default",
        "registration",
        "resource_list",
        "subscription_persistence",
    ),
    *("system", "transport", "wizard", "verification", "attestation", "certificate", "profile", "geoloc-location"),
}
_DIALLED = re.compile(r"PJSIP/(?:[^/,&@)]+@)?([\w.-]+)(?=[,&)/]|\s*$)")
_BIND = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>\d+))?")
_EVERYWHERE = {"0.0.0.0", "[::]", ""}  # noqa: S104 - compared with, not bound to


def check(view: View) -> Iterator[Finding]:
    """Find transports that clash and names that lead nowhere."""
    reading = view.config("pjsip.conf")
    yield from reading.faults
    for section in reading.plain():
        kind = section.get("type")
        if kind is None:
            if section.entries:
                yield fault(
                    section.at,
                    f"[{section.name}] has no 'type', so Asterisk does not know what it is.",
                    "Add type = endpoint, aor, auth or another.",
                )
        elif kind.value.lower() not in _TYPES:
            yield fault(kind.at, f"[{section.name}] has the unknown type '{kind.value}'{nearest(kind.value, _TYPES)}", "Correct it.")
    yield from _transports(view)
    yield from _twins(view)
    for endpoint in view.sip("endpoint"):
        yield from _endpoint(view, endpoint)
    for section in view.sip("identify"):
        yield from _refers(view, section, "endpoint", set(view.endpoints), "endpoint")
    for section in view.sip("registration"):
        yield from _refers(view, section, "outbound_auth", _names(view, "auth"), "auth")
        yield from _refers(view, section, "transport", _names(view, "transport"), "transport")
        if section.get("server_uri") is None or section.get("client_uri") is None:
            yield fault(
                section.at, f"Registration '{section.name}' lacks server_uri or client_uri.", "Add both, as sip:user@provider.example.com."
            )
    yield from _dialled(view)


def _names(view: View, kind: str) -> set[str]:
    return {section.name for section in view.sip(kind)}


def _transports(view: View) -> Iterator[Finding]:
    seen: list[tuple[str, str, str, Section]] = []
    for section in view.sip("transport"):
        protocol = section.value("protocol", "udp").lower()
        match = _BIND.fullmatch(section.value("bind").strip())
        if protocol in ("ws", "wss") or match is None:
            continue
        host, port = match["host"], match["port"] or ("5061" if protocol == "tls" else "5060")
        family = "udp" if protocol == "udp" else "tcp"
        for other_family, other_host, other_port, other in seen:
            overlap = host == other_host or host in _EVERYWHERE or other_host in _EVERYWHERE
            if family == other_family and port == other_port and overlap:
                entry = section.get("bind")
                yield fault(
                    entry.at if entry else section.at,
                    f"Transport '{section.name}' wants {family.upper()} port {port}, as transport '{other.name}' at {other.at} does.",
                    "Give one of them another port or address.",
                )
        seen.append((family, host, port, section))
    ports = {(family, port): section for family, _, port, section in seen}
    for file, key in (("http.conf", "bindport"), ("manager.conf", "port")):
        general = view.config(file).named("general")
        entry = general.get(key) if general else None
        if entry is not None and (twin := ports.get(("tcp", entry.value))):
            yield fault(
                entry.at,
                f"TCP port {entry.value} is transport '{twin.name}' of pjsip.conf already, at {twin.at}.",
                "Give one of them another port.",
            )


def _twins(view: View) -> Iterator[Finding]:
    seen: dict[tuple[str, str], Section] = {}
    for section in view.config("pjsip.conf").plain():
        key = (section.value("type").lower(), section.name)
        if key[0] and (twin := seen.setdefault(key, section)) is not section:
            yield fault(
                section.at,
                f"There is a second {key[0]} '{section.name}'; the first is at {twin.at}.",
                "Remove one of them, or write [name](+) to add to it.",
            )


def _refers(view: View, section: Section, key: str, known: set[str], what: str) -> Iterator[Finding]:
    for word, entry in section.words(key):
        if word not in known and not view.realtime(f"ps_{what}s"):
            yield fault(
                entry.at,
                f"{section.value('type').capitalize()} '{section.name}' names the {what} '{word}', which pjsip.conf does not hold"
                f"{nearest(word, known)}",
                f"Add [{word}] with type = {what}, or correct the name.",
            )


def _endpoint(view: View, section: Section) -> Iterator[Finding]:
    wizard = section.value("type").lower() == "wizard"
    if not wizard:
        yield from _refers(view, section, "auth", _names(view, "auth"), "auth")
        yield from _refers(view, section, "outbound_auth", _names(view, "auth"), "auth")
        yield from _refers(view, section, "aors", _names(view, "aor"), "aor")
        if section.get("aors") is None and section.get("auth") is not None:
            yield fault(
                section.at,
                f"Endpoint '{section.name}' has no aors, so its phone can neither register nor be rung.",
                f"Add aors = {section.name} and a section [{section.name}] with type = aor.",
            )
    yield from _refers(view, section, "transport", _names(view, "transport"), "transport")
    context = section.get("endpoint/context" if wizard else "context")
    plan = view.dialplan
    if context is not None and context.value not in plan.contexts and not plan.unseen and view.config("extensions.conf").sections:
        yield fault(
            context.at,
            f"Calls of endpoint '{section.name}' go to the context '{context.value}', which does not exist"
            f"{nearest(context.value, plan.contexts)}",
            "Correct the name, or define the context.",
        )


def _dialled(view: View) -> Iterator[Finding]:
    if view.realtime("ps_endpoints") or not view.files.get("pjsip.conf"):
        return
    for step in view.dialplan.steps():
        target = split(step.arguments)[0] if step.application.lower() == "dial" else step.arguments if step.priority == 0 else ""
        if step.priority == 0:
            target = step.application
        for name in (name for name in _DIALLED.findall(target) if is_fixed(name)):
            if name not in view.endpoints:
                how = "The hint watches" if step.priority == 0 else "Dial() rings"
                yield fault(
                    step.at,
                    f"{how} PJSIP/{name}, but pjsip.conf has no such endpoint{nearest(name, view.endpoints)}",
                    "Add the endpoint, or correct the name.",
                )
