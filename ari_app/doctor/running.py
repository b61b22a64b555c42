"""What a running instance says of itself. Pure: its /status answer goes in, findings come out."""

from collections.abc import Mapping
from typing import Any

from ari_app.doctor.finding import Finding, ok, problem, warning

OLDEST_ASTERISK = 20


def service(status: Mapping[str, Any]) -> list[Finding]:
    """Readiness, versions and the database."""
    if status.get("ready"):
        findings = [ok("Worker", "ready")]
    else:
        reasons = "; ".join(str(reason) for reason in status.get("reasons", [])) or "no reason given"
        findings = [problem("Worker", f"not ready: {reasons}", "wait some seconds; if it stays, read DATA/logs/mind.log")]
    resting = status.get("maintenance", {})
    if resting.get("on"):
        why = f": {resting['reason']}" if resting.get("reason") else ""
        findings.append(warning("Maintenance", f"new calls go to the queue{why}", "end it with ./patchcord maintenance off"))
    findings.append(_asterisk(str(status.get("versions", {}).get("asterisk", ""))))
    pending = int(status.get("records_pending", 0))
    if status.get("database") == "up":
        findings.append(ok("PostgreSQL", f"up, {pending} records waiting"))
    else:
        findings.append(
            problem("PostgreSQL", f"away, {pending} records kept on disk", "check database.url, or DATA/postgres/log for the embedded one")
        )
    return findings


def _asterisk(version: str) -> Finding:
    major = version.split(".", 1)[0]
    if not major.isdecimal():
        return warning("Asterisk", f"version '{version}' is not understood", "run it with a released version, 20 or newer")
    if int(major) < OLDEST_ASTERISK:
        return problem("Asterisk", f"{version} is too old", "install 20 or newer, or set asterisk.source to packages")
    return ok("Asterisk", version)


def priority(preferred: Mapping[str, bool]) -> Finding:
    """Whether the processes that send packets, by name, have real-time scheduling; those that are not meant to are not among them."""
    delayed = [name for name, has_it in preferred.items() if not has_it]
    if not delayed:
        return ok("Priority of packets", f"{', '.join(sorted(preferred))} before all other programs")
    remedy = "let them have it: LimitRTPRIO=11 in the unit of systemd, ulimit -r 11 in a shell; or give them a machine of their own"
    return warning("Priority of packets", f"other programs may delay those of {', '.join(sorted(delayed))}", remedy)


def desk(answer: Mapping[str, Any] | None, url: str) -> Finding:
    """``answer`` of its /healthz; None when nothing answers."""
    if answer is not None and answer.get("ready"):
        return ok("Desk", url)
    state = "does not answer" if answer is None else "is not ready"
    return problem("Desk", f"{url} {state}", "read DATA/logs/desk.log; calls go on without it")


def modules(missing: list[str]) -> Finding:
    if not missing:
        return ok("Asterisk modules", "all that are needed are loaded")
    return problem("Asterisk modules", f"not loaded: {', '.join(missing)}", "install the package that carries them, then restart")


def echo(*, heard_frames: int, sent_frames: int, delay_ms: float | None, failure: str = "") -> Finding:
    """Judges the echo call: number 101, through Asterisk and the media process and back."""
    name = "Audio path"
    if failure:
        return problem(name, f"the echo call failed: {failure}", "read DATA/logs/mind.log and DATA/asterisk/log/full")
    if heard_frames == 0 or delay_ms is None:
        return problem(name, "the echo call was answered but nothing came back", "check that a firewall lets UDP pass on the RTP ports")
    lost = 100 * max(sent_frames - heard_frames, 0) / max(sent_frames, 1)
    detail = f"echo after {delay_ms:.0f} ms, {lost:.1f} % of {sent_frames} frames lost"
    if delay_ms > 150 or lost > 3:
        return warning(name, detail, "the machine is overloaded: fewer calls at once (calls.max_calls), or a faster machine")
    return ok(name, detail)
