"""Conversation files: what is refused with which words, and the schema that editors use."""

import json
from pathlib import Path

import jsonschema
import pytest

import agents.rehearsal.conversation_file
from agents.flows.yaml_tree import compose, construct
from agents.rehearsal.conversation_file import ConversationError, json_schema, read_conversation
from agents.rehearsal.typed_line import Keys, Silence, Words

GOOD = """\
agent: front-desk
name: an order
tools:
  orders.find: {gives: {found: false}}
  callbacks.note:
    - {with: {phone: "5550101"}, gives: {noted: true}, times: 1}
    - fails: the service is down
model:
  - says: [Hello.]
    exit: done
steps:
  - says: [How can I help, /order/i]
  - caller: where is my order
    node: order_number
  - keys: "10482"
    says: one zero four
  - silence: true
    absent: [sorry]
  - returns: TIMEOUT
    slots: {order_number: "10482", phone: null}
    tool: [orders.find, {name: callbacks.note, with: {phone: "5550101"}, failed: true}]
never_called: [orders.refund]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "one.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_file_is_read_with_its_lines(tmp_path: Path) -> None:
    conversation = read_conversation(written(tmp_path, GOOD))
    steps = conversation.file.steps
    assert [step.given for step in steps] == [None, Words("where is my order"), Keys("10482"), Silence(), None]
    assert steps[2].says == ("one zero four",)
    assert [tool.name for tool in steps[4].tool] == ["orders.find", "callbacks.note"]
    assert conversation.line("steps", 1, "node") == 14
    assert conversation.line("steps", 0, "says", 0) == 12
    assert conversation.line("never_called", 0) == 22
    assert not conversation.live


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("name: an order\n", "", 1, "name: is missing; add it"),
        ("    node: order_number", "    nod: order_number", 14, "steps.1.nod: unknown key; did you mean 'node'?"),
        ("steps:\n", "stepps: 1\nsteps:\n", 11, "stepps: unknown key; did you mean 'steps'?"),
        ('keys: "10482"', "keys: 10482", 15, 'steps.2.keys: must be text; put it in quotes: "10482"'),
        ('keys: "10482"', "keys: star", 15, "steps.2.keys: 'star' are no keys of a telephone; use 0-9 and *"),
        ("/order/i", "/order(/", 12, "steps.0.says.1: /order(/ is no regular expression"),
        (
            "  - silence: true",
            "  - silence: true\n    caller: hello",
            17,
            "this one has caller and silence",
        ),
        (
            "  - silence: true\n",
            "  - node: main\n",
            1,
            "step 4 has no caller, keys, silence, returns or announces; only the first may go without",
        ),
        ("gives: {noted: true}, ", "", 6, "tools.callbacks.note.0: give either 'gives' (a result) or 'fails' (words)"),
        ("name: an order", "name: an order\nnow: '2026-11-20'", 3, "now: '2026-11-20' has no time zone"),
        ("name: an order", "name: an order\nname: two", 3, "'name' stands here a second time"),
        ("absent: [sorry]", "absent: ['']", 18, "steps.3.absent.0: an empty text fits everything"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_remedy(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ConversationError) as refused:
        read_conversation(path)
    (told,) = str(refused.value).splitlines()
    assert told.startswith(f"{path}:{line}: "), told
    assert message in told


@pytest.mark.parametrize("text", ["", "- a list", "steps: [", "\x00"])
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConversationError, match=r"one\.yaml"):
        read_conversation(written(tmp_path, text))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConversationError, match="cannot be read"):
        read_conversation(tmp_path / "none.yaml")


def test_the_published_schema_is_the_one_of_the_reader() -> None:
    published = Path(agents.rehearsal.conversation_file.__file__).with_name("conversation.schema.json")
    assert json.loads(published.read_text()) == json_schema()


def test_the_schema_takes_what_the_reader_takes() -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.validate(construct(compose(GOOD, "one.yaml")))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(construct(compose(GOOD.replace("    node:", "    nod:"), "one.yaml")))
