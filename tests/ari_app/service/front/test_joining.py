from collections.abc import Mapping
from typing import Any

from ari_app.service.front.joining import NOBODY, SILENT, added, health, live, status


def told(calls: int, **more: Any) -> dict[str, Any]:
    return {
        "reasons": [],
        "versions": {"asterisk": "22"},
        "ports": {"sip": 5060},
        "live_calls": calls,
        "counts": {
            "calls": {"talking": calls},
            "bridges": calls,
            "draining": False,
            "admission": {"served": calls, "max_calls": 100, "rtp_pairs_used": 7, "rtp_pairs_total": 200},
        },
        "media": {"lines": calls, "ports_total": 80, "lateness": {"p99_ms": 1.0 + calls}},
        "records_pending": 1,
        "database": "up",
        "memory_mb": 200.5,
        **more,
    }


def test_ready_when_one_worker_answers_calls() -> None:
    assert health({1: {"reasons": []}, 2: None}) == {"ready": True, "reasons": [], "workers": {"1": [], "2": [SILENT]}}
    assert health({1: {"reasons": ["no AMI"]}, 2: None})["reasons"] == ["worker 1: no AMI", f"worker 2: {SILENT}"]


def test_one_worker_speaks_for_itself_and_none_is_not_ready() -> None:
    assert health({1: {"reasons": ["no AMI"]}})["reasons"] == ["no AMI"]
    assert (health({})["ready"], health({})["reasons"]) == (False, [NOBODY])


def test_status_sums_what_is_counted_and_keeps_what_is_shared() -> None:
    answer = status({1: told(2), 3: told(5), 2: None}, {1: {"app": "patchcord-1"}})
    assert answer["live_calls"] == 7
    assert answer["counts"] == {
        "calls": {"talking": 7},
        "bridges": 7,
        "draining": False,
        "admission": {"served": 7, "max_calls": 200, "rtp_pairs_used": 7, "rtp_pairs_total": 200},
    }
    assert answer["media"] == {"lines": 7, "ports_total": 80, "lateness": {"p99_ms": 6.0}}
    assert (answer["records_pending"], answer["memory_mb"], answer["database"]) == (2, 401.0, "up")
    assert [worker["worker"] for worker in answer["workers"]] == [1, 2, 3]
    assert answer["workers"][0]["app"] == "patchcord-1"
    assert answer["workers"][1]["reasons"] == [SILENT]


def test_the_database_is_up_when_it_is_for_all() -> None:
    assert status({1: told(0), 2: told(0, database="away")}, {})["database"] == "away"
    assert status({1: None}, {})["database"] == "away"


def test_states_that_only_one_worker_has_are_kept() -> None:
    assert added([{"calls": {"talking": 1}}, {"calls": {"outside": 2}}]) == {"calls": {"talking": 1, "outside": 2}}
    assert added([{"draining": True}, {"draining": False}]) == {"draining": False}


def test_the_answers_of_the_workers_stay_as_they_were() -> None:
    first, second = told(1), told(2)
    added([first["counts"], second["counts"]])
    assert first == told(1)


def test_live_calls_come_oldest_first_with_their_worker() -> None:
    answer = live({1: {"calls": [{"id": "a", "seconds": 3}]}, 2: {"calls": [{"id": "b", "seconds": 9}]}, 3: None})
    assert [(call["id"], call["worker"]) for call in answer["calls"]] == [("b", 2), ("a", 1)]


def test_a_call_that_two_workers_know_is_shown_once_by_the_one_that_has_it() -> None:
    outside, talking = {"id": "a", "seconds": 3, "state": "outside"}, {"id": "a", "seconds": 2, "state": "talking"}
    for answers in ({1: {"calls": [outside]}, 2: {"calls": [talking]}}, {1: {"calls": [talking]}, 2: {"calls": [outside]}}):
        assert [call["state"] for call in live(answers)["calls"]] == ["talking"]
    assert len(live({1: {"calls": [outside]}, 2: {"calls": [outside]}})["calls"]) == 1


def test_what_keeps_calls_from_all_workers_comes_first_and_is_not_ready() -> None:
    both: dict[int, Mapping[str, Any] | None] = {1: {"reasons": []}, 2: {"reasons": ["no AMI"]}}
    assert health(both, ["SIP stands"]) == {"ready": False, "reasons": ["SIP stands"], "workers": {"1": [], "2": ["no AMI"]}}
    assert health({1: {"reasons": ["no AMI"]}}, ["SIP stands"])["reasons"] == ["SIP stands", "no AMI"]
    assert status({1: told(1)}, {}, ["SIP stands"])["reasons"] == ["SIP stands"]
