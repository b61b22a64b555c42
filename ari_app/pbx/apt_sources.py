"""Which mirror and which suite the packages come from: always the user's own mirror, never a host of ours.

Debian stable carries no Asterisk, Debian unstable does; every Debian mirror carries both. Ubuntu and other derivatives carry
Asterisk in their own suites, so there the user's configuration is used as it stands.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .errors import PackageError

INDEX_FORMAT = "$(SITE)|$(RELEASE)|$(COMPONENT)"
DEBIAN_SUITE = "sid"
DEBIAN_COMPONENTS = ("main", "non-free")  # non-free: RHVoice's English, whose trained voice data cannot be rebuilt from scripts
DEBIAN_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@dataclass(frozen=True, slots=True)
class IndexTarget:
    """One package index of the user's apt configuration."""

    site: str
    release: str
    component: str


def parse_index_targets(text: str) -> list[IndexTarget]:
    """Read the output of ``apt-get indextargets --format INDEX_FORMAT``, without duplicates, in its order."""
    found: dict[IndexTarget, None] = {}
    for line in text.splitlines():
        parts = line.strip().split("|")
        if len(parts) == 3 and ":/" in parts[0]:
            found[IndexTarget(*parts)] = None
    return list(found)


def debian_site(targets: Iterable[IndexTarget]) -> str:
    """Pick the mirror that carries the whole of Debian.

    Security archives, point archives of other vendors and flat repositories do not: the first site whose release is a
    plain Debian suite with component ``main`` is the mirror.

    Raises:
        PackageError: the configuration names no such mirror.
    """
    candidates = [target for target in targets if target.component == "main" and not _is_partial(target)]
    if not candidates:
        raise PackageError(
            "apt's configuration names no Debian mirror (apt-get indextargets shows no component 'main'). "
            "Add one to /etc/apt/sources.list.d, or install Asterisk 20 or newer yourself and set asterisk.source to 'system'."
        )
    named_debian = [target for target in candidates if target.site.rstrip("/").endswith("/debian")]
    return (named_debian or candidates)[0].site


def _is_partial(target: IndexTarget) -> bool:
    return "security" in target.release or "security" in target.site or target.release.endswith(("-updates", "-backports"))


def debian_sources(site: str, architecture: str, keyring: Path) -> str:
    """Write the private deb822 source list: unstable of the user's mirror, package indexes only."""
    lines = [
        "Types: deb",
        f"URIs: {site}",
        f"Suites: {DEBIAN_SUITE}",
        f"Components: {' '.join(DEBIAN_COMPONENTS)}",
        f"Architectures: {architecture}",
        "Targets: Packages",
    ]
    if keyring.exists():
        lines.append(f"Signed-By: {keyring}")
    return "\n".join(lines) + "\n"


def is_debian(os_release: str) -> bool:
    """Tell from /etc/os-release whether this is Debian itself (a derivative says so in ID_LIKE, not in ID)."""
    fields = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    return fields.get("ID", "").strip("\"'") == "debian"
