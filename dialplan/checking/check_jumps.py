"""Contexts, extensions, priorities and labels that are jumped to, and contexts that are included."""

import re
from collections.abc import Iterator

from .contexts import Step
from .expressions import is_fixed
from .finding import Finding
from .jumps import Jump, jumps
from .view import View, fault, nearest


def check(view: View) -> Iterator[Finding]:
    """Find jumps into nothing."""
    plan = view.dialplan
    for context in plan.contexts.values():
        for name, at in context.includes:
            if name not in plan.contexts and is_fixed(name) and not plan.unseen:
                yield fault(
                    at,
                    f"[{context.name}] includes the context '{name}', which does not exist{nearest(name, plan.contexts)}",
                    "Correct the name, define the context, or remove the line.",
                )
        for step in context.steps():
            for jump in jumps(step):
                yield from _jump(view, step, jump)
            if step.application.lower() in ("dial", "originate"):
                yield from local_channels(view, step)


def local_channels(view: View, step: Step) -> Iterator[Finding]:
    """Find ``Local/exten@context`` that leads nowhere."""
    for target in re.findall(r"Local/[^,&)]+", step.arguments):
        exten, at_sign, context = target.removeprefix("Local/").partition("@")
        context = context.partition("/")[0]
        if at_sign:
            yield from _jump(view, step, Jump(context, exten, "1"))


def place(view: View, step: Step, context: str, exten: str) -> Iterator[Finding]:
    """Find whether an extension that something of ``step`` names is there."""
    yield from _jump(view, step, Jump(context, exten, "1"))


def _jump(view: View, step: Step, jump: Jump) -> Iterator[Finding]:
    plan = view.dialplan
    if not is_fixed(jump.context):
        return
    if jump.context not in plan.contexts:
        if not plan.unseen:
            yield fault(
                step.at,
                f"{step.application} leads to the context '{jump.context}', which does not exist{nearest(jump.context, plan.contexts)}",
                "Correct the name or define the context; a call that gets here is hung up.",
            )
        return
    if not is_fixed(jump.exten):
        return
    exten = step.exten if jump.exten == "" else jump.exten
    found = _own(view, step) if _is_own(step, jump, exten) else plan.find(jump.context, exten)
    if found is None:
        return
    if not found:
        known = [name for one in plan.reachable(jump.context) for name in one.extens]
        yield fault(
            step.at,
            f"{step.application} leads to extension '{exten}' of [{jump.context}], which does not exist{nearest(exten, known)}",
            f"Add the extension there, or correct the jump{_there_are(sorted(known))}.",
        )
        return
    priority = jump.priority.strip()
    if not is_fixed(priority) or priority.startswith(("+", "-")) or not priority or priority.lower() == "n":
        return
    if priority.isdigit():
        if int(priority) not in {one.priority for one in found}:
            yield fault(
                step.at,
                f"{step.application} leads to priority {priority} of extension '{exten}' of [{jump.context}], which has no such.",
                f"Use one of its {max(one.priority for one in found)} priorities, or better a label.",
            )
    elif priority not in {one.label for one in found}:
        labels = sorted({one.label for one in found if one.label})
        yield fault(
            step.at,
            f"{step.application} leads to the label '{priority}' of extension '{exten}' of [{jump.context}], which does not exist"
            f"{nearest(priority, labels)}",
            f"Add (…) with that name to a priority, or correct the jump{_there_are(labels)}.",
        )


def _there_are(names: list[str]) -> str:
    return f" (there are: {', '.join(names[:8])})" if names else ""


def _is_own(step: Step, jump: Jump, exten: str) -> bool:
    return jump.context == step.context and exten == step.exten


def _own(view: View, step: Step) -> list[Step]:
    return view.dialplan.contexts[step.context].extens[step.exten]
