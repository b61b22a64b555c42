"""The desk and the status page: where they listen, and how browsers keep their cookies."""

from ari_app.doctor.finding import Finding, ok, problem, warning
from ari_app.doctor.security.evidence import Evidence, loopback


def check(evidence: Evidence, control_token: str) -> list[Finding]:
    """``control_token``: of the running instance; empty when none runs."""
    return [*_desk(evidence), _control(control_token)]


def _desk(evidence: Evidence) -> list[Finding]:
    desk = evidence.settings.desk
    if not desk.enabled:
        return [ok("Desk", "off")]
    secure = desk.behind_tls
    encrypted = desk.public_url.startswith("https://")
    findings = []
    if not loopback(desk.bind):
        text = f"open at {desk.bind} without encryption"
        remedy = "set desk.bind to 127.0.0.1 and put a reverse proxy with TLS in front (docs/install.md)"
        findings.append((warning if secure else problem)("Desk", text, remedy))
    else:
        findings.append(ok("Desk", f"at {desk.bind} only; others come through a proxy"))
    if encrypted and not secure:
        findings.append(
            problem("Cookies of the desk", "browsers would send them without TLS too", "set desk.behind_tls to true: public_url is https")
        )
    elif desk.public_url and not encrypted and not loopback(desk.public_url.split("//", 1)[1].split("/")[0].rsplit(":", 1)[0]):
        findings.append(
            problem("Cookies of the desk", f"{desk.public_url} is not encrypted", "let people come by https, and set desk.behind_tls")
        )
    else:
        findings.append(ok("Cookies of the desk", "HTTPS only" if secure else "HttpOnly, SameSite; on this machine TLS is not needed"))
    wide = [address for address in desk.trusted_proxies if address.endswith("/0")]
    if wide:
        findings.append(
            problem(
                "Proxies of the desk",
                f"{', '.join(wide)}: anybody may claim any address",
                "name the proxies' own addresses in desk.trusted_proxies",
            )
        )
    return findings


def _control(token: str) -> Finding:
    name = "Control of live calls"
    if not token:
        return ok(name, "closed: nothing runs")
    if len(token) < 32 or len(set(token)) < 10:
        return problem(name, "its token could be guessed", "take control_token out of secrets.json, or give a longer one, and restart")
    return ok(name, "on this machine only, by a random token")
