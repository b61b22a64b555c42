"""CLINC150 and BANKING77, read where they lie beside the checkout."""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.conftest import DATA_SETS

FOLDER: Final = DATA_SETS / "intents"


class NoData(Exception):
    """An evaluation set is not here."""


@dataclass(frozen=True, slots=True)
class Labelled:
    text: str
    intent: str


@dataclass(frozen=True, slots=True)
class IntentSet:
    train: tuple[Labelled, ...]
    test: tuple[Labelled, ...]
    outside: tuple[str, ...] = ()
    """Of the test."""
    background: tuple[str, ...] = ()
    """Out-of-scope sentences that may be trained with."""


def clinc150(folder: Path = FOLDER) -> IntentSet:
    """150 intents with 100 sentences each, and 1,000 out-of-scope ones (Larson et al., EMNLP 2019; the "full" variant). Raises NoData."""
    path = folder / "clinc150_full.json"
    parts: Mapping[str, list[tuple[str, str]]] = json.loads(_text(path))
    return IntentSet(
        tuple(Labelled(*pair) for pair in parts["train"]),
        tuple(Labelled(*pair) for pair in parts["test"]),
        tuple(text for text, _ in parts["oos_test"]),
        tuple(text for text, _ in parts["oos_train"]),
    )


def banking77(folder: Path = FOLDER) -> IntentSet:
    """77 intents of one bank's customers (Casanueva et al., NLP4ConvAI 2020). Raises NoData."""
    return IntentSet(_rows(folder / "banking77_train.csv"), _rows(folder / "banking77_test.csv"))


def by_intent(sentences: Iterable[Labelled]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for sentence in sentences:
        out.setdefault(sentence.intent, []).append(sentence.text)
    return out


def _rows(path: Path) -> tuple[Labelled, ...]:
    return tuple(Labelled(row["text"], row["category"]) for row in csv.DictReader(_text(path).splitlines(True)))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError as error:
        raise NoData(f"{path} is not here; put the evaluation sets there, or leave this measurement out") from error
