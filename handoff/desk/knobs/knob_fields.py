"""The knobs of turn taking as fields of a form, made from their model: type, range, default, unit, meaning, and the layer of a value."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from agents.flows.errors import AgentError
from agents.flows.yaml_tree import compose, construct, entry
from agents.turns.knobs import EndpointingRule, Layer, TurnKnobs, styled
from agents.turns.styles import STYLES
from handoff.desk.knobs.agents_port import DialledNumber
from handoff.desk.knobs.workspace import Texts, flows_of
from handoff.desk.knobs.yaml_place import Path, find
from handoff.desk.knobs.yaml_write import Value, number, rendered

TURNS: Final = "turns"
Kind = Literal["number", "whole", "switch", "choice", "words", "rules"]

_UNIT: Final = re.compile(r",? in (s)\.")
_TITLES: Final = {
    "": "Manners",
    "endpointing": "When the caller's turn is over",
    "bargein": "Interrupting the agent",
    "listening": "Waiting for the caller",
    "keypad": "Keys of the telephone",
    "speaking": "The agent's own manners",
}
_NUMBER: Final = re.compile(r"[-+]?\d{1,12}(?:[.,]\d{1,9})?|[.,]\d{1,9}")


@dataclass(frozen=True, slots=True)
class KnobField:
    path: Path
    """Such as ``("endpointing", "max_delay_s")``."""
    kind: Kind
    meaning: str
    unit: str
    """``s``, or empty."""
    least: float | None
    most: float | None
    default: str
    choices: Sequence[str]
    own: str
    """What this agent's own file says, as it is typed; empty: nothing."""
    value: str
    """What counts for a call by default."""
    origin: str
    """Which layer ``value`` comes from, in words."""
    elsewhere: Sequence[str]
    """Numbers and nodes at which another value is written, in words."""

    @property
    def name(self) -> str:
        return ".".join((TURNS, *self.path))

    @property
    def title(self) -> str:
        return self.path[-1].removesuffix("_s").replace("_", " ")


@dataclass(frozen=True, slots=True)
class KnobGroup:
    name: str
    title: str
    fields: Sequence[KnobField]


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of knobs below the nodes, the weakest first. Below them all: the defaults."""

    settings: Layer
    numbers: Sequence[DialledNumber]
    """Those that lead to this agent."""
    inherited: Layer
    """The agent's own together with those of the files that it extends."""
    inherited_from: str
    own: Layer
    nodes: Mapping[str, Layer]


def layers_of(name: str, texts: Texts, settings: Layer, numbers: Sequence[DialledNumber]) -> Layers:
    """As far as the files can be read."""
    whole: Layer = {}
    nodes: dict[str, Layer] = {}
    source = ""
    try:
        own = _layer(construct(compose(texts.get(name, ""), name)).get(TURNS))
    except AgentError:
        own = {}
    for flow in flows_of(name, texts)[0]:
        if not flow.prefix:
            whole = _read(find(flow.tree, (TURNS,)))
            source = _source(flow.tree, name)
        for key, node in _mapping(find(flow.tree, ("nodes",))):
            if layer := _read(find(node, (TURNS,))):
                nodes[flow.prefix + key] = layer
    return Layers(settings, [one for one in numbers if one.agent == name], whole, source, own, nodes)


def knob_groups(layers: Layers) -> list[KnobGroup]:
    """Every knob, in the order of the model."""
    plain = [(name, field) for name, field in TurnKnobs.model_fields.items() if not _group(field)]
    found = [KnobGroup("", _TITLES[""], [_field((name,), field, layers) for name, field in plain])]
    for name, field in TurnKnobs.model_fields.items():
        if model := _group(field):
            fields = [_field((name, key), inner, layers) for key, inner in model.model_fields.items()]
            found.append(KnobGroup(name, _TITLES.get(name, name), fields))
    return found


def knob_mistakes(layer: Layer) -> dict[str, str]:
    """Name of the field to what is wrong with its value."""
    try:
        TurnKnobs.model_validate(styled(layer))
    except ValidationError as error:
        found: dict[str, str] = {}
        for detail in error.errors():
            path = [str(part) for part in detail["loc"]]
            depth = 1 if path[:1] == ["style"] else 2
            found.setdefault(".".join((TURNS, *path[:depth])), f"{detail['msg']}; it is {str(detail['input'])[:60]!r}")
        return found
    return {}


def knob_paths() -> dict[str, tuple[Path, Kind]]:
    """Name of the field to path and kind, for reading a form."""
    empty = Layers({}, (), {}, "", {}, {})
    return {field.name: (field.path, field.kind) for group in knob_groups(empty) for field in group.fields}


def typed_value(kind: Kind, text: str) -> Value:
    """What is written into the YAML for what was typed; what fits no knob stays text, and the checks tell of it."""
    text = text.strip()
    if kind in ("number", "whole") and _NUMBER.fullmatch(text):
        plain = text.replace(",", ".").removeprefix("+")
        return float(plain) if "." in plain else int(plain)
    if kind == "switch" and text in ("true", "false"):
        return text == "true"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if kind == "words":
        return lines
    if kind == "rules":
        return [_rule(line) for line in lines]
    return text


def _rule(line: str) -> Value:
    try:
        found: Value = construct(compose(line, "rule"))
    except AgentError:
        return line
    return found


def _field(path: Path, field: FieldInfo, layers: Layers) -> KnobField:
    kind, meaning = _kind(field), field.description or ""
    unit = _UNIT.search(meaning)
    value, origin = _effective(path, layers)
    return KnobField(
        path,
        kind,
        meaning,
        unit[1] if unit else "",
        *_range(field),
        _shown(field.get_default()),
        get_args(field.annotation) if kind == "choice" else (),
        _shown(_at(layers.own, path)),
        _shown(value),
        origin,
        list(_elsewhere(path, layers)),
    )


def _effective(path: Path, layers: Layers) -> tuple[Any, str]:
    named = [
        ("this agent", layers.own, {}),
        (layers.inherited_from or "a file it extends", layers.inherited, layers.inherited),
        ("the settings of this service, for all agents", layers.settings, layers.settings),
    ]
    for title, layer, styles in named:
        if (value := _at(layer, path)) is not None:
            return value, title
        style = styles.get("style")
        if isinstance(style, str) and (value := _at(STYLES.get(style, {}), path)) is not None:
            return value, f"the style {style}"
    return _at(TurnKnobs().model_dump(), path), "the default"


def _elsewhere(path: Path, layers: Layers) -> Sequence[str]:
    stands = _at(layers.own, path) is not None or _at(layers.inherited, path) is not None
    numbers = [
        f"number {one.dialled}: {_shown(value)}{' (the agent goes before it)' if stands else ''}"
        for one in layers.numbers
        if (value := _at(one.turns, path)) is not None
    ]
    return [*numbers, *(f"node {name}: {_shown(value)}" for name, layer in layers.nodes.items() if (value := _at(layer, path)) is not None)]


def _kind(field: FieldInfo) -> Kind:
    if field.annotation is bool:
        return "switch"
    if field.annotation is int:
        return "whole"
    if field.annotation is float:
        return "number"
    if EndpointingRule in get_args(field.annotation):
        return "rules"
    return "words" if str in get_args(field.annotation) else "choice"


def _range(field: FieldInfo) -> tuple[float | None, float | None]:
    least = next((rule.ge for rule in field.metadata if hasattr(rule, "ge")), None)
    return least, next((rule.le for rule in field.metadata if hasattr(rule, "le")), None)


def _shown(value: Any) -> str:
    """As it is typed into the form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, list | tuple):
        return "\n".join(item if isinstance(item, str) else rendered(item) for item in value)
    return str(value)


def _at(layer: Layer, path: Path) -> Any:
    value: Any = layer
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _group(field: FieldInfo) -> type[BaseModel] | None:
    return field.annotation if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel) else None


def _layer(value: object) -> Layer:
    return value if isinstance(value, Mapping) else {}


def _read(node: yaml.Node | None) -> Layer:
    try:
        return construct(node) if isinstance(node, yaml.MappingNode) else {}
    except AgentError:
        return {}


def _mapping(node: yaml.Node | None) -> Sequence[tuple[str, yaml.Node]]:
    return [(key.value, value) for key, value in node.value] if isinstance(node, yaml.MappingNode) else []


def _source(tree: yaml.MappingNode, name: str) -> str:
    """The file from which inherited knobs come, as far as one can say."""
    pair = entry(tree, TURNS)
    inner = pair[1].value if pair and isinstance(pair[1], yaml.MappingNode) else []
    files = {str(key.start_mark.name) for key, _ in inner} - {f"{name}.yaml"}
    return ", ".join(sorted(files))
