"""Who can send SIP, as whom, and how well that is protected."""

from ipaddress import ip_network
from typing import Final

from ari_app.doctor.finding import Finding, ok, problem, warning
from ari_app.doctor.security.conf_file import ConfFile, Section
from ari_app.doctor.security.evidence import Evidence, loopback
from ari_app.doctor.security.secret_files import LEAST_BITS, bits

_OLD_TLS: Final = frozenset({"", "default", "unspecified", "tlsv1", "tlsv1_1", "sslv2", "sslv3", "sslv23"})
_WIDEST: Final = {4: 16, 6: 48}
"""A trunk's networks hold at most so many addresses: more are not one carrier's."""


def check(evidence: Evidence) -> list[Finding]:
    pjsip = evidence.conf.get("pjsip.conf")
    if pjsip is None:
        return []
    return [_guests(pjsip), _known(pjsip), _identified(pjsip), _passwords(pjsip), _open(pjsip), *_encryption(pjsip), _transfers(pjsip)]


def of_type(pjsip: ConfFile, kind: str) -> list[Section]:
    return [section for section in pjsip.real() if section.get("type").lower() == kind]


def trunks(pjsip: ConfFile) -> list[Section]:
    """Endpoints that calls from outside come by: without a password of the caller's."""
    return [endpoint for endpoint in of_type(pjsip, "endpoint") if not endpoint.get("auth")]


def _guests(pjsip: ConfFile) -> Finding:
    name = "Unknown callers"
    if any(endpoint.name.lower() == "anonymous" for endpoint in of_type(pjsip, "endpoint")):
        return problem(name, "the endpoint 'anonymous' lets anybody call in", "take it out of pjsip.conf and name the carriers' addresses")
    return ok(name, "are refused: there is no endpoint 'anonymous'")


def _known(pjsip: ConfFile) -> Finding:
    name = "Endpoints without a password"
    identified = {section.get("endpoint") for section in of_type(pjsip, "identify")}
    registering = {section.get("endpoint") for section in of_type(pjsip, "registration") if section.on("line")}
    loose = [endpoint.name for endpoint in trunks(pjsip) if endpoint.name not in identified | registering]
    if loose:
        return problem(
            name, f"{', '.join(loose)}: whoever names it in From is taken for it", "give it auth, or an identify section with addresses"
        )
    return ok(name, "each is known by its address")


def _identified(pjsip: ConfFile) -> Finding:
    name = "Addresses of trunks"
    wide = []
    for section in of_type(pjsip, "identify"):
        for each in ",".join(section.all("match")).split(","):
            try:
                network = ip_network(each.strip(), strict=False)
            except ValueError:
                continue  # a host's name, which is one address or a few
            if network.prefixlen < _WIDEST[network.version]:
                wide.append(f"{each.strip()} for {section.get('endpoint')}")
    if wide:
        return problem(name, f"too wide: {', '.join(wide)}", "name the carrier's own signalling addresses")
    return ok(name, "narrow")


def _passwords(pjsip: ConfFile) -> Finding:
    name = "SIP passwords"
    weak = [section.name for section in of_type(pjsip, "auth") if section.get("password") and bits(section.get("password")) < LEAST_BITS]
    if weak:
        ours = [each for each in weak if each.startswith("patchcord")]
        grade = problem if ours or len(weak) < len(of_type(pjsip, "auth")) else warning
        return grade(
            name,
            f"could be guessed: {', '.join(weak[:6])}",
            "give each 16 random characters or more: guessed phones are how toll fraud begins",
        )
    return ok(name, "long and random")


def _open(pjsip: ConfFile) -> Finding:
    name = "Reach of SIP"
    places = [
        section.get("bind").rsplit(":", 1)[0] for section in of_type(pjsip, "transport") if section.get("protocol") not in ("ws", "wss")
    ]
    outside = sorted({place for place in places if not loopback(place)})
    if not outside:
        return ok(name, "this machine only")
    lists = [section for section in of_type(pjsip, "acl") if section.get("acl") or (section.get("deny") and section.get("permit"))]
    if lists:
        return ok(name, f"open at {', '.join(outside)}, for listed networks only")
    return warning(
        name,
        f"open at {', '.join(outside)} to every address; passwords and the trunks' addresses are all that protects it",
        "name your networks in sip.acl, or let a firewall pass only phones and carriers to the SIP port",
    )


def _encryption(pjsip: ConfFile) -> list[Finding]:
    findings = []
    for transport in of_type(pjsip, "transport"):
        if transport.get("protocol") not in ("tls", "wss"):
            continue
        method = transport.get("method").lower()
        name = f"TLS of {transport.name}"
        if method in _OLD_TLS:
            findings.append(problem(name, f"method = {method or 'default'} takes old versions", "set method = tlsv1_2 or tlsv1_3"))
        else:
            findings.append(ok(name, method))
    return findings


def _transfers(pjsip: ConfFile) -> Finding:
    name = "Transfers by outside callers"
    able = [endpoint.name for endpoint in trunks(pjsip) if endpoint.on("allow_transfer", default=True)]
    if able:
        return problem(name, f"{', '.join(able)} may send REFER, and so dial on at your cost", "set allow_transfer = no for them")
    return ok(name, "refused")
