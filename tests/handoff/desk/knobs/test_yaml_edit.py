"""Edits in YAML: everything but the change stays, byte for byte, or the edit is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from agents.flows.yaml_tree import compose, construct
from agents.library import FOLDER
from handoff.desk.knobs.yaml_edit import EditRefused, add_item, remove, remove_item, set_list, set_value, split_by_language
from handoff.desk.knobs.yaml_place import Path as KeyPath
from handoff.desk.knobs.yaml_place import content, find
from handoff.desk.knobs.yaml_write import rendered

LIBRARY = sorted(FOLDER.glob("*.yaml"))
SMALL = """\
# The head
name: desk  # a name
texts: [Hello., "Good day"]   # two
nodes:
  # a node
  main:
    ask: &ask
      - How can I help?   # first
      # between
      - 'It''s "open"'
    again: *ask
    empty: {}
  # the end
  last: {do: end, say: ["Bye."]}
# the tail
"""


def scalars(node: yaml.Node, path: KeyPath = ()) -> Iterator[tuple[KeyPath, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from scalars(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from scalars(value, (*path, str(number)))
    else:
        yield path, node


@pytest.mark.parametrize("file", LIBRARY, ids=lambda file: file.stem)
def test_an_unchanged_value_changes_no_byte(file: Path) -> None:
    text = file.read_text("utf-8")
    root = compose(text, "")
    texts = [(path, node) for path, node in scalars(root) if node.tag.endswith(":str")]
    assert texts
    for path, node in texts[::3]:
        assert set_value(text, path, node.value) == text, path


@pytest.mark.parametrize("file", LIBRARY, ids=lambda file: file.stem)
def test_a_changed_wording_leaves_all_around_it(file: Path) -> None:
    text = file.read_text("utf-8")
    places = [(path, node) for path, node in scalars(compose(text, "")) if path[-1].isdecimal() and node.tag.endswith(":str")]
    for path, node in places[::25]:
        start, end = content(text, node)
        new = set_value(text, path, 'Ünlike: it\'s <b>"new"</b> # no comment')
        assert new.startswith(text[:start]) and new.endswith(text[end:]), path
        changed = find(compose(new, ""), path)
        assert changed is not None and changed.value == 'Ünlike: it\'s <b>"new"</b> # no comment'


def test_the_style_of_quotes_stays_where_it_can() -> None:
    new = set_value(SMALL, ("nodes", "main", "ask", "1"), "It's closed")
    assert "- 'It''s closed'\n" in new
    assert "- How may I help?   # first\n" in set_value(SMALL, ("nodes", "main", "ask", "0"), "How may I help?")
    assert '[Hello., "Good evening"]   # two' in set_value(SMALL, ("texts", "1"), "Good evening")
    assert '- "true"   # first' in set_value(SMALL, ("nodes", "main", "ask", "0"), "true")


def test_a_shared_text_changes_wherever_it_is_said() -> None:
    new = construct(compose(set_value(SMALL, ("nodes", "main", "again", "0"), "Yes?"), ""))
    assert new["nodes"]["main"]["ask"][0] == new["nodes"]["main"]["again"][0] == "Yes?"


def test_items_come_and_go_with_their_comments_around() -> None:
    more = add_item(SMALL, ("nodes", "main", "ask"), "Third: one")
    assert """      - 'It''s "open"'\n      - "Third: one"\n    again: *ask\n""" in more
    assert add_item(SMALL, ("texts",), "Hi").splitlines()[2] == 'texts: [Hello., "Good day", Hi]   # two'
    less = remove_item(SMALL, ("nodes", "main", "ask", "0"))
    assert "    ask: &ask\n      # between\n      - 'It''s" in less
    assert remove_item(SMALL, ("texts", "0")).splitlines()[2] == 'texts: ["Good day"]   # two'
    assert remove_item(SMALL, ("texts", "1")).splitlines()[2] == "texts: [Hello.]   # two"
    with pytest.raises(EditRefused):
        remove_item(SMALL, ("nodes", "last", "say", "0"))


def test_new_keys_go_to_the_head_and_removing_them_restores_every_byte() -> None:
    new = set_value(SMALL, ("turns", "endpointing", "max_delay_s"), 1.2)
    assert new.splitlines()[2:4] == ['texts: [Hello., "Good day"]   # two', "turns: {endpointing: {max_delay_s: 1.2}}"]
    both = set_value(new, ("turns", "endpointing", "min_delay_s"), 0.3)
    assert "turns: {endpointing: {max_delay_s: 1.2, min_delay_s: 0.3}}" in both
    assert remove(both, ("turns", "endpointing", "min_delay_s")) == new
    assert remove(new, ("turns", "endpointing", "max_delay_s")) == SMALL
    assert remove(SMALL, ("turns", "style")) == SMALL
    assert "empty: {x: 1}" in set_value(SMALL, ("nodes", "main", "empty", "x"), 1)


def test_block_style_takes_new_keys_and_gives_them_back() -> None:
    text = "a: 1\nturns:\n  endpointing:\n    max_delay_s: 1.0  # patient\n\n  # quick\n  keypad: {menu_key_s: 1}\nz: 2\n"
    new = set_value(text, ("turns", "endpointing", "min_delay_s"), 0.3)
    assert "    max_delay_s: 1.0  # patient\n    min_delay_s: 0.3\n\n  # quick" in new
    assert remove(new, ("turns", "endpointing", "min_delay_s")) == text
    assert set_value(text, ("turns", "endpointing", "max_delay_s"), 1.5) == text.replace("1.0", "1.5")


def test_lists_keep_what_they_hold() -> None:
    assert set_list("x: [a, b]  # c\n", ("x",), ["a", "b"]) == "x: [a, b]  # c\n"
    assert set_value("x: [a, b]  # c\n", ("x",), ["a", "c", "d"]) == "x: [a, c, d]  # c\n"
    assert set_value("x: [a, b]  # c\n", ("x",), []) == "x: []  # c\n"
    assert construct(compose(set_value("x:\n  - a\n  - b\ny: 1\n", ("x",), ["z"]), "")) == {"x": ["z"], "y": 1}
    with pytest.raises(EditRefused, match="comments"):
        set_value("x:\n  - a # kept\n  - b\n", ("x",), ["z"])


def test_a_plain_list_becomes_one_of_languages() -> None:
    flow = split_by_language(SMALL, ("texts",), "en")
    assert flow.splitlines()[2] == 'texts: {en: [Hello., "Good day"]}   # two'
    block = split_by_language(SMALL, ("nodes", "main", "ask"), "en")
    assert "    ask: &ask\n      en:\n        - How can I help?   # first\n" in block
    assert "    again: *ask\n" in block


def test_what_an_alias_ties_to_another_place_is_refused() -> None:
    merged = "base: &base {x: 1, y: 2}\nmain: {<<: *base, z: 3}\n"
    with pytest.raises(EditRefused, match="alias"):
        remove(merged, ("main", "x"))
    assert construct(compose(remove(merged, ("main", "z")), ""))["main"] == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    "text", ["", " a", "- a", "yes", "1", "1.5", "null", "a: b", "#", "\u2028", "é", "ñandú", "a\nb", '"', "\\", "\x7f", "[x]", "<script>"]
)
def test_every_text_is_read_back_as_itself(text: str) -> None:
    assert construct(compose(f"x: {rendered([text])}", ""))["x"] == [text]
