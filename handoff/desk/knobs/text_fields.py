"""What an agent says, found in its files: every wording with the node, the language and the place where it stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

import yaml
from pydantic import BaseModel

from agents.flows import nodes
from agents.flows.definition import AgentDefinition, ConfirmPart
from agents.flows.parts import Everywhere
from agents.flows.texts import FIRST, SHORT
from agents.flows.texts import Texts as Wordings
from agents.flows.yaml_tree import entries, entry, scalar
from handoff.desk.knobs.problems import Mistake
from handoff.desk.knobs.workspace import Texts, flows_of
from handoff.desk.knobs.yaml_place import Path, marks

EVERYWHERE: Final = "everywhere"
_FIRST: Final = ("say", "ask", "opening")


def _wordings_of(model: type[BaseModel]) -> dict[str, str]:
    """Keys that hold wordings, with what they are for; what is said first comes first."""
    found = {name: part.description or "" for name, part in model.model_fields.items() if part.annotation is Wordings}
    return dict(sorted(found.items(), key=lambda item: item[0] not in _FIRST))


_NODES: Final = {get_args(model.model_fields["do"].annotation)[0]: _wordings_of(model) for model in get_args(get_args(nodes.Node)[0])}
_CONFIRM: Final = _wordings_of(ConfirmPart)
_EVERYWHERE: Final = _wordings_of(Everywhere)


@dataclass(frozen=True, slots=True)
class Variants:
    """The wordings of one text in one language; they take turns."""

    language: str
    """Empty: the agent's first one, in a plain list; ``short.en``: the short forms of those in ``en``."""
    file: str
    """Name of the flow file, without ``.yaml``."""
    line: int
    last_line: int
    wordings: Sequence[str]

    @property
    def path(self) -> Path:
        """Below the text's own."""
        return tuple(self.language.split(".")) if self.language else ()

    @property
    def label(self) -> str:
        return f"{self.path[-1]}, in short" if len(self.path) > 1 else self.language


@dataclass(slots=True)
class TextField:
    node: str
    """Its name in the agent, or ``everywhere``."""
    kind: str
    key: str
    """Such as ``ask`` or ``confirm.again``."""
    meaning: str
    path: Path
    """In its file."""
    file: str
    variants: list[Variants]
    place: tuple[str, int, int] = ("", 0, 0)
    also: list[str] = field(default_factory=list)
    """Other nodes that say the same because it stands in one place."""

    def name_of(self, variants: Variants, number: int | str) -> str:
        """Of a form's field; ``number`` ``+``: a further wording."""
        return field_name(variants.file, self.path, variants.language, number)

    def missing(self, languages: Sequence[str]) -> list[str]:
        """Languages of the agent in which nothing is written here."""
        written = {variants.language or languages[0] for variants in self.variants}
        return [language for language in languages if language not in written]


def field_name(file: str, path: Path, language: str, number: int | str) -> str:
    return f"text|{file}|{'.'.join(path)}|{language}|{number}"


def text_fields(name: str, texts: Texts, definition: AgentDefinition | None) -> list[TextField]:
    """In the order of the files. With a ``definition`` only what the agent can really say."""
    found: dict[tuple[str, int, int], TextField] = {}
    for flow in flows_of(name, texts)[0]:
        for one in _of_flow(flow.prefix, flow.tree):
            if definition is not None and one.node != EVERYWHERE and one.node not in definition.nodes:
                continue
            known = found.setdefault(one.place, one)
            if known is not one:
                known.also.append(f"{one.node}.{one.key}")
    return list(found.values())


def mistakes_at(field: TextField, mistakes: Sequence[Mistake]) -> list[Mistake]:
    """Those that stand on the lines of a text."""
    return [
        mistake
        for mistake in mistakes
        if any(
            mistake.file == f"{variants.file}.yaml" and variants.line <= mistake.line <= max(variants.line, variants.last_line)
            for variants in field.variants
        )
        or (mistake.file == f"{field.file}.yaml" and mistake.path == ".".join(field.path))
    ]


def _of_flow(prefix: str, tree: yaml.MappingNode) -> Iterator[TextField]:
    if not prefix and (pair := entry(tree, EVERYWHERE)):
        yield from _of_part(pair[1], EVERYWHERE, "", (EVERYWHERE,), _EVERYWHERE)
    for name, node in entries(tree, "nodes"):
        kind = scalar(node, "do")
        yield from _of_part(node, prefix + name, kind, ("nodes", name), _NODES.get(kind, {}))
        if kind == "collect" and (pair := entry(node, "confirm")):
            yield from _of_part(pair[1], prefix + name, kind, ("nodes", name, "confirm"), _CONFIRM)


def _of_part(part: yaml.Node, node: str, kind: str, path: Path, keys: Mapping[str, str]) -> Iterator[TextField]:
    skipped = 1 if path[0] == EVERYWHERE else 2
    for key, meaning in keys.items():
        pair = entry(part, key)
        if pair and (variants := list(_variants(pair[1]))):
            here = (*path, key)
            place = (_file(pair[1]), *marks(pair[1]))
            yield TextField(node, kind, ".".join(here[skipped:]), meaning, here, _file(pair[1]), variants, place)


def _variants(value: yaml.Node) -> Iterator[Variants]:
    lists: list[tuple[str, yaml.Node]] = [(FIRST, value)] if isinstance(value, yaml.SequenceNode) else []
    if isinstance(value, yaml.MappingNode):
        lists = list(_by_language(value))
    for language, inner in lists:
        if isinstance(inner, yaml.SequenceNode) and all(isinstance(item, yaml.ScalarNode) for item in inner.value):
            wordings = [item.value for item in inner.value]
            last = max((item.end_mark.line for item in inner.value), default=inner.start_mark.line)
            yield Variants(language, _file(inner), inner.start_mark.line + 1, last + 1, wordings)


def _by_language(value: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node]]:
    for key, inner in value.value:
        if key.value == SHORT and isinstance(inner, yaml.MappingNode):
            yield from ((f"{SHORT}.{language}", wordings) for language, wordings in _by_language(inner))
        else:
            yield key.value, inner


def _file(node: yaml.Node) -> str:
    return str(node.start_mark.name).removesuffix(".yaml")
