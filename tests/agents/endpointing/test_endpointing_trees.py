"""Decision trees: which leaf is reached, and what is no tree."""

import json
from pathlib import Path
from typing import Any

import pytest

from agents.endpointing.model import ModelError, model
from agents.endpointing.trees import Tree

TREE = Tree([("a", 0.5, 1, -3), ("b", -1.0, -1, -2)], [1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("features", "value"), [({"a": 0.6}, 3.0), ({"a": 0.5}, 2.0), ({"b": -1.0}, 1.0), ({"b": -0.9}, 2.0), ({}, 2.0), ({"c": 9.0}, 2.0)]
)
def test_the_leaf_is_found_and_what_is_not_there_counts_as_0(features: dict[str, float], value: float) -> None:
    assert TREE.value(features) == value


def test_a_tree_may_be_one_leaf() -> None:
    assert Tree([], [0.25]).value({"a": 1.0}) == 0.25


@pytest.mark.parametrize(
    ("splits", "leaves"),
    [([("a", 0.0, 0, -1)], [1.0]), ([("a", 0.0, -1, -2)], [1.0]), ([("a", 0.0, 1, -1)], [1.0]), ([], [])],
    ids=["itself", "no such leaf", "no such split", "nothing"],
)
def test_what_does_not_end_in_a_leaf_is_refused(splits: list[tuple[str, float, int, int]], leaves: list[float]) -> None:
    with pytest.raises(ValueError, match=r"leads to|without leaves"):
        Tree(splits, leaves)


@pytest.mark.parametrize(
    "data",
    [[], {}, {"base": 0}, {"base": 0, "trees": [{"splits": []}]}, {"base": 0, "trees": [{"splits": [["a", 0, 0, 0]], "leaves": [1]}]}],
)
def test_trees_that_cannot_be_read_name_the_file_and_the_remedy(tmp_path: Path, data: Any) -> None:
    (tmp_path / "en.json").write_text(json.dumps(data))
    with pytest.raises(ModelError, match=r"en\.json: .*python -m tests\.bench\.endpointing\.fit"):
        model("en", tmp_path)
