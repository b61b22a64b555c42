"""Known holes of Asterisk versions, as of the date below. Whoever runs another version later has to read the vendor's list."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from ari_app.doctor.finding import Finding, ok, problem, warning
from ari_app.doctor.security.evidence import Evidence, numbers_of

AS_OF: Final = date(2026, 10, 1)
LIST: Final = "https://github.com/asterisk/asterisk/security/advisories"


@dataclass(frozen=True, slots=True)
class Advisory:
    """``fixed``: the first version of each branch without it."""

    name: str
    what: str
    fixed: tuple[tuple[int, int, int], ...]


ADVISORIES: Final = (
    Advisory("GHSA-wcvv-g26m-wx5c", "a read-only ARI user can act on calls", ((22, 10, 1),)),
    Advisory(
        "GHSA-vrfp-mg3q-3959",
        "variables set over ARI reach functions that touch files and the shell",
        ((20, 20, 1), (22, 10, 1), (23, 4, 1)),
    ),
)


def check(evidence: Evidence) -> list[Finding]:
    name = "Version of Asterisk"
    version = numbers_of(evidence.version)
    if not version:
        return [warning(name, "unknown", "start the instance, then run this again")]
    open_ = [each for each in ADVISORIES if affects(each, version)]
    if open_:
        told = "; ".join(f"{each.name}: {each.what}" for each in open_)
        return [problem(name, f"{evidence.version}: {told}", f"update Asterisk; all advisories: {LIST}")]
    return [ok(name, f"{evidence.version}: none of the {len(ADVISORIES)} advisories known here on {AS_OF}; the full list: {LIST}")]


def affects(advisory: Advisory, version: tuple[int, ...]) -> bool:
    """Only within branches for which the first good version is known: of others nothing is said."""
    return any(version[0] == fixed[0] and version < fixed for fixed in advisory.fixed)
