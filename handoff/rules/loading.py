"""Reading rules from YAML, with errors that name the file, the line, the key and the nearest right name."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Final

import yaml
from pydantic import ValidationError

from agents.flows.errors import AgentError
from agents.flows.yaml_tree import compose, construct, place_of
from handoff.rules.checking import problems
from handoff.rules.complaints import complaint
from handoff.rules.errors import RulesError
from handoff.rules.rule import Rule, RulesFile
from handoff.rules.ruleset import DEFAULT, RuleSet

LARGEST: Final = 500_000
"""Bytes of one file."""


def read_rules(path: Path) -> RuleSet:
    """Raises RulesError."""
    try:
        if path.stat().st_size > LARGEST:
            raise RulesError(f"{path}:1: is larger than {LARGEST} bytes; a rules file is a page or two of YAML")
        text = path.read_text("utf-8")
    except OSError as error:
        raise RulesError(f"{path}: cannot be read ({error.strerror}); check its name and permissions") from error
    except UnicodeDecodeError as error:
        raise RulesError(f"{path}: is not UTF-8; save it as UTF-8") from error
    return parse_rules(text, str(path))


def rules_of_tree(tree: Mapping[str, object], source: str = "rules") -> RuleSet:
    """Raises RulesError, ValueError for what JSON cannot hold."""
    return parse_rules(json.dumps(tree, indent=1), source)


def parse_rules(text: str, source: str) -> RuleSet:
    """``source`` is its name in messages. Raises RulesError."""
    if not [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]:
        raise RulesError(f"{source}:1: is empty; write rules: with a rule below it, as {DEFAULT.name} does")
    try:
        tree = compose(text, source)
        data = construct(tree)
    except AgentError as error:
        raise RulesError(str(error).replace("start from agents/library/front-desk.yaml", f"start from {DEFAULT.name}")) from error
    file = _validated(data, tree)
    if found := problems(file):
        raise RulesError("\n".join(dict.fromkeys(f"{place_of(tree, path)}: {'.'.join(path)}: {what}" for path, what in found)))
    return RuleSet(
        rules=MappingProxyType(_with_extended(file, tree)),
        rest_s=file.rest_s,
        hours=file.hours,
        holidays=frozenset(date.fromisoformat(day) for day in file.holidays),
        source=source,
    )


def _validated(data: object, tree: yaml.MappingNode) -> RulesFile:
    try:
        return RulesFile.model_validate(data)
    except ValidationError as error:
        found = [complaint(detail) for detail in error.errors()]
        raise RulesError(
            "\n".join(dict.fromkeys(f"{place_of(tree, path)}: {'.'.join(path) or 'the file'}: {what}" for path, what in found))
        ) from error


def _with_extended(file: RulesFile, tree: yaml.MappingNode) -> dict[str, Rule]:
    shipped = read_rules(DEFAULT).rules if file.extends else {}
    if unknown := [name for name in file.without if name not in shipped]:
        known = f"the rules that ship are {', '.join(shipped)}" if file.extends else "it is for files with extends: default"
        raise RulesError(f"{place_of(tree, ('without',))}: without: there is no rule {unknown[0]!r} to leave out; {known}")
    rules = {**file.rules, **{name: rule for name, rule in shipped.items() if name not in file.rules and name not in file.without}}
    return {name: rule.model_copy(update={"shadow": True}) for name, rule in rules.items()} if file.shadow else rules
