"""What lies in the configuration folder of a FreePBX: its own files, those it leaves to the admin, its queues, menus and groups. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from dialplan.checking.reading import Reading, read
from dialplan.generated import FILES, FOLDER

CUSTOM: Final[Mapping[str, str]] = {
    "extensions.conf": "extensions_custom.conf",
    "queues.conf": "queues_custom.conf",
    "pjsip.conf": "pjsip_custom_post.conf",
    "ari.conf": "ari_additional_custom.conf",
    "manager.conf": "manager_custom.conf",
}
"""The file that FreePBX includes in each of its own and never writes."""

_QUEUE: Final = re.compile(r"[0-9]{1,20}")
_MENU: Final = re.compile(r"ivr-[0-9]{1,9}")
_GENERATED: Final = "extensions_additional.conf"


@dataclass(frozen=True, slots=True)
class Layout:
    """One FreePBX."""

    is_freepbx: bool
    lines: Mapping[str, str]
    """Our file to the file of theirs that has its line; one that lacks has none."""
    custom: Mapping[str, str]
    """Our file to the file of theirs that is left alone and is read; one without such a file lacks."""
    queues: tuple[str, ...]
    """Numbers of queues."""
    menus: tuple[str, ...]
    """Places in the dialplan: ``ivr-1,s,1``."""
    groups: tuple[str, ...]
    """Places in the dialplan: ``ext-group,600,1``."""


def read_layout(files: Mapping[str, str], root: str = "") -> Layout:
    """``files``: name below the folder ``root`` to text."""
    whole = {**files, **{f"{FOLDER}/{name}": files.get(f"{FOLDER}/{name}", "") for name in FILES}}
    readings = {name: read(whole, name, root) for name in FILES}
    dialplan = readings["extensions.conf"]
    return Layout(
        is_freepbx=_GENERATED in dialplan.includes,
        lines={name: at.file for name, found in readings.items() if (at := found.includes.get(f"{FOLDER}/{name}"))},
        custom={name: CUSTOM[name] for name, found in readings.items() if CUSTOM[name] in found.includes},
        queues=tuple(sorted({section for section in _theirs(readings["queues.conf"]) if _QUEUE.fullmatch(section)}, key=_by_number)),
        menus=tuple(f"{name},s,1" for name in sorted(set(_theirs(dialplan))) if _MENU.fullmatch(name)),
        groups=tuple(f"ext-group,{number},1" for number in _extensions(dialplan, "ext-group")),
    )


def _theirs(reading: Reading) -> Iterator[str]:
    return (section.name for section in reading.plain() if not section.at.file.startswith(f"{FOLDER}/"))


def _extensions(reading: Reading, context: str) -> list[str]:
    entries = [entry for section in reading.plain() if section.name == context for entry in section.entries]
    names = {entry.value.partition(",")[0].strip() for entry in entries if entry.name.lower() == "exten"}
    return sorted((name for name in names if _QUEUE.fullmatch(name)), key=_by_number)


def _by_number(text: str) -> tuple[int, str]:
    return len(text), text
