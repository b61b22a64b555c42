"""Word lists are read beside the calls: nobody waits for them, and broken ones cost nobody their call."""

from concurrent.futures import Executor, Future
from typing import Any

import pytest

from agents.emotion.signs import WordSigns
from ari_app.service import word_lists
from ari_app.service.word_lists import WordLists


class Later(Executor):
    """Runs what it was given when told."""

    def __init__(self) -> None:
        self._due: list[tuple[Future[Any], Any, tuple[Any, ...]]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        self._due.append((future, fn, args))
        return future

    def run(self) -> int:
        due, self._due = self._due, []
        for future, work, args in due:
            try:
                future.set_result(work(*args))
            except Exception as error:
                future.set_exception(error)
        return len(due)


def test_until_a_language_is_read_nothing_is_found_and_nobody_waits() -> None:
    executor = Later()
    lists = WordLists(executor)
    angry = "this is ridiculous, I have called three times and nobody helps me"
    assert lists.of("en").reader.read(angry) == WordSigns()
    assert lists.of("en").concerns.find("I am calling my lawyer and will sue you") == ()
    assert executor.run() == 1, "read once, however often it was asked for"
    assert lists.of("en").reader.read(angry).states["frustrated"] > 0.5
    assert [concern.name for concern in lists.of("en").concerns.find("I am calling my lawyer and will sue you")] == ["legal_threat"]
    assert executor.run() == 0


def test_a_language_whose_lists_are_broken_goes_without(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(language: str) -> word_lists.Lists:
        raise ValueError(f"the lists of {language} are broken")

    monkeypatch.setattr(word_lists, "_read", broken)
    executor = Later()
    lists = WordLists(executor)
    lists.of("en")
    executor.run()
    assert lists.of("en").reader.read("this is ridiculous") == WordSigns()
    assert "word_lists_unusable" in caplog.text
