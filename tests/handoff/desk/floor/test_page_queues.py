import json
from typing import Any

import pytest

from handoff.desk.floor.page_queues import in_words, page_queues
from handoff.queues import QueueBoard
from tests.handoff.desk.floor.queue_facts import NOW, entry, fill, member, params


@pytest.fixture
def board() -> QueueBoard:
    return QueueBoard()


def test_a_queue_with_its_line_and_people(board: QueueBoard) -> None:
    fill(board, params("support"), member("support", "kim"), entry("support", 1, 40), entry("support", 2, 5, "2003"))
    page: Any = page_queues(board.view(NOW))
    [queue] = page["queues"]
    assert queue["waiting"] == [
        {"position": 1, "number": "…0000", "since": NOW - 40, "with_ai": False},
        {"position": 2, "number": "2003", "since": NOW - 5, "with_ai": False},
    ]
    assert (queue["longest_since"], queue["available"], queue["serving"]) == (NOW - 40, 1, 1)
    level = queue["today"]["service_level"]
    assert level["value"] is None
    assert level["words"] == "answered within 20 s ÷ (answered + abandoned)"


def test_time_alone_changes_nothing(board: QueueBoard) -> None:
    fill(board, params("support"), member("support", "kim", paused="1", reason="lunch"), entry("support", 1, 40))
    assert page_queues(board.view(NOW)) == page_queues(board.view(NOW + 7.0))


def test_a_person_of_two_queues_is_one_row_in_their_busiest_state(board: QueueBoard) -> None:
    fill(
        board,
        *(params("billing"), params("support")),
        *(
            member("billing", "kim", paused="1", reason="training"),
            member("support", "kim", status="6"),
            member("support", "Ada", status="5"),
        ),
    )
    page: Any = page_queues(board.view(NOW))
    assert [(row["name"], row["state"], row["queues"], row["paused_in"]) for row in page["members"]] == [
        ("Ada", "unavailable", ["support"], []),
        ("kim", "ringing", ["billing", "support"], ["billing"]),
    ]


def test_it_is_json_and_empty_without_queues(board: QueueBoard) -> None:
    assert page_queues(board.view(NOW)) == {"queues": [], "members": [], "stale_since": None}
    fill(board, params("support"), member("support", "kim"), entry("support", 1, 1))
    assert json.loads(json.dumps(page_queues(board.view(NOW))))


def test_the_connection_to_asterisk_lost(board: QueueBoard) -> None:
    fill(board, params("support"))
    board.disconnected(NOW + 5)
    assert page_queues(board.view(NOW + 9))["stale_since"] == NOW + 5


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ("sl.answered-of-offered/20", "answered within 20 s ÷ (answered + abandoned)"),
        (
            "sl.answered-of-offered/30/short-5/flow-outs",
            "answered within 30 s ÷ (answered + abandoned + sent on) (hang-ups within 5 s left out)",
        ),
        ("sl.asterisk/20", "completed and answered within 20 s ÷ completed; abandons do not count"),
        ("abandonment", "abandoned ÷ (answered + abandoned + sent on)"),
        ("asa", "seconds waited by answered callers ÷ answered"),
        ("something new", "something new"),
        ("else/7", "else/7"),
    ],
)
def test_definitions_in_words(definition: str, words: str) -> None:
    assert in_words(definition) == words


def test_every_definition_the_board_uses_has_words(board: QueueBoard) -> None:
    fill(board, params("support"))
    figures = board.view(NOW)["support"].today
    for ratio in (*figures.service_levels, figures.abandonment, figures.asa, figures.handling):
        assert in_words(ratio.definition) != ratio.definition
