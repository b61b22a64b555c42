"""Makes a copy of somebody's configuration harmless: it binds to loopback, registers nowhere, qualifies nobody and runs no programs.

Lines are changed in place, never added or removed in between, so that what Asterisk says of a line holds for the original too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dialplan.checking.finding import Place
from dialplan.checking.reading import Section, read

_OURS = frozenset(
    f"{name}.conf"
    for name in (
        *("asterisk", "modules", "logger", "http", "extconfig", "sorcery", "cdr", "cel", "ccss", "cli", "cli_permissions", "cli_aliases"),
        *("codecs", "dnsmgr", "hep", "indications", "pjproject", "stasis", "statsd", "udptl", "websocket_client", "users"),
        *("prometheus", "geolocation", "stir_shaken", "pjsip_wizard", "pjsip_notify", "phoneprov"),
    )
)
"""Files of which the scratch instance has its own: they only say where things are kept, or reach out."""

_ENTRY = re.compile(r"^(\s*)([\w./-]+)(\s*\+?=>?\s*)(.*)$")
_INCLUDE = re.compile(r"""^(\s*#(?:try)?include\s+["<]?)([^">\s]+)(.*)$""")
_HOST_KEYS = {"match", "external_media_address", "external_signaling_address", "outbound_proxy", "source_address", "media_address"}
_DOCUMENTATION_ADDRESS = "192.0.2.1"  # RFC 5737: reserved; nothing is ever sent to it
_REACHING_OUT = {"registration", "outbound-publish", "phoneprov", "acl"}
_NO_SECTION = Section("", Place("pjsip.conf", 0))
_ADDRESS = re.compile(r"[\d./]+|[\da-fA-F:./]*:[\da-fA-F:./]*")


@dataclass(frozen=True, slots=True)
class ScratchPlace:
    """Where the copy will lie and what it may use."""

    etc: Path
    root: str
    """The folder that the original was read from."""
    music: Path
    ports: tuple[int, ...]
    """Free ports for transports, at least as many as there are."""
    ami_port: int
    ami_secret: str


ADMIN = "patchcord-scratch"
"""AMI user of the scratch instance."""


def harmless(files: Mapping[str, str], place: ScratchPlace) -> dict[str, str]:
    """Return the files to write below ``place.etc``."""
    kept = {name: text for name, text in files.items() if name not in _OURS and not re.match(r"(cdr|cel)_|res_(?!parking|fax)", name)}
    renamed = {name: f"outside/{number}.conf" if name.startswith("/") else name for number, name in enumerate(kept)}
    sip = _SipLines(files, place)
    made = {}
    for name, text in kept.items():
        lines = [_line(line, place, renamed) for line in text.splitlines()]
        lines = [sip.line(name, number, line) for number, line in enumerate(lines, 1)]
        if name == "musiconhold.conf":
            lines = [_music(line, place) for line in lines]
        if name == "rtp.conf":
            lines = [_commented(line) if re.match(r"\s*(stun|turn)", line) else line for line in lines]
        made[renamed[name]] = "\n".join(lines) + "\n"
    general = "[general](+)" if read(files, "manager.conf", place.root).named("general") else "[general]"
    made["manager.conf"] = made.get("manager.conf", "") + (
        f"\n{general}\nenabled = yes\nwebenabled = no\ntlsenable = no\nbindaddr = 127.0.0.1\nport = {place.ami_port}\n"
        f"[{ADMIN}]\nsecret = {place.ami_secret}\nread = reporting\nwrite = system,reporting\n"
    )
    return made


def _commented(line: str) -> str:
    return f"; {line.lstrip()}"


def _line(line: str, place: ScratchPlace, renamed: Mapping[str, str]) -> str:
    if re.match(r"\s*#\s*exec\b", line):
        return _commented(line)
    match = _INCLUDE.match(line)
    if match is None:
        return line
    path = match[2]
    if place.root and path.startswith(f"{place.root}/"):
        path = path.removeprefix(f"{place.root}/")
    elif path in renamed:
        path = str(place.etc / renamed[path])
    return f"{match[1]}{path}{match[3]}"


def _music(line: str, place: ScratchPlace) -> str:
    match = _ENTRY.match(line)
    if match is None:
        return line
    key, value = match[2].lower(), match[4].partition(";")[0].strip()
    if key == "application":
        return _commented(line)
    if key == "mode" and value.lower() not in ("files", "playlist"):
        return f"{match[1]}mode = files"
    if key == "directory" and not (value.startswith("/") and Path(value).is_dir()):
        return f"{match[1]}directory = {place.music}"
    return line


class _SipLines:
    """Rewrites the lines of pjsip.conf and what it includes."""

    def __init__(self, files: Mapping[str, str], place: ScratchPlace) -> None:
        self._reading = read(files, "pjsip.conf", place.root)
        self._headers = {(section.at.file, section.at.line): section for section in self._reading.sections}
        self._files = {"pjsip.conf", *self._reading.includes}
        self._ports: dict[str, int] = {}
        self._place = place
        self._section = _NO_SECTION

    def line(self, name: str, number: int, line: str) -> str:
        if name not in self._files:
            return line
        if line.lstrip().startswith("["):
            self._section = self._headers.get((name, number)) or self._added_to(line)
        if not line.strip() or line.lstrip()[0] in ";#":
            return line
        if self._section.value("type").lower() in _REACHING_OUT:
            return _commented(line)
        match = _ENTRY.match(line)
        return line if match is None else self._entry(self._section, line, match)

    def _added_to(self, header: str) -> Section:
        """Return the section that ``[name](+)`` adds to; one that reaches out before others of that name."""
        name = header.strip().removeprefix("[").partition("]")[0]
        found = [section for section in self._reading.sections if section.name == name]
        return next((one for one in found if one.value("type").lower() in _REACHING_OUT), found[0] if found else _NO_SECTION)

    def _entry(self, section: Section, line: str, match: re.Match[str]) -> str:
        key, value = match[2].lower(), match[4].partition(";")[0].strip()
        start = f"{match[1]}{match[2]}{match[3]}"
        if key == "bind":
            return f"{start}127.0.0.1:{self._port(value)}"
        if key == "qualify_frequency":
            return f"{start}0"
        if key == "contact":
            return f"{start}sip:{_DOCUMENTATION_ADDRESS}:9"
        if key in ("cert_file", "priv_key_file", "ca_list_file", "ca_list_path", "dtls_cert_file", "dtls_private_key", "dtls_ca_file"):
            return line if Path(value).exists() else _commented(line)
        if key == "protocol" and section.value("type").lower() == "transport" and value.lower() == "tls" and not _has_certificate(section):
            return f"{start}tcp"
        if key in _HOST_KEYS and any(part.strip() and not _ADDRESS.fullmatch(part.strip()) for part in value.split(",")):
            return f"{start}{_DOCUMENTATION_ADDRESS}"
        return line

    def _port(self, bind: str) -> int:
        """The same bind gets the same port, so that two transports in conflict stay in conflict."""
        if bind not in self._ports:
            self._ports[bind] = self._place.ports[len(self._ports) % len(self._place.ports)]
        return self._ports[bind]


def _has_certificate(section: Section) -> bool:
    return bool(section.value("cert_file")) and Path(section.value("cert_file")).exists()
