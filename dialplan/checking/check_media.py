"""Sounds that are played, and the ports for audio."""

from collections.abc import Callable, Iterator

from .contexts import Step
from .expressions import is_fixed, split
from .finding import Finding, Place
from .jumps import calls
from .reading import Section
from .view import View, fault

_PLAYS = {"playback": 0, "background": 0, "read": 1, "controlplayback": 0}
_QUEUE_SOUNDS = (
    "announce",
    "periodic-announce",
    "queue-youarenext",
    "queue-thereare",
    "queue-callswaiting",
    "queue-thankyou",
    "queue-holdtime",
)
_PORTS_PER_CALL = 6
"""A pair each for caller, agent and person."""


def check(view: View) -> Iterator[Finding]:
    """Find missing sounds and too few ports."""
    if view.around.has_sound is not None:
        for step in view.dialplan.steps():
            yield from _played(step, view.around.has_sound)
        for queue in view.queues.values():
            yield from _queue(queue, view.around.has_sound)
    yield from _ports(view)


def _played(step: Step, has: Callable[[str], bool]) -> Iterator[Finding]:
    for call in calls(step):
        position = _PLAYS.get(call.application.lower())
        arguments = split(call.arguments)
        if position is None or len(arguments) <= position:
            continue
        for name in arguments[position].split("&"):
            sound = name.strip()
            if sound and is_fixed(sound) and "://" not in sound and not sound.startswith("sound:") and not has(sound):
                yield fault(
                    step.at,
                    f"{call.application}() plays '{sound}', but there is no such sound.",
                    "Put the file into the sounds folder of Asterisk (name without its ending), or correct the name.",
                )


def _queue(queue: Section, has: Callable[[str], bool]) -> Iterator[Finding]:
    for entry in queue.entries:
        if entry.name.lower() in _QUEUE_SOUNDS:
            for sound in (part.strip() for part in entry.value.split(",")):
                if sound and not has(sound):
                    yield fault(
                        entry.at,
                        f"Queue '{queue.name}' plays '{sound}' as {entry.name}, but there is no such sound.",
                        "Put the file into the sounds folder of Asterisk (name without its ending), or correct the name.",
                    )


def _ports(view: View) -> Iterator[Finding]:
    reading = view.config("rtp.conf")
    yield from reading.faults
    general = reading.named("general") or Section("general", Place("rtp.conf", 0))
    first, last = general.value("rtpstart", "5000"), general.value("rtpend", "31000")
    if not (first.isdigit() and last.isdigit()):
        return
    entry = general.get("rtpend") or general.get("rtpstart")
    at = entry.at if entry is not None else general.at
    count = int(last) - int(first) + 1
    if count <= 0:
        yield fault(at, f"The range for audio ends at port {last} before it begins at {first}.", "Exchange rtpstart and rtpend.")
        return
    worker = view.around.worker
    if worker is not None and worker.max_calls and count < worker.max_calls * _PORTS_PER_CALL:
        yield fault(
            at,
            f"The range for audio has {count} ports; {worker.max_calls} calls at once can use {worker.max_calls * _PORTS_PER_CALL}.",
            f"Raise rtpend to {int(first) + worker.max_calls * _PORTS_PER_CALL - 1} or more, or lower calls.max_calls in patchcord.yaml.",
        )
    for section in view.sip("transport"):
        port = section.value("bind").rpartition(":")[2]
        if port.isdigit() and int(first) <= int(port) <= int(last) and section.value("protocol", "udp").lower() == "udp":
            bound = section.get("bind")
            yield fault(
                bound.at if bound else section.at,
                f"SIP port {port} of transport '{section.name}' lies in the range for audio ({first}-{last}).",
                "Move one of them: now and then a call would take the port.",
            )
