"""The pages' view of an agent: fields with their names, values and mistakes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from handoff.desk.knobs.hour_fields import HourField, hour_fields, hour_mistakes
from handoff.desk.knobs.knob_fields import KnobGroup, knob_groups, knob_mistakes, layers_of
from handoff.desk.knobs.problems import Mistake
from handoff.desk.knobs.text_fields import TextField, field_name, mistakes_at, text_fields
from handoff.desk.knobs.work import Work
from handoff.desk.knobs.workspace import Checked, Texts


@dataclass(frozen=True, slots=True)
class Box:
    """Where a wording is typed."""

    name: str
    value: Markup
    """Exactly: marks that pages make visible elsewhere would be saved as what is seen."""


@dataclass(frozen=True, slots=True)
class LanguageBoxes:
    language: str
    label: str
    """The language, and whether these are the short forms."""
    file: str
    line: int
    boxes: Sequence[Box]
    more: str
    """Name of the field for a further wording."""


@dataclass(frozen=True, slots=True)
class TextView:
    id: str
    key: str
    meaning: str
    also: Sequence[str]
    languages: Sequence[LanguageBoxes]
    missing: Sequence[tuple[str, str]]
    """Language, and name of the field for its first wording."""
    mistakes: Sequence[Mistake]


@dataclass(frozen=True, slots=True)
class NodeView:
    node: str
    kind: str
    texts: Sequence[TextView]
    first: str
    """A wording, to know it by."""


def exactly(text: str) -> Markup:
    """For a text area: browsers leave out one line break at its beginning."""
    return Markup("\n") + escape(text)


def text_views(work: Work) -> list[NodeView]:
    first = work.languages
    found: dict[tuple[str, str], list[TextField]] = {}
    for one in text_fields(work.name, work.texts, work.checked.definition):
        found.setdefault((one.node, one.kind), []).append(one)
    return [
        NodeView(node, kind, [_text_view(one, first, work.checked.mistakes) for one in fields], _first(fields))
        for (node, kind), fields in found.items()
    ]


def _text_view(one: TextField, languages: Sequence[str], mistakes: Sequence[Mistake]) -> TextView:
    boxes = [
        LanguageBoxes(
            variants.path[-1] if variants.path else languages[0],
            variants.label or languages[0],
            variants.file,
            variants.line,
            [Box(one.name_of(variants, number), exactly(wording)) for number, wording in enumerate(variants.wordings)],
            one.name_of(variants, "+"),
        )
        for variants in one.variants
    ]
    missing = [(language, field_name(one.file, one.path, language, "new")) for language in one.missing(languages)]
    return TextView(text_id(one), one.key, one.meaning, one.also, boxes, missing, mistakes_at(one, mistakes))


def _first(fields: Sequence[TextField]) -> str:
    return next((wording for one in fields for variants in one.variants for wording in variants.wordings), "")


def text_id(one: TextField) -> str:
    return f"text|{one.file}|{'.'.join(one.path)}"


def knob_view(work: Work) -> list[KnobGroup]:
    return knob_groups(layers_of(work.name, work.texts, work.port.turns(), work.port.numbers()))


def hour_view(work: Work) -> list[HourField]:
    return hour_fields(work.name, work.texts)


def field_mistakes(name: str, texts: Texts, checked: Checked) -> Mapping[str, str]:
    """Name of a field, or of a text, to what is wrong there."""
    found = knob_mistakes(layers_of(name, texts, {}, ()).own) | hour_mistakes(hour_fields(name, texts))
    for one in text_fields(name, texts, checked.definition) if checked.mistakes else ():
        for mistake in mistakes_at(one, checked.mistakes):
            found.setdefault(text_id(one), mistake.what)
    return found
