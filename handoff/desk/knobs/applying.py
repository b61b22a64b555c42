"""From the fields of a form to new texts of the files: only what was changed is touched."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

from agents.flows.errors import AgentError
from handoff.desk.knobs.hour_fields import HOURS, hour_fields, typed_hours
from handoff.desk.knobs.knob_fields import TURNS, knob_groups, knob_paths, layers_of, typed_value
from handoff.desk.knobs.text_fields import TextField, Variants, field_name, text_fields
from handoff.desk.knobs.workspace import Texts, flows_of
from handoff.desk.knobs.yaml_edit import EditRefused, add_item, remove, remove_item, set_value, split_by_language
from handoff.desk.knobs.yaml_place import find

FULL_TEXT = "yaml"
"""Fields with this before a ``|`` and the name of a file hold its whole text."""


@dataclass(slots=True)
class Applied:
    texts: dict[str, str]
    refused: dict[str, str] = field(default_factory=dict)
    """Name of the field to why it could not be written, with the remedy."""


def apply(name: str, texts: Texts, fields: Mapping[str, str]) -> Applied:
    """``fields``: of one form of the agent ``name``; unknown ones are passed over. Values may be wrong: the checks tell of it."""
    done = Applied(dict(texts))
    given = {key: value.replace("\r\n", "\n") for key, value in fields.items()}
    for key, value in given.items():
        kind, _, file = key.partition("|")
        if kind == FULL_TEXT and file in texts:
            done.texts[file] = value
    _knobs(name, done, given)
    _hours(name, done, given)
    if any(key.startswith("text|") for key in given):
        _wordings(name, done, given)
    return done


def _knobs(name: str, done: Applied, given: Mapping[str, str]) -> None:
    wanted = {key: value for key, value in given.items() if key.startswith(f"{TURNS}.")}
    if not wanted:
        return
    present = {one.name: one.own for group in knob_groups(layers_of(name, done.texts, {}, ())) for one in group.fields}
    for key, (path, kind) in knob_paths().items():
        value = wanted.get(key, present[key]).strip()
        if value == present[key]:
            continue
        try:
            text = done.texts[name]
            done.texts[name] = set_value(text, (TURNS, *path), typed_value(kind, value)) if value else remove(text, (TURNS, *path))
        except (EditRefused, AgentError) as error:
            done.refused[key] = str(error)


def _hours(name: str, done: Applied, given: Mapping[str, str]) -> None:
    if not any(key.startswith(f"{HOURS}.") for key in given):
        return
    for one in hour_fields(name, done.texts):
        value = typed_hours(one.day, given.get(one.name, one.value))
        if value == typed_hours(one.day, one.value):
            continue
        try:
            done.texts[name] = set_value(done.texts[name], (HOURS, one.day), value)
        except (EditRefused, AgentError) as error:
            done.refused[one.name] = str(error)


def _wordings(name: str, done: Applied, given: Mapping[str, str]) -> None:
    for one in text_fields(name, done.texts, None):
        for variants in one.variants:
            _variants(one, variants, done, given)
        _languages(name, one, done, given)


def _variants(one: TextField, variants: Variants, done: Applied, given: Mapping[str, str]) -> None:
    """From the last to the first, so that places before a removed one stay right."""
    path = (*one.path, *variants.path)
    left = len(variants.wordings)
    for number in range(len(variants.wordings), -1, -1):
        last = number == len(variants.wordings)
        key = one.name_of(variants, "+" if last else number)
        was = "" if last else variants.wordings[number]
        new = given.get(key, was).strip()
        if new == was.strip():
            continue
        try:
            text = done.texts[variants.file]
            if last:
                text = add_item(text, path, new)
            elif new or left == 1:
                text = set_value(text, (*path, str(number)), new)
            else:
                text, left = remove_item(text, (*path, str(number))), left - 1
            done.texts[variants.file] = text
        except (EditRefused, AgentError) as error:
            done.refused[key] = str(error)


def _languages(name: str, one: TextField, done: Applied, given: Mapping[str, str]) -> None:
    """A first wording in a language in which there was none."""
    prefix = field_name(one.file, one.path, "", "")[:-1]
    for key, value in given.items():
        language = key.removeprefix(prefix).partition("|")[0]
        if not (key == field_name(one.file, one.path, language, "new") and language and value.strip()):
            continue
        try:
            text = done.texts[one.file]
            if any(not variants.language for variants in one.variants):
                text = split_by_language(text, one.path, languages_of(name, done.texts)[0])
            done.texts[one.file] = set_value(text, (*one.path, language), [value.strip()])
        except (EditRefused, AgentError) as error:
            done.refused[key] = str(error)


def languages_of(name: str, texts: Texts) -> list[str]:
    """The agent's languages, as far as its files can be read; English when they say nothing."""
    tree = next((flow.tree for flow in flows_of(name, texts)[0] if not flow.prefix), None)
    node = find(tree, ("languages",)) if tree is not None else None
    found = [str(item.value) for item in node.value] if isinstance(node, yaml.SequenceNode) else []
    return found or ["en"]
