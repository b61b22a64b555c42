"""A dialplan as data: from what the console shows of the loaded one, or from the files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ari_app.doctor.security.conf_file import ConfFile

_CONTEXT: Final = re.compile(r"^\[ Context '(.+?)' ")
_STEP: Final = re.compile(
    r"^(?:  '(?P<extension>.*?)' (?:\(CID match '.*?'\) )?=>|\s+\[(?P<label>[^\]]*)\])?"
    r"\s*(?P<number>\d+)\. (?P<call>.*?)\s*\[(?P<place>[^\]\s]+)\]\s*$"
)
_HINT: Final = re.compile(r"^  '(?P<extension>.*?)' .*?=>\s+hint: ")
"""Steps of the same extension may follow."""
_INCLUDED: Final = re.compile(r"^  Include =>\s+'(.+?)'")
_EXTEN: Final = re.compile(r"^(?P<extension>[^,]+?)\s*,\s*(?P<rest>.+)$")
_PRIORITY: Final = re.compile(r"^(?P<number>\d+|n|s|hint)(?:\+\d+)?(?:\((?P<label>[^)]*)\))?\s*,\s*(?P<call>.*)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Step:
    """One priority."""

    app: str
    """In lower case."""
    arguments: str
    label: str
    place: str
    """File and line."""


@dataclass(slots=True)
class Context:
    extensions: dict[str, list[Step]] = field(default_factory=dict)
    includes: list[str] = field(default_factory=list)


Dialplan = Mapping[str, Context]


def from_console(shown: str) -> Dialplan:
    """``shown``: the answer to ``dialplan show``."""
    contexts: dict[str, Context] = {}
    context, extension = Context(), ""
    for line in shown.splitlines():
        if match := _CONTEXT.match(line):
            context = contexts.setdefault(match[1], Context())
        elif match := _INCLUDED.match(line):
            context.includes.append(match[1])
        elif match := _HINT.match(line):
            extension = match["extension"]
        elif match := _STEP.match(line):
            extension = match["extension"] or extension
            context.extensions.setdefault(extension, []).append(step(match["call"], match["label"] or "", match["place"]))
    return contexts


def from_files(extensions: ConfFile) -> Dialplan:
    """``extensions``: extensions.conf with its includes."""
    contexts: dict[str, Context] = {}
    for section in extensions.real():
        if section.name in ("general", "globals"):
            continue
        context, extension = contexts.setdefault(section.name, Context()), ""
        for line in section.lines:
            if line.key == "include":
                context.includes.append(line.value.split(",")[0].strip())
                continue
            rest = line.value
            if line.key == "exten":
                if (found := _EXTEN.match(line.value)) is None:
                    continue
                extension, rest = found["extension"].split("/")[0], found["rest"]
            elif line.key != "same":
                continue
            if (match := _PRIORITY.match(rest)) is not None and match["number"].lower() != "hint":
                context.extensions.setdefault(extension, []).append(step(match["call"], match["label"] or "", line.place))
    return contexts


def step(call: str, label: str = "", place: str = "") -> Step:
    """``call`` such as ``Goto(support,s,1)``."""
    name, opened, rest = call.strip().partition("(")
    return Step(name.strip().lower(), rest.rpartition(")")[0] if opened else "", label, place)


def parts(arguments: str, separator: str = ",") -> list[str]:
    """Split where no bracket is open."""
    found, depth = [""], 0
    for letter in arguments:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == separator and depth <= 0:
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found]
