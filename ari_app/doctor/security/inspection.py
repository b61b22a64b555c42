"""All checks, in the order in which they are told."""

from ari_app.doctor.finding import Finding, warning
from ari_app.doctor.security import (
    advisories,
    asterisk_process,
    asterisk_users,
    database,
    demo,
    dialplan_reach,
    http_server,
    pages,
    secret_files,
    sip,
    stored_files,
)
from ari_app.doctor.security.evidence import Evidence


def inspect(evidence: Evidence, control_token: str) -> list[Finding]:
    """``control_token``: as for ``pages.check``."""
    return [
        *(warning("Asterisk's configuration", reason, "what stands there was not looked at") for reason in evidence.unreadable),
        *secret_files.check(evidence),
        *asterisk_users.check(evidence),
        *http_server.check(evidence),
        *sip.check(evidence),
        *dialplan_reach.check(evidence),
        *asterisk_process.check(evidence),
        *pages.check(evidence, control_token),
        *database.check(evidence),
        *stored_files.check(evidence),
        *demo.check(evidence),
        *advisories.check(evidence),
    ]
