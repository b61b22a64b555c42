"""Asterisk's HTTP server, which carries ARI and the SIP of browsers."""

from ari_app.doctor.finding import Finding, ok, problem, warning
from ari_app.doctor.security.conf_file import ConfFile, Section
from ari_app.doctor.security.evidence import Evidence, loopback, numbers_of

RESTRICTIONS_SINCE = (22, 9)
"""Versions from which http.conf can say who may come to a path."""


def check(evidence: Evidence) -> list[Finding]:
    http = evidence.conf.get("http.conf")
    if http is None:
        return []
    general = http.named("general")
    if not general.on("enabled"):
        return [ok("Asterisk's HTTP server", "off")]
    return [_place(general), *_extras(general), *_encryption(general), _paths(http, evidence.version), _sockets(http)]


def _place(general: Section) -> Finding:
    name = "Asterisk's HTTP server"
    place = general.get("bindaddr", "0.0.0.0")  # noqa: S104 - Asterisk's own default, judged here
    if loopback(place):
        return ok(name, f"plain HTTP at {place} only")
    return problem(
        name,
        f"plain HTTP at {place}: passwords of ARI cross the network",
        "set bindaddr = 127.0.0.1 in http.conf, and tlsenable for others",
    )


def _extras(general: Section) -> list[Finding]:
    on = [key for key in ("enable_static", "enable_status") if general.on(key)]
    return [warning("Pages of Asterisk", f"{', '.join(on)} = yes", f"set {' and '.join(on)} = no in http.conf")] if on else []


def _encryption(general: Section) -> list[Finding]:
    if not general.on("tlsenable"):
        return []
    old = [version for key, version in (("tlsdisablev1", "TLS 1.0"), ("tlsdisablev11", "TLS 1.1")) if not general.on(key)]
    if old:
        return [problem("HTTPS of Asterisk", f"takes {' and '.join(old)}", "set tlsdisablev1 = yes and tlsdisablev11 = yes in http.conf")]
    return [ok("HTTPS of Asterisk", "TLS 1.2 or newer")]


def _paths(http: ConfFile, version: str) -> Finding:
    name = "Who may come to /ari"
    if any(section.get("type") == "restriction" and section.name.startswith("/ari") for section in http.real()):
        return ok(name, "restricted by address in http.conf")
    if loopback(http.named("general").get("bindaddr")):
        return ok(name, "this machine")
    if numbers_of(version)[:2] >= RESTRICTIONS_SINCE:
        return warning(name, "anybody who reaches the port", "add [/ari] type = restriction, deny and permit to http.conf")
    return warning(name, "anybody who reaches the port", "let a firewall decide: http.conf can do so only from Asterisk 22.9")


def _sockets(http: ConfFile) -> Finding:
    """A websocket frame whose end never comes keeps a lock of 22.10.1 for ever, and with it all SIP: seen, and it takes no password."""
    name = "Who may open websockets"
    restricted = any(section.get("type") == "restriction" and section.name.startswith("/ws") for section in http.real())
    if restricted or loopback(http.named("general").get("bindaddr")):
        return ok(name, "known addresses only")
    return problem(
        name,
        "anybody: one unfinished frame at /ws can stop all SIP of Asterisk (22.10.1)",
        "set bindaddr = 127.0.0.1 in http.conf, or add [/ws] type = restriction with deny and permit (22.9 and newer)",
    )
