"""Turns what Asterisk says while it loads a configuration into findings with the line that it means."""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from dialplan.checking.finding import Finding, Place

_LINE = re.compile(r"^\[[^\]]*\] (?P<level>WARNING|ERROR)\[\d+\](?:\[[^\]]*\])? (?P<source>[\w./-]+): (?P<text>.*)$")
_AT = re.compile(r"(?:at )?\(?line (?P<line>\d+)\)? (?:of|in) (?:file )?'?(?P<file>[^\s',!]+)'?")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_OF_THE_SCRATCH = re.compile(
    r"loader\.c: (?:Error loading|Some non-required|Failed to resolve|.* declined to load)|asterisk\.c: Unable to|ignoring unknown format"
)
"""What has to do with the modules that a scratch Asterisk does without."""
_CONTEXT = re.compile(r"nonexistent context '([^']+)'")


def findings(log: str, files: Mapping[str, str], etc: Path, elsewhere: Collection[str] = ()) -> list[Finding]:
    """Return a finding for each WARNING and ERROR of ``log``.

    ``files`` are the originals, ``etc`` is the folder of the copy, ``elsewhere`` are contexts that modules bring which were not loaded.
    """
    return sorted(set(_all(log, files, etc, elsewhere)))


def _all(log: str, files: Mapping[str, str], etc: Path, elsewhere: Collection[str]) -> Iterator[Finding]:
    for line in log.splitlines():
        match = _LINE.match(line)
        if match is None or _OF_THE_SCRATCH.search(line):
            continue
        if (context := _CONTEXT.search(line)) and context[1] in elsewhere:
            continue
        text = match["text"].replace(f"{etc}/", "").rstrip(". !")
        source = Path(match["source"]).name
        yield Finding(
            _place(text, files, source),
            f"Asterisk says while loading: {text}.",
            "Correct that line; Asterisk goes on without what it could not read.",
        )


def _place(text: str, files: Mapping[str, str], source: str) -> Place:
    if match := _AT.search(text):
        name = match["file"].removeprefix("./")
        if name in files:
            return Place(name, int(match["line"]))
    main = {"pbx_config.c": "extensions.conf", "pbx.c": "extensions.conf", "app_queue.c": "queues.conf"}.get(source, "")
    order = sorted(files, key=lambda name: (not name.startswith("patchcord.d/"), name != main, name))
    if main:
        order = [name for name in order if name.endswith(main)] + [name for name in order if not name.endswith(main)]
    # the last name is the most telling: "Context 'a' tries to include nonexistent context 'b'"
    for word in reversed([first or second for first, second in _QUOTED.findall(text)]):
        if len(word) < 2:
            continue
        for name in order:
            for number, line in enumerate(files[name].splitlines(), 1):
                if word in line.partition(";")[0]:
                    return Place(name, number)
    return Place(main or "Asterisk", 0)
