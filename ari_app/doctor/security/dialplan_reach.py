"""What a call from outside can get the dialplan to do. Walks the loaded dialplan from every place where such calls arrive."""

import re
from typing import Final

from ari_app.doctor.finding import Finding, ok, problem, warning
from ari_app.doctor.security.dialplan_text import Context, Dialplan, Step
from ari_app.doctor.security.dialplan_walk import Reached, inner, reachable, targets
from ari_app.doctor.security.evidence import Evidence
from ari_app.doctor.security.sip import trunks

OURS: Final = "patchcord-"
DIALS: Final = frozenset({"dial", "originate", "page", "followme", "disa", "externalivr", "transfer", "pickup", "chanspy", "extenspy"})
RUNS: Final = frozenset({"system", "trysystem", "agi", "eagi", "deadagi", "mixmonitor", "monitor", "record", "log", "dumpchan", "jack"})
_FUNCTIONS: Final = re.compile(r"\b(SHELL|FILE|CURL|ODBC_[A-Z_]+|REALTIME[A-Z_]*|DB_DELETE|AST_CONFIG)\(")
_OWN_AGI: Final = re.compile(r"^(agi://(127\.0\.0\.1|localhost|\[::1\])[:/]|patchcord[a-z_-]*)")
_FIXED_PHONE: Final = re.compile(r"^(PJSIP|SIP)/[A-Za-z0-9_-]+(&(PJSIP|SIP)/[A-Za-z0-9_-]+)*$")
_FILTERED: Final = re.compile(r"\$\{FILTER\([^,${}]*,\$\{[^{}]*\}[^{}]*\)(:[-\d:]+)?\}")
_FROM_CALLER: Final = re.compile(
    r"\$\{(CALLERID\((num|name|all|ani|dnid|rdnis|tag)|CONNECTEDLINE\(|REDIRECTING\(|PJSIP_HEADER\(read|PJSIP_HEADERS|SIP_HEADER|CHANNEL\(pjsip)"
)
_QUIET: Final = frozenset({"set", "noop", "verbose", "hangup", "endwhile", "while", "return", "userevent"})


def check(evidence: Evidence) -> list[Finding]:
    if not evidence.dialplan:
        return [warning("Dialplan", "could not be looked at", "run this where Asterisk's configuration can be read, as its user or root")]
    reached = [each for entry in entries(evidence) for each in reachable(evidence.dialplan, entry)]
    return [
        _dials(reached, evidence),
        _runs(reached),
        _leaves(reached),
        _cleaned(reached),
        _raw(reached),
        _falls_through(evidence.dialplan),
    ]


def entries(evidence: Evidence) -> list[str]:
    """Contexts in which calls from outside arrive: ours, and those of endpoints that need no password and are ours."""
    found = {"patchcord-numbers"}
    if (pjsip := evidence.conf.get("pjsip.conf")) is not None:
        ours = (each for each in trunks(pjsip) if not evidence.external or each.name.startswith(OURS))
        found |= {endpoint.get("context", "default") for endpoint in ours}
    return sorted(found & set(evidence.dialplan))


def _steps(reached: list[Reached]) -> list[tuple[Reached, Step]]:
    return [(each, step) for each in reached for step in (each.step, *inner(each.step))]


def _where(each: Reached) -> str:
    return f"{each.step.place or each.context} ({each.context},{each.extension}, reached from {each.entry})"


def _dials(reached: list[Reached], evidence: Evidence) -> Finding:
    name = "Dialling out from a call that came in"
    for each, step in _steps(reached):
        if step.app in DIALS and not (step.app == "dial" and _FIXED_PHONE.match(step.arguments.split(",")[0])):
            return problem(name, f"{step.app} at {_where(each)}", "take it out of what trunks reach: callers would dial at your cost")
    return ok(name, f"impossible: nothing that {', '.join(entries(evidence)) or 'a trunk'} leads to dials ({evidence.dialplan_from})")


def _runs(reached: list[Reached]) -> Finding:
    name = "Programs and files from a call"
    for each, step in _steps(reached):
        own = step.app in ("agi", "eagi") and _OWN_AGI.match(step.arguments)
        if (step.app in RUNS and not own) or _FUNCTIONS.search(step.arguments):
            return problem(name, f"{step.app} at {_where(each)}", "take it out of what trunks reach")
    return ok(name, "none")


def _leaves(reached: list[Reached]) -> Finding:
    name = "Ways out of our dialplan"
    found: set[str] = set()
    for each in reached:
        for context, _, _ in targets(each.step, each.context, each.extension):
            if "$" in context:
                found.add(f"a context named in the call, at {_where(each)}")
            elif each.context.startswith(OURS) and not context.startswith(OURS):
                found.add(f"[{context}] at {each.step.place or each.context}")
    if found:
        return warning(
            name, f"to {'; '.join(sorted(found)[:4])}", "make sure that nothing there dials out; what is above was followed into it"
        )
    return ok(name, "none")


def _cleaned(reached: list[Reached]) -> Finding:
    name = "The caller's id"
    for each in reached:
        if each.step.app in ("stasis", "queue") and not each.cleaned:
            return problem(
                name,
                f"comes to {each.step.app} as it was sent, at {_where(each)}",
                "begin the route with Gosub(patchcord-clean,s,1): line ends in a number forge events of the manager interface",
            )
    return ok(name, "is cleaned by FILTER before anything uses it")


def _raw(reached: list[Reached]) -> Finding:
    name = "What a caller sends, as part of instructions"
    for each, step in _steps(reached):
        left = _FILTERED.sub("", step.arguments)
        pattern = each.extension.startswith("_") and "${EXTEN" in left
        unsafe = _FROM_CALLER.search(left) or pattern
        inside = "$[" in left or step.app in DIALS | RUNS | {"exec", "tryexec", "goto", "gosub"}
        if unsafe and inside and not (each.cleaned and not pattern):
            return problem(
                name, f"{step.app} at {_where(each)}", "put FILTER() round it: quotes and brackets in it would be read as instructions"
            )
    return ok(name, "is filtered everywhere")


def _falls_through(dialplan: Dialplan) -> Finding:
    name = "When no worker is there"
    for title, context in dialplan.items():
        if title.startswith(OURS) and (place := _stuck(context)):
            return problem(
                name, f"the call ends after Stasis in {title}, {place}", "go on to patchcord-fallback when STASISSTATUS is FAILED"
            )
    return ok(name, "each call goes on to people")


def _stuck(context: Context) -> str:
    for extension, steps in context.extensions.items():
        for index, step in enumerate(steps):
            later = steps[index + 1 :]
            if step.app == "stasis" and all(each.app in _QUIET for each in later):
                return f"{extension} {step.arguments.split(',')[0]} {step.place}".strip()
    return ""
