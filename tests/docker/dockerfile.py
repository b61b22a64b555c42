"""Reads a Dockerfile as far as its rules need it: instructions in order, stages, arguments filled in."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Instruction:
    name: str
    value: str
    line: int


@dataclass
class Stage:
    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def of(self, name: str) -> list[str]:
        return [each.value for each in self.instructions if each.name == name]


def instructions(text: str) -> Iterator[Instruction]:
    """Lines that end in a backslash go on; lines that begin with # are comments, inside an instruction too."""
    held, began = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or not (held or line.strip()):
            continue
        began = began or number
        held += line.rstrip().removesuffix("\\") + " "
        if line.rstrip().endswith("\\"):
            continue
        name, _, value = held.strip().partition(" ")
        yield Instruction(name, value.strip(), began)
        held, began = "", 0


def stages(text: str) -> list[Stage]:
    found: list[Stage] = []
    defaults: dict[str, str] = {}
    for each in instructions(text):
        if each.name == "ARG" and not found:
            name, _, value = each.value.partition("=")
            defaults[name] = value
        elif each.name == "FROM":
            words = each.value.split()
            base = _VARIABLE.sub(lambda match: defaults.get(match[1], ""), words[0])
            found.append(Stage(base, words[2] if len(words) == 3 else str(len(found))))
        else:
            found[-1].instructions.append(each)
    return found


def faults(path: Path, context: Path) -> list[str]:
    """What is wrong with the file at ``path``, to be built from ``context``."""
    text = path.read_text()
    found: list[str] = []
    known: list[str] = []
    all_stages = stages(text)
    for stage in all_stages:
        if stage.base not in known and not _pinned(stage.base):
            found.append(f"FROM {stage.base}: neither a version nor a digest")
        known.append(stage.name)
        if stage.of("ADD"):
            found.append("ADD: use COPY; nothing is fetched from an address")
        for copy in stage.of("COPY"):
            found += _copy_faults(copy, context, known)
        for run in stage.of("RUN"):
            if "apt-get install" in run and not ("--no-install-recommends" in run and "rm -rf /var/lib/apt/lists" in run):
                found.append("RUN apt-get install: --no-install-recommends, and the lists removed in the same layer")
            if re.search(r"\b(curl|wget)\b|https?://", run):
                found.append(f"RUN fetches from an address: {run[:60]}")
            if re.search(r"\bsudo\b|chmod\s+(-R\s+)?0?777", run):
                found.append(f"RUN: {run[:60]}")
        for each in stage.of("ENV") + stage.of("ARG"):
            if re.search(r"(PASSWORD|SECRET|TOKEN|API_KEY)\b(?!_FILE)", each):
                found.append(f"a secret in a layer: {each}")
    bases = {each.base for each in all_stages} | {
        copy.split()[0].removeprefix("--from=") for each in all_stages for copy in each.of("COPY")
    }
    for stage in all_stages:
        if stage.name not in bases:
            found += _final_faults(stage, {each.name: each for each in all_stages})
    return found


def _pinned(image: str) -> bool:
    _, _, tag = image.partition(":")
    return "@sha256:" in image or (bool(re.search(r"\d{2,}|\d\.\d", tag)) and tag != "latest")


def _copy_faults(copy: str, context: Path, known: list[str]) -> list[str]:
    words = shlex.split(copy)
    flags = [word for word in words if word.startswith("--")]
    if stage := next((flag.removeprefix("--from=") for flag in flags if flag.startswith("--from=")), ""):
        return [] if stage in known else [f"COPY --from={stage}: no such stage"]
    sources = [word for word in words if not word.startswith("--")][:-1]
    return [f"COPY {source}: not there" for source in sources if not any(context.glob(source.rstrip("/")))]


def _final_faults(stage: Stage, by_name: dict[str, Stage]) -> list[str]:
    """A stage that becomes an image: with those it is based on."""
    chain = [stage]
    while chain[-1].base in by_name:
        chain.append(by_name[chain[-1].base])

    def last(name: str) -> str:
        return next((values[-1] for each in chain if (values := each.of(name))), "")

    found = []
    user = last("USER").partition(":")[0]
    if not user.isdigit() or int(user) == 0:
        found.append(f"{stage.name}: USER must be a number above 0, so that the engine can tell it is not root")
    if not last("HEALTHCHECK") or last("HEALTHCHECK") == "NONE":
        found.append(f"{stage.name}: no HEALTHCHECK")
    for name in ("ENTRYPOINT", "CMD"):
        if not last(name).startswith("["):
            found.append(f"{stage.name}: {name} must be a list, or a shell takes the signals")
    return found
