"""The form of knobs: every knob of the model, and the layer that a value comes from."""

from agents.library import FOLDER
from agents.turns.knobs import TurnKnobs
from handoff.desk.knobs.agents_port import DialledNumber
from handoff.desk.knobs.applying import apply
from handoff.desk.knobs.hour_fields import hour_fields, hour_mistakes
from handoff.desk.knobs.knob_fields import KnobField, knob_groups, knob_mistakes, layers_of, typed_value

TEXTS = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.yaml")}


def fields(
    texts: dict[str, str], settings: dict[str, object] | None = None, numbers: tuple[DialledNumber, ...] = ()
) -> dict[str, KnobField]:
    layers = layers_of("front-desk", texts, settings or {}, numbers)
    return {field.name: field for group in knob_groups(layers) for field in group.fields}


def test_every_knob_has_a_field_with_range_default_and_meaning() -> None:
    found = fields(TEXTS)
    leaves = {
        f"turns.{name}.{key}" if isinstance(value, dict) else f"turns.{name}"
        for name, value in TurnKnobs().model_dump().items()
        for key in (value if isinstance(value, dict) else [""])
    }
    assert set(found) == leaves
    assert all(field.meaning for field in found.values())
    one = found["turns.endpointing.max_delay_s"]
    assert (one.kind, one.unit, one.least, one.most, one.default, one.value, one.origin) == (
        "number",
        "s",
        0.2,
        10,
        "0.7",
        "0.7",
        "the default",
    )
    assert [field.kind for field in found.values() if field.path[-1] in ("style", "rules", "enabled", "min_words", "ack_phrases")] == [
        "choice", "rules", "switch", "whole", "words",
    ]  # fmt: skip


def test_the_layer_of_a_value_is_told() -> None:
    numbers = (DialledNumber("102", "front-desk", {"endpointing": {"max_delay_s": 0.9}}),)
    settings: dict[str, object] = {"bargein": {"min_words": 2}}
    found = fields(TEXTS, settings, numbers)
    assert found["turns.bargein.min_words"].origin == "the settings of this service, for all agents"
    assert found["turns.endpointing.max_delay_s"].elsewhere == ["number 102: 0.9", "node appointments/day: 2.0"]
    own = apply("front-desk", TEXTS, {"turns.style": "urgent", "turns.bargein.min_words": "3"}).texts
    found = fields(own, settings, numbers)
    assert (found["turns.bargein.min_words"].value, found["turns.bargein.min_words"].origin) == ("3", "this agent")
    assert (found["turns.endpointing.max_delay_s"].value, found["turns.endpointing.max_delay_s"].origin) == ("0.6", "the style urgent")
    base = {**TEXTS, "harbor-base": TEXTS["harbor-base"].replace("give_up_after: 3", "give_up_after: 3\nturns: {keypad: {menu_key_s: 2}}")}
    assert fields(base)["turns.keypad.menu_key_s"].origin == "harbor-base.yaml"


def test_typed_values() -> None:
    assert typed_value("number", "0,9") == 0.9
    assert typed_value("whole", "2") == 2
    assert typed_value("number", "soon") == "soon"
    assert typed_value("words", "okay\n\n right ") == ["okay", "right"]
    assert typed_value("rules", '{after: "order number", max_delay_s: 2.0}') == [{"after": "order number", "max_delay_s": 2.0}]


def test_wrong_values_are_named_at_their_fields_all_at_once() -> None:
    wrong = knob_mistakes({"endpointing": {"max_delay_s": 99, "min_delay_s": "soon"}, "style": "rude"})
    assert set(wrong) == {"turns.endpointing.max_delay_s", "turns.endpointing.min_delay_s", "turns.style"}
    assert "less than or equal to 10" in wrong["turns.endpointing.max_delay_s"]


def test_opening_hours_are_typed_as_people_write_them() -> None:
    done = apply("front-desk", TEXTS, {"hours.monday": "8:00 – 12:00, 13:00-17:30", "hours.sunday": "", "hours.timezone": "Europe/Madrid"})
    assert done.refused == {}
    assert 'hours: {timezone: Europe/Madrid, monday: ["08:00-12:00", "13:00-17:30"]}' in done.texts["front-desk"]
    assert {name for name, text in done.texts.items() if text != TEXTS[name]} == {"front-desk"}
    found = {field.day: field for field in hour_fields("front-desk", done.texts)}
    assert (found["monday"].origin, found["tuesday"].origin) == ("front-desk.yaml", "harbor-base.yaml")
    wrong = apply("front-desk", TEXTS, {"hours.friday": "nine to five"}).texts
    assert "is no span" in hour_mistakes(hour_fields("front-desk", wrong))["hours.friday"]
