"""Queues of people: that they exist, that their members do, and how Queue() is called."""

from collections.abc import Iterator

from .contexts import Context, Step
from .expressions import is_fixed, split
from .finding import Finding, Place
from .jumps import calls
from .reading import Entry, Section
from .view import View, fault, nearest

_MACRO_REMOVED_IN = 21
_STRATEGIES = {"ringall", "leastrecent", "fewestcalls", "random", "rrmemory", "rrordered", "linear", "wrandom"}


def check(view: View) -> Iterator[Finding]:
    """Find calls of Queue() and queues that do not work."""
    yield from view.config("queues.conf").faults
    everywhere = view.realtime("queues") or view.config("queues.conf").unseen
    for step in view.dialplan.steps():
        for call in calls(step):
            if call.application.lower() == "queue":
                yield from _call(view, step, split(call.arguments), everywhere)
    for section in view.queues.values():
        yield from _queue(view, section)


def _call(view: View, step: Step, arguments: list[str], everywhere: bool) -> Iterator[Finding]:
    name = arguments[0].strip()
    if is_fixed(name) and name not in view.queues and not everywhere:
        yield fault(
            step.at,
            f"There is no queue '{name}'{nearest(name, view.queues)}",
            f"Add [{name}] to queues.conf, or correct the name; the caller would go on at once.",
        )
    given = [part.strip() for part in arguments]
    if len(given) > 4 and given[4] and is_fixed(given[4]) and not given[4].isdigit():
        yield fault(
            step.at,
            f"The fifth argument of Queue(), the time limit in seconds, is '{given[4]}'.",
            "The order is Queue(queue,options,URL,announcement,timeout,…); correct it.",
        )
    if view.around.asterisk_major >= _MACRO_REMOVED_IN:
        position, most = 8, 9
    else:
        position, most = 9, 10
    order = "AGI,gosub,rule,position" if most == 9 else "AGI,macro,gosub,rule,position"
    remedy = f"The order of this version is Queue(queue,options,URL,announcement,timeout,{order}); correct it."
    if len(given) > most:
        yield fault(
            step.at,
            f"Queue() has {len(given)} arguments; Asterisk {view.around.asterisk_major} takes at most {most}, since "
            "'macro' before 'gosub' is gone."
            if most == 9
            else f"Queue() has {len(given)} arguments; at most {most} are taken.",
            remedy,
        )
    elif len(given) > position and given[position] and is_fixed(given[position]) and not given[position].isdigit():
        yield fault(step.at, f"The position of Queue() is '{given[position]}', which is no number.", remedy)
    elif len(given) == position and given[-1].isdigit():
        yield fault(step.at, f"The rule of Queue() is '{given[-1]}': this looks like the position of another version.", remedy)
    elif "PATCHCORD_POSITION" in given[-1] and len(given) != position + 1:
        yield fault(step.at, "The position of Queue() stands at the place of another version's argument.", remedy)


def _queue(view: View, section: Section) -> Iterator[Finding]:
    strategy = section.get("strategy")
    if strategy is not None and strategy.value.lower() not in _STRATEGIES:
        yield fault(
            strategy.at,
            f"Queue '{section.name}' has the unknown strategy '{strategy.value}'{nearest(strategy.value, _STRATEGIES)}",
            f"Use one of {', '.join(sorted(_STRATEGIES))}.",
        )
    music = section.get("musicclass") or section.get("musiconhold")
    classes = {one.name for one in view.config("musiconhold.conf").plain()} - {"general"}
    if music is not None and classes and music.value not in classes and not view.realtime("musiconhold"):
        yield fault(
            music.at,
            f"Queue '{section.name}' plays the music class '{music.value}', which musiconhold.conf lacks{nearest(music.value, classes)}",
            "Add the class there, or name another one.",
        )
    context = section.get("context")
    if context is not None and context.value and context.value not in view.dialplan.contexts and not view.dialplan.unseen:
        yield fault(
            context.at,
            f"Queue '{section.name}' lets callers leave by keys into the context '{context.value}', which does not exist"
            f"{nearest(context.value, view.dialplan.contexts)}",
            "Correct the name, or remove the line.",
        )
    for entry in section.entries:
        if entry.name.lower() == "member":
            yield from _member(view, section, entry)


def _member(view: View, section: Section, entry: Entry) -> Iterator[Finding]:
    parts = [part.strip() for part in entry.value.split(",")]
    kind, _, rest = parts[0].partition("/")
    if not rest:
        yield fault(
            entry.at, f"Member '{parts[0]}' of queue '{section.name}' is no channel.", "Write it as PJSIP/2001 or Local/2001@context."
        )
    elif kind.upper() == "PJSIP":
        yield from _endpoint(view, section, entry.at, rest)
    elif kind.upper() == "LOCAL":
        exten, _, context = rest.partition("@")
        yield from _local(view, section, entry.at, exten, context.partition("/")[0])
    elif kind.upper() == "SIP" and view.around.asterisk_major >= _MACRO_REMOVED_IN:
        yield fault(
            entry.at,
            f"Member '{parts[0]}' of queue '{section.name}' is of chan_sip, which is gone since Asterisk 21.",
            f"Write PJSIP/{rest} and set the phone up in pjsip.conf.",
        )
    if len(parts) > 1 and parts[1] and not parts[1].isdigit():
        yield fault(
            entry.at,
            f"The penalty of member '{parts[0]}' is '{parts[1]}', which is no number.",
            "The order is member => CHANNEL,penalty,name,state.",
        )
    for part in parts[3:4]:
        if part.lower().startswith("hint:"):
            exten, _, context = part[5:].partition("@")
            held = view.dialplan.contexts.get(context)
            if held is not None and not held.switches and not any(step.priority == 0 for step in _extension(held, exten)):
                yield fault(
                    entry.at,
                    f"The state of member '{parts[0]}' is the hint of '{exten}' in [{context}], which has none.",
                    f"Add 'exten => {exten},hint,PJSIP/…' there.",
                )


def _extension(context: Context, exten: str) -> list[Step]:
    return context.extens.get(exten, [])


def _endpoint(view: View, section: Section, at: Place, name: str) -> Iterator[Finding]:
    if name.partition("/")[0] not in view.endpoints and not view.realtime("ps_endpoints"):
        yield fault(
            at,
            f"Queue '{section.name}' rings PJSIP/{name}, but pjsip.conf has no such endpoint{nearest(name, view.endpoints)}",
            "Add the endpoint, or correct the member.",
        )


def _local(view: View, section: Section, at: Place, exten: str, context: str) -> Iterator[Finding]:
    plan = view.dialplan
    if context not in plan.contexts:
        if not plan.unseen:
            yield fault(
                at,
                f"Queue '{section.name}' rings Local/{exten}@{context}, but there is no such context{nearest(context, plan.contexts)}",
                "Correct the member, or define the context.",
            )
    elif plan.find(context, exten) == []:
        yield fault(
            at,
            f"Queue '{section.name}' rings Local/{exten}@{context}, but that context has no extension '{exten}'.",
            "Add the extension, or correct the member.",
        )
