"""``patchcord rules``: reads rules and past calls; ``report.py`` prints."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from ari_app.commands.instance import mind_config, running_settings
from ari_app.commands.progress import ProgressBar
from ari_app.commands.rules.report import Report
from ari_app.commands.rules.since import since
from ari_app.service.layout import Layout
from ari_app.service.rules_files import read_rules
from ari_app.service.state import NotRunning
from ari_app.settings import Settings
from handoff.rules.choosing import RuleBook
from handoff.rules.errors import RulesError
from handoff.rules.past_calls import PastCalls
from handoff.rules.replay import compared
from handoff.rules.ruleset import RuleSet
from handoff.rules.telling import rule_in_words


async def rules(options: argparse.Namespace) -> int:
    """Returns the exit status: 1 for rules that are not sound, 2 for wrong usage. Raises NotRunning, RecordsUnavailable."""
    try:
        match options.rules_action:
            case "check":
                return _check(options.file)
            case "show":
                return _show(options)
            case _:
                return await _replay(options)
    except RulesError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _check(file: Path) -> int:
    found = RuleSet.load(file)
    acts = [rule.act for rule in found.rules.values()]
    shadows = sum(rule.shadow for rule in found.rules.values())
    print(
        f"{file}: sound. {len(acts)} rules: "
        + ", ".join(f"{acts.count(act)} {act}" for act in dict.fromkeys(acts))
        + f"; {shadows} in shadow."
    )
    return 0


def _show(options: argparse.Namespace) -> int:
    if options.rules is not None:
        held = RuleSet.load(options.rules).for_call(options.number, options.agent)
    else:
        held = _book(Layout(options.data.resolve())).rules_for(options.number, options.agent)
    if options.json:
        tree = {name: rule.model_dump(by_alias=True, exclude_defaults=True, mode="json") for name, rule in held.rules.items()}
        print(json.dumps({"source": held.source, "rest_s": held.rest_s, "rules": tree}, indent=2, ensure_ascii=False))
        return 0
    print(f"# {held.source}")
    for name, rule in held.rules.items():
        print("\n".join(rule_in_words(name, rule)))
    if not held.rules:
        print("No rule holds here.")
    return 0


def _book(layout: Layout) -> RuleBook:
    """Of the instance; before its first start those that ship. Raises RulesError."""
    try:
        return read_rules(running_settings(layout))
    except NotRunning:
        return read_rules(Settings())


async def _replay(options: argparse.Namespace) -> int:
    try:
        start = since(options.since, datetime.now(UTC))
    except ValueError as error:
        sys.stderr.write(f"patchcord: {error}\n")
        return 2
    layout = Layout(options.data.resolve())
    tried = RuleSet.load(options.rules) if options.rules is not None else None
    book = _book(layout)
    url = str(mind_config(layout)["database_url"])
    report, bar = Report(options.limit), ProgressBar()
    try:
        async with PastCalls(url, start, most=max(0, options.most)) as past:
            total = await past.count()
            async for call in past:
                held = tried or book.rules_for(call.number, call.agent)
                report.add(compared(call, held.acting() if options.as_if_live else held))
                bar.show("replaying calls", report.calls, total)
    finally:
        bar.close()
    print(json.dumps(report.as_json(), indent=2, ensure_ascii=False) if options.json else "\n".join(report.lines()))
    return 0
