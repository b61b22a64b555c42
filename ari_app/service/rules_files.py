"""The rules of an instance, as its settings name them."""

from pathlib import Path

from ari_app.settings import Settings
from handoff.rules.choosing import RuleBook


def read_rules(settings: Settings) -> RuleBook:
    """Files that are named relatively lie in the current folder. Raises RulesError."""
    return RuleBook.load(settings.rules, {number: each.rules for number, each in settings.numbers.items()}, Path.cwd())
