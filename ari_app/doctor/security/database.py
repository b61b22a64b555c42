"""The way to PostgreSQL."""

from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from ari_app.doctor.finding import Finding, ok, problem, warning
from ari_app.doctor.security.evidence import Evidence, loopback

_ENCRYPTED: Final = frozenset({"require", "verify-ca", "verify-full"})
_NAME: Final = "Way to the database"


def check(evidence: Evidence) -> list[Finding]:
    url = evidence.settings.database.url
    if not url:
        return [ok(_NAME, "a socket in the data directory")]
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    host = query.get("host", [unquote(parts.hostname or "")])[0]
    mode = query.get("sslmode", ["prefer"])[0]
    if not host or host.startswith("/") or loopback(host):
        return [ok(_NAME, "stays on this machine")]
    if mode not in _ENCRYPTED:
        return [problem(_NAME, f"to {host} without TLS being required (sslmode={mode})", "add sslmode=verify-full to database.url")]
    if mode != "verify-full":
        return [
            warning(
                _NAME, f"encrypted, but {host} could be another (sslmode={mode})", "add sslmode=verify-full and sslrootcert to database.url"
            )
        ]
    return [ok(_NAME, f"encrypted, {host} is checked")]
