"""How Asterisk and our processes run: as whom, and what is left behind when one dies."""

from pathlib import Path

from ari_app.doctor.finding import Finding, ok, problem, warning
from ari_app.doctor.security.evidence import Evidence, loopback

_PATTERN = Path("/proc/sys/kernel/core_pattern")


def check(evidence: Evidence) -> list[Finding]:
    return [*_options(evidence), _user(evidence)]


def _options(evidence: Evidence) -> list[Finding]:
    asterisk = evidence.conf.get("asterisk.conf")
    if asterisk is None:
        return []
    options = asterisk.named("options")
    findings = []
    name = "live_dangerously"
    if options.on("live_dangerously"):
        findings.append(
            problem(name, "yes: AMI and ARI reach the shell and files through SHELL() and FILE()", "set it to no in asterisk.conf")
        )
    else:
        findings.append(ok(name, "no"))
    programs = [place for conf in evidence.conf.values() for place in conf.executes]
    if options.on("execincludes") and programs:
        findings.append(
            warning("Programs in configuration", f"#exec at {', '.join(programs[:3])}", "write the file instead, and set execincludes = no")
        )
    if options.on("dumpcore"):
        findings.append(
            warning(
                "Core dumps",
                f"on ({_pattern()}): they hold passwords and voices",
                "set dumpcore = no in asterisk.conf; on only while a fault is looked for",
            )
        )
    else:
        findings.append(ok("Core dumps", "off"))
    return findings


def _pattern() -> str:
    try:
        return _PATTERN.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return "place unknown"


def _user(evidence: Evidence) -> Finding:
    name = "Running as root"
    root = sorted(process for process, user in evidence.user_ids.items() if user == 0)
    if not evidence.user_ids:
        return warning(name, "nothing runs, so nobody can tell", "start it with ./patchcord up and run this again")
    if not root:
        return ok(name, "nothing does")
    exposed = not loopback(evidence.settings.sip.bind) or not loopback(evidence.settings.desk.bind)
    grade = problem if exposed else warning
    return grade(name, ", ".join(root), "run it as a user of its own (docs/install.md has systemd units and images that do)")
