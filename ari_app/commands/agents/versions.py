"""``patchcord agents versions | diff | publish | rollback | split``: what new calls get."""

import argparse
import difflib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from agents.flows.loader import read_agent
from agents.library import FOLDER as LIBRARY
from ari_app.commands.agents.places import find_agent
from ari_app.commands.instance import mind_config
from ari_app.service.catalogue import gather
from ari_app.service.layout import Layout
from handoff.records.agent_versions import WHOLE, AgentVersion, AgentVersions, VersionError


def versions(options: argparse.Namespace) -> int:
    """Run one of the subcommands. Raises NotRunning, RecordsUnavailable, AgentError."""
    store = AgentVersions(mind_config(Layout(options.data.resolve()))["database_url"])
    try:
        match options.agents_command:
            case "versions":
                return _list(store, options.name, as_json=options.json)
            case "diff":
                return _diff(store, options.name, options.versions)
            case "publish":
                return _publish(store, options.which, options.folder, options.note)
            case "rollback":
                return _rollback(store, options.name, options.version)
            case "split":
                return _split(store, options.name, options.shares)
            case other:
                raise AssertionError(other)
    except VersionError as error:
        sys.stderr.write(f"patchcord: {error}\n")
        return 1


def _list(store: AgentVersions, name: str, *, as_json: bool) -> int:
    found = store.versions(name)
    if as_json:
        rows = [asdict(one) | {"published_at": one.published_at.isoformat()} for one in found]
        print(json.dumps(rows, indent=2))
    elif not found:
        sys.stderr.write(f"patchcord: {name} was never published; ./patchcord agents list shows the agents there are\n")
    for one in found if not as_json else ():
        share = f"{one.percent:3} % of new calls" if one.percent else " " * 18
        print(f"{one.version:4}  {one.published_at:%Y-%m-%d %H:%M:%S} UTC  {share}  {one.note}".rstrip())
    return 0 if found else 1


def _diff(store: AgentVersions, name: str, pair: list[int]) -> int:
    old, new = pair if len(pair) == 2 else _last_two(store.versions(name), name, pair)
    before, after = store.files(name, old), store.files(name, new)
    for file in dict.fromkeys((*after, *before)):
        old_lines, new_lines = (texts.get(file, "").splitlines(keepends=True) for texts in (before, after))
        names = f"{file} (version {old})", f"{file} (version {new})"
        sys.stdout.writelines(difflib.unified_diff(old_lines, new_lines, *names))
    return 0


def _last_two(found: Sequence[AgentVersion], name: str, pair: list[int]) -> tuple[int, int]:
    """One number: that version and the one before it; none: the newest two. Raises VersionError."""
    numbers = sorted(one.version for one in found)
    newest = pair[0] if pair else (numbers[-1] if numbers else 0)
    before = [number for number in numbers if number < newest]
    if newest not in numbers or not before:
        raise VersionError(f"the agent {name} has no two versions to compare: there are {', '.join(map(str, numbers)) or 'none'}")
    return before[-1], newest


def _publish(store: AgentVersions, which: str, folder: Path | None, note: str) -> int:
    path = find_agent(which, folder)
    agent = read_agent(path, LIBRARY)
    version = store.publish(agent.name, gather(path, [LIBRARY, *([folder] if folder else [])]), note)
    percent = next(one.percent for one in store.versions(agent.name) if one.version == version)
    print(f"{agent.name}: version {version} gets {percent} % of new calls; calls in progress keep theirs")
    return 0


def _rollback(store: AgentVersions, name: str, version: int | None) -> int:
    if version is None:
        live = max((one.version for one in store.versions(name) if one.percent), default=0)
        version = max((one.version for one in store.versions(name) if one.version < live), default=0)
    store.share(name, {version: WHOLE})
    print(f"{name}: new calls get version {version}; calls in progress keep theirs")
    return 0


def _split(store: AgentVersions, name: str, shares: list[tuple[int, int]]) -> int:
    store.share(name, dict(shares))
    told = ", ".join(f"version {version} {percent} %" for version, percent in sorted(shares))
    print(f"{name}: new calls get {told}; calls in progress keep theirs")
    return 0
