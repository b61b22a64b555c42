"""Who may come to Asterisk by ARI and AMI, from where, and what they may do there."""

from typing import Final

from ari_app.doctor.finding import Finding, ok, problem, warning
from ari_app.doctor.security.conf_file import ConfFile, Section
from ari_app.doctor.security.evidence import Evidence, loopback
from ari_app.doctor.security.secret_files import LEAST_BITS, bits

_OURS: Final = ("patchcord",)
_DANGEROUS: Final = frozenset({"all", "command", "originate", "config", "system", "dialplan"})
"""AMI classes with which somebody could dial out, change files or run programs."""
_OF_SYSTEM: Final = frozenset({"GetConfig", "Reload", "ModuleLoad", "DBPut", "DialplanExtensionAdd"})
"""What the class ``system`` brings along, which recording needs, and reloading."""
_TOO_MUCH: Final = _OF_SYSTEM | {"Originate", "Command", "UpdateConfig", "CreateConfig"}
_RELOADS: Final = "patchcord-admin"


def check(evidence: Evidence) -> list[Finding]:
    findings = [_way(evidence)] if evidence.external else []
    if (ari := evidence.conf.get("ari.conf")) is not None:
        findings += [_ari(ari)]
    if (manager := evidence.conf.get("manager.conf")) is not None:
        findings += [_ami_place(manager), *_ami_users(manager, evidence)]
    if evidence.ami_actions is not None:
        findings.append(_asked(evidence.ami_actions, evidence.settings.calls.record))
    return findings


def _way(evidence: Evidence) -> Finding:
    name, host = "Way to Asterisk", evidence.settings.asterisk.host
    if loopback(host):
        return ok(name, "stays on this machine")
    return warning(
        name,
        f"ARI and AMI go to {host} in the clear, passwords included",
        "run Patchcord on Asterisk's machine, or let a tunnel such as WireGuard or an own cable carry it",
    )


def _ari(ari: ConfFile) -> Finding:
    name = "ARI users"
    users = [section for section in ari.real() if section.get("type") == "user" or section.get("password")]
    for user in users:
        if _weak(user, "password"):
            return problem(name, f"the password of [{user.name}] could be guessed", "give it 20 random characters in ari.conf")
    if "*" in ari.named("general").get("allowed_origins"):
        return problem(name, "allowed_origins = * lets any web page use ARI", "take the line out of ari.conf")
    writing = [user.name for user in users if not user.on("read_only")]
    others = [user for user in writing if user not in _OURS and not user.startswith("patchcord")]
    if others:
        return warning(name, f"besides ours, {', '.join(others)} may act on calls", "set read_only = yes for those that only look")
    return ok(name, f"{len(users)}; acting: {', '.join(writing) or 'none'}")


def _weak(user: Section, key: str) -> bool:
    secret = user.get(key)
    # Another format than plain is a hash, of which nothing can be said.
    return user.get("password_format", "plain") == "plain" and bits(secret) < LEAST_BITS


def _ami_place(manager: ConfFile) -> Finding:
    name, general = "AMI's port", manager.named("general")
    if not general.on("enabled"):
        return ok(name, "closed")
    if general.on("webenabled"):
        return problem(name, "webenabled = yes opens AMI at the HTTP port too", "set webenabled = no in manager.conf")
    place = general.get("bindaddr", "0.0.0.0")  # noqa: S104 - Asterisk's own default, judged here
    if loopback(place):
        return ok(name, f"open at {place} only")
    return problem(
        name,
        f"open at {place} without encryption",
        "set bindaddr = 127.0.0.1 in manager.conf, or a private network's address and tlsenable = yes",
    )


def _ami_users(manager: ConfFile, evidence: Evidence) -> list[Finding]:
    users = [section for section in manager.real() if section.name != "general" and section.get("secret")]
    return [_ami_user(user, evidence) for user in users]


def _ami_user(user: Section, evidence: Evidence) -> Finding:
    name = f"AMI user {user.name}"
    ours = user.name.startswith("patchcord")
    grade = problem if ours else warning
    granted = {word.strip().lower() for key in ("read", "write") for word in user.get(key).split(",") if word.strip()}
    needs_system = user.name == _RELOADS or (ours and evidence.settings.calls.record)
    excess = (granted & _DANGEROUS) - ({"system"} if needs_system else set())
    if _weak(user, "secret"):
        return problem(name, "its secret could be guessed", "give it 20 random characters in manager.conf")
    if excess:
        return grade(
            name, f"may {', '.join(sorted(excess))}", "take these out of read and write in manager.conf: call,agent,user is enough"
        )
    if not (user.get("acl") or (user.get("deny") and user.get("permit"))):
        return grade(name, "may come from any address", "add deny = 0.0.0.0/0.0.0.0 and permit = 127.0.0.1/255.255.255.255 in manager.conf")
    return ok(name, f"{', '.join(sorted(granted)) or 'nothing'}; from {', '.join(user.all('permit')) or user.get('acl')}")


def _asked(actions: frozenset[str], record: bool) -> Finding:
    name = "What our AMI user may do"
    excess = sorted(actions & _TOO_MUCH)
    if record and excess and not set(excess) - _OF_SYSTEM:
        return warning(
            name, f"{', '.join(excess)}, as recording needs the class system", "set calls.record to false where nothing is recorded"
        )
    if excess:
        return problem(name, f"Asterisk grants {', '.join(excess)}", "give it read and write = call,agent,user only in manager.conf")
    return ok(name, f"{len(actions)} actions, none that dials out, runs programs or changes files")
