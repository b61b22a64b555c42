"""How Patchcord comes in: ARI, AMI, HTTP, and whether secrets can be read by others."""

import ipaddress
from collections.abc import Iterator

from .finding import Finding, Place
from .reading import Reading, Section
from .surroundings import Worker
from .view import View, fault, nearest

_YES = {"yes", "true", "y", "t", "1", "on"}
_READ = {"call", "agent", "user"}
_WRITE = {"call", "agent"}
_SECRET_KEYS = {"secret", "password", "md5_cred", "md5secret"}
_OTHERS_READ = 0o004


def check(view: View) -> Iterator[Finding]:
    """Find what keeps the worker out, or lets others in."""
    yield from view.config("ari.conf").faults
    yield from view.config("manager.conf").faults
    yield from view.config("http.conf").faults
    yield from _cut_secrets(view)
    yield from _readable(view)
    worker = view.around.worker
    if worker is not None:
        yield from _http(view, worker)
        yield from _ari(view, worker)
        yield from _ami(view, worker)


def _general(reading: Reading) -> Section:
    return reading.named("general") or Section("general", Place(reading.file, 0))


def _on(section: Section, key: str, default: str) -> bool:
    return section.value(key, default).lower() in _YES


def _at(section: Section, key: str) -> Place:
    entry = section.get(key)
    return entry.at if entry is not None else section.at


def _http(view: View, worker: Worker) -> Iterator[Finding]:
    general = _general(view.config("http.conf"))
    if not _on(general, "enabled", "no"):
        yield fault(
            _at(general, "enabled"), "Asterisk's HTTP server is off, and ARI with it.", "Write enabled = yes below [general] in http.conf."
        )
    port = general.value("bindport", "8088")
    if worker.http_port and port != str(worker.http_port):
        yield fault(
            _at(general, "bindport"),
            f"Asterisk's HTTP server is on port {port}, but Patchcord looks for ARI on {worker.http_port}.",
            f"Set asterisk.http_port to {port} in patchcord.yaml.",
        )
    manager = _general(view.config("manager.conf"))
    if port == manager.value("port", "5038"):
        yield fault(_at(manager, "port"), f"AMI and the HTTP server both want TCP port {port}.", "Give one of them another port.")
    if view.around.modules is not None and (place := view.loads.missing(("res_ari",))):
        yield fault(
            place, "The module res_ari is not loaded.", "Write 'load = res_ari.so' and the other res_ari_… modules into modules.conf."
        )


def _ari(view: View, worker: Worker) -> Iterator[Finding]:
    reading = view.config("ari.conf")
    general = _general(reading)
    if not _on(general, "enabled", "yes"):
        yield fault(_at(general, "enabled"), "ARI is off.", "Write enabled = yes below [general] in ari.conf.")
    users = {section.name: section for section in reading.plain() if section.name != "general"}
    user = users.get(worker.ari_user)
    if user is None:
        yield fault(
            Place("ari.conf", 0),
            f"ARI has no user '{worker.ari_user}', by which Patchcord comes{nearest(worker.ari_user, users)}",
            'Add the line #tryinclude "patchcord.d/ari.conf" to ari.conf, or correct the name.',
        )
        return
    if user.value("type").lower() != "user":
        yield fault(user.at, f"The ARI user '{user.name}' lacks type = user, so Asterisk does not take it for one.", "Add type = user.")
    if _on(user, "read_only", "no"):
        yield fault(_at(user, "read_only"), f"The ARI user '{user.name}' may only read, so it can answer no call.", "Write read_only = no.")
    if worker.ari_password and user.value("password_format", "plain") == "plain" and user.value("password") != worker.ari_password:
        yield fault(
            _at(user, "password"),
            f"The password of the ARI user '{user.name}' is not the one that Patchcord has.",
            "Run: ./patchcord dialplan apply",
        )


def _ami(view: View, worker: Worker) -> Iterator[Finding]:
    reading = view.config("manager.conf")
    general = _general(reading)
    if not _on(general, "enabled", "no"):
        yield fault(_at(general, "enabled"), "The manager interface is off.", "Write enabled = yes below [general] in manager.conf.")
    port = general.value("port", "5038")
    if worker.ami_port and port != str(worker.ami_port):
        yield fault(
            _at(general, "port"),
            f"AMI is on port {port}, but Patchcord looks for it on {worker.ami_port}.",
            f"Set asterisk.ami_port to {port} in patchcord.yaml.",
        )
    users = {section.name: section for section in reading.plain() if section.name != "general"}
    user = users.get(worker.ami_user)
    if user is None:
        yield fault(
            Place("manager.conf", 0),
            f"AMI has no user '{worker.ami_user}', by which Patchcord comes{nearest(worker.ami_user, users)}",
            'Add the line #tryinclude "patchcord.d/manager.conf" to manager.conf, or correct the name.',
        )
        return
    if worker.ami_password and user.value("secret") != worker.ami_password:
        yield fault(
            _at(user, "secret"),
            f"The secret of the AMI user '{user.name}' is not the one that Patchcord has.",
            "Run: ./patchcord dialplan apply",
        )
    yield from _privileges(user, "read", _READ, "its events")
    wanted = _WRITE | ({"system"} if worker.record else set())
    yield from _privileges(user, "write", wanted, "heartbeat, queues" + (" and recording" if worker.record else ""))
    if not _permitted(user, worker.address):
        yield fault(
            _at(user, "permit"),
            f"The AMI user '{user.name}' may not come from {worker.address}, where Patchcord runs.",
            f"Add permit = {worker.address}/255.255.255.255.",
        )


def _privileges(user: Section, key: str, wanted: set[str], what: str) -> Iterator[Finding]:
    given = {word.lower() for word, _ in user.words(key)}
    lacking = sorted(wanted - given)
    if lacking and "all" not in given:
        yield fault(
            _at(user, key),
            f"The AMI user '{user.name}' lacks {', '.join(lacking)} in '{key}', which Patchcord needs for {what}.",
            f"Write {key} = {','.join(sorted(given | wanted))}.",
        )


def _permitted(user: Section, address: str) -> bool:
    """Later rules win (acl.conf); the first rule sets what holds for addresses that none names."""
    allowed = True
    for entry in user.entries:
        if entry.name.lower() in ("deny", "permit"):
            try:
                inside = ipaddress.ip_address(address) in ipaddress.ip_network(entry.value.strip(), strict=False)
            except ValueError:
                continue
            if inside:
                allowed = entry.name.lower() == "permit"
    return allowed


def _cut_secrets(view: View) -> Iterator[Finding]:
    for file in ("ari.conf", "manager.conf", "pjsip.conf"):
        for section in view.config(file).sections:
            for entry in section.entries:
                if entry.cut and entry.name.lower() in _SECRET_KEYS:
                    yield fault(
                        entry.at,
                        f"The {entry.name} of [{section.name}] ends at its semicolon, where a comment begins.",
                        "Write \\; for a semicolon that belongs to it.",
                    )


def _readable(view: View) -> Iterator[Finding]:
    for file, mode in sorted(view.around.modes.items()):
        if not mode & _OTHERS_READ or not file.startswith("patchcord.d/"):
            continue
        for section in (found for name in ("ari.conf", "manager.conf", "pjsip.conf") for found in view.config(name).sections):
            secret = next((entry for entry in section.entries if entry.name.lower() in _SECRET_KEYS and entry.at.file == file), None)
            if secret is not None:
                yield fault(
                    secret.at,
                    f"Every user of this machine can read the {secret.name} here (mode {mode & 0o777:o}).",
                    f"Run: chmod o-rwx {file}",
                )
                break
