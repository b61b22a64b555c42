"""What Patchcord's own part needs: the lines that include it, untouched files, the dead-man timer, agents that exist."""

from collections.abc import Iterator, Sequence

from ..words import DRAFT_ROUTE
from .contexts import Context, Step
from .expressions import is_fixed, split
from .finding import Finding, Place
from .jumps import calls
from .seal import is_changed
from .view import View, fault, nearest

_FOLDER = "patchcord.d/"


def check(view: View) -> Iterator[Finding]:
    """Find what would leave callers without an answer."""
    yield from _included(view)
    yield from _changed(view)
    for context in view.dialplan.contexts.values():
        yield from _stasis(view, context)
    yield from _agents(view)


def _included(view: View) -> Iterator[Finding]:
    for path in sorted(name for name in view.files if name.startswith(_FOLDER) and name.endswith(".conf")):
        name = path.removeprefix(_FOLDER)
        reading = view.config(name)
        if "/" in name or path in reading.includes or reading.unseen:
            continue
        where = next((other for other in sorted(view.files) if other != name and path in view.config(other).includes), "")
        remedy = f'Add the line #tryinclude "{path}" at the end of {name}, or run: ./patchcord dialplan apply --add-includes'
        wrong = (
            f"{path} is included by {where}, but not by {name}, which reads it."
            if where and "/" not in where
            else f"Nothing in {name} includes {path}."
        )
        yield fault(view.config(where).includes[path] if where and "/" not in where else Place(name, 0), wrong, remedy)


def _changed(view: View) -> Iterator[Finding]:
    for path, text in sorted(view.files.items()):
        if path.startswith(_FOLDER) and is_changed(text):
            yield fault(
                Place(path, len(text.splitlines())),
                "This file was edited by hand after Patchcord wrote it; the next apply would undo that.",
                "Put the change into routes.yaml, trunks.yaml or a file of your own, then run: ./patchcord dialplan apply --overwrite",
            )


def _is_ours(view: View, step: Step) -> bool:
    worker = view.around.worker
    if step.application.lower() != "stasis" or worker is None:
        return False
    app = split(step.arguments)[0].strip()
    return "PATCHCORD" in app or app == worker.app or app.startswith(f"{worker.app}-")


def _stasis(view: View, context: Context) -> Iterator[Finding]:
    for exten, steps in context.extens.items():
        for step in (one for one in steps if _is_ours(view, one)):
            timers = [one for one in context.steps() if _timer(one)]
            before = [one for one in steps if _timer(one) and one.priority < step.priority]
            elsewhere = [one for one in timers if one.exten != exten]
            if not before and not elsewhere:
                yield fault(
                    step.at,
                    f"No dead-man timer runs at Stasis() in [{context.name}]: if the worker dies, the caller hears silence.",
                    "Put Set(TIMEOUT(absolute)=6) before it.",
                )
            if not any(one.priority > step.priority for one in steps):
                yield fault(
                    step.at,
                    f"Nothing follows Stasis() in [{context.name}]: without a worker the caller is hung up on.",
                    'Add GotoIf($["${STASISSTATUS}" = "FAILED"]?patchcord-fallback,s,1) after it.',
                )
            elif not _falls_through(steps, step):
                yield fault(
                    step.at,
                    f"After Stasis() in [{context.name}] the call only ends: without a worker the caller is hung up on.",
                    'Add GotoIf($["${STASISSTATUS}" = "FAILED"]?patchcord-fallback,s,1) after it.',
                )
            if (
                (before or elsewhere)
                and "T" not in context.extens
                and not any("T" in one.extens for one in view.dialplan.reachable(context.name))
            ):
                yield fault(
                    step.at,
                    f"[{context.name}] has no extension T, where the dead-man timer sends the call.",
                    "Add: exten => T,1,Goto(patchcord-fallback,s,1)",
                )


def _timer(step: Step) -> bool:
    text = step.arguments.replace(" ", "")
    return step.application.lower() == "set" and text.startswith("TIMEOUT(absolute)=") and text.partition("=")[2] not in ("", "0")


def _falls_through(steps: Sequence[Step], stasis: Step) -> bool:
    after = sorted((one for one in steps if one.priority > stasis.priority), key=lambda one: one.priority)
    for step in after:
        if step.application.lower() in ("gotoif", "goto", "gosub", "gosubif", "queue", "dial", "execif", "playback", "voicemail", "stasis"):
            return True
        if step.application.lower() in ("hangup", "return"):
            return False
    return False


def _agents(view: View) -> Iterator[Finding]:
    worker = view.around.worker
    if worker is None or worker.agents is None:
        return
    for step in view.dialplan.steps():
        for call in calls(step):
            name, equals, value = call.arguments.partition("=")
            if call.application.lower() != "set" or not equals or name.strip().lstrip("_") != "PATCHCORD_ROUTE":
                continue
            agent = value.strip()
            if agent and is_fixed(agent) and agent != DRAFT_ROUTE and agent not in worker.agents:
                yield fault(
                    step.at,
                    f"There is no agent '{agent}'{nearest(agent, worker.agents)}",
                    "Correct the name, or add the agent; './patchcord agents list' shows them.",
                )
