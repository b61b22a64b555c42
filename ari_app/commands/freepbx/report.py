"""What ``patchcord freepbx show`` prints."""

from collections.abc import Iterator
from typing import Any

from dialplan.freepbx import Layout, Snippets
from dialplan.freepbx.layout import CUSTOM
from dialplan.generated import FILES
from dialplan.installing.includes import Line


def tree(etc: str, layout: Layout, found: Snippets) -> dict[str, Any]:
    """Return all of it as plain data."""
    return {
        "etc": etc,
        "freepbx": layout.is_freepbx,
        "lines": [
            {
                "file": layout.lines.get(name, CUSTOM[name]),
                "line": Line(name, "").text,
                "there": name in layout.lines,
                "read": name in layout.custom,
            }
            for name in FILES
        ],
        "destinations": [{"target": one.target, "description": one.description} for one in found.destinations],
        "queues": list(layout.queues),
        "exits": list(found.exits),
        "advice": list(found.advice),
    }


def text(etc: str, layout: Layout, found: Snippets) -> str:
    """Return it for a terminal."""
    return "\n".join([f"{etc}: {'FreePBX' if layout.is_freepbx else 'not laid out like FreePBX'}", *_lines(layout), *_ways(found)])


def _lines(layout: Layout) -> Iterator[str]:
    yield "\nLines of Patchcord, one in each file:"
    for name in FILES:
        file = layout.lines.get(name, CUSTOM[name])
        state = (
            "is there" if name in layout.lines else "lacks" if name in layout.custom else f"lacks, and {name} does not include that file"
        )
        yield f"  {file:<28} {Line(name, '').text:<42} {state}"
    if len(layout.lines) < len(FILES):
        yield "  ./patchcord freepbx install puts in those that lack."


def _ways(found: Snippets) -> Iterator[str]:
    yield "\nInto Patchcord: Admin > Custom Destinations (Return: No), then choose it in Inbound Routes, an IVR, a Time Condition …"
    width = max((len(one.target) for one in found.destinations), default=0)
    for one in found.destinations:
        yield f"  {one.target:<{width}}  {one.description}"
    if found.transfer_yaml:
        yield "\nYour queues as transfer targets, in routes.yaml:"
        yield from (f"  {line}" for line in found.transfer_yaml.splitlines())
    if found.exits:
        yield "\nYour own places, for goto: in overflow, closed or vip of a route; FreePBX has the call from there on:"
        yield from (f'  goto: "{place}"' for place in found.exits)
    if found.advice:
        yield "\nTo be set right:"
        yield from (f"  {line}" for line in found.advice)
