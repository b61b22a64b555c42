"""What is for trying out and must not meet real callers."""

from pathlib import Path

from ari_app.doctor.finding import Finding, ok, problem, warning
from ari_app.doctor.security.evidence import Evidence, loopback


def check(evidence: Evidence) -> list[Finding]:
    demo = evidence.settings.agents.demo
    exposed = evidence.external or not loopback(evidence.settings.sip.bind)
    findings = []
    if demo.test:
        findings.append(
            problem("Demo shop's test pages", "they show one-time codes to anybody on this machine", "set agents.demo.test to false")
        )
    if demo.enabled and exposed:
        findings.append(
            warning(
                "Demo shop",
                "its invented customers and orders are served to real callers",
                "set agents.demo.enabled to false and name your own agents",
            )
        )
    elif not findings:
        findings.append(ok("Demo shop", "on, on this machine only" if demo.enabled else "off"))
    if not evidence.settings.agents.folder and exposed and not _own(evidence.data):
        findings.append(
            warning(
                "Agents", "only the shipped ones, which speak for an invented shop", "write your own and name their folder in agents.folder"
            )
        )
    return findings


def _own(data: Path) -> bool:
    return any((data / "agents").glob("*.yaml"))
