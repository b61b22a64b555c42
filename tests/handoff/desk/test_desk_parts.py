"""The desk's pure parts: limits, passwords, secret, cards, timeline, files for spreadsheets."""

import stat
import threading
from pathlib import Path
from typing import Literal

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from handoff.desk.calls.export import defused
from handoff.desk.calls.timeline import decisions, latency_table, timeline
from handoff.desk.cards.view import card_view
from handoff.desk.csrf import cross_site
from handoff.desk.moments import clock
from handoff.desk.pages import visible
from handoff.desk.passwords import PasswordRefused, Passwords, generate
from handoff.desk.rate_limits import LoginLimits
from handoff.desk.requests import local_path
from handoff.desk.secret import DeskSecret, SecretUnusable, load_or_make

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def guess(limits: LoginLimits, name: str, address: str, now: float) -> bool:
    if limits.wait_s(name, address, now) > 0:
        return False
    limits.begin(name, address, now)
    return True


def test_the_wait_doubles_up_to_two_minutes() -> None:
    limits, now, waits = LoginLimits(), 0.0, []
    for number in range(16):
        assert guess(limits, "ada", f"10.0.0.{number}", now)
        waits.append(limits.wait_s("ada", "", now))
        now += waits[-1]
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 120, 120, 120, 120, 120]


def test_one_address_cannot_try_many_names() -> None:
    limits = LoginLimits()
    assert sum(guess(limits, f"name{number}", "10.0.0.1", 0.0) for number in range(1000)) == 20
    assert guess(limits, "ada", "10.0.0.2", 10.0)


def test_success_and_time_forgive() -> None:
    limits = LoginLimits()
    for _ in range(5):
        guess(limits, "ada", "10.0.0.1", 0.0)
    limits.succeeded("ada", "10.0.0.1")
    assert limits.wait_s("ada", "10.0.0.1", 0.0) == 0
    for _ in range(5):
        guess(limits, "ben", "10.0.0.1", 0.0)
    assert limits.wait_s("ben", "10.0.0.1", 0.0) == 1
    limits.begin("ben", "10.0.0.1", 3602.0)
    assert limits.wait_s("ben", "10.0.0.1", 3602.0) == 0


def test_a_flood_of_names_takes_no_more_memory() -> None:
    limits = LoginLimits()
    for number in range(12_000):
        limits.begin(f"name{number}", f"address{number}", 0.0)
    assert len(limits._names) == len(limits._addresses) == 10_000


async def test_passwords_are_argon2id_and_checked_off_the_loop() -> None:
    threads: set[int] = set()

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            threads.add(threading.get_ident())
            return super().verify(hash, password)

    passwords = Passwords(Watched(time_cost=1, memory_cost=8, parallelism=1))
    stored = await passwords.hash("correct horse battery")
    assert stored.startswith("$argon2id$")
    assert await passwords.matches(stored, "correct horse battery")
    assert not await passwords.matches(stored, "correct horse batterY")
    assert not await passwords.matches(None, "correct horse battery")
    assert threads and threading.get_ident() not in threads
    assert not passwords.outdated(stored)
    assert Passwords().outdated(stored)


@pytest.mark.parametrize("password", ["", "short", "a" * 300, "abababababababab"])
async def test_weak_passwords(password: str) -> None:
    with pytest.raises(PasswordRefused):
        await Passwords(CHEAP).hash(password)


def test_made_passwords_differ_and_are_long() -> None:
    made = {generate() for _ in range(100)}
    assert len(made) == 100
    assert all(len(password) == 23 and not set(password) & set("0O1lI") for password in made)


def test_the_secret_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "desk.secret"
    first = load_or_make(path)
    assert load_or_make(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["desk.secret"]
    assert first.sign("csrf", b"x") != first.sign("links", b"x")
    assert first.value.hex() not in repr(first)
    for bad in ("", "zz", "00" * 31):
        path.write_text(bad)
        with pytest.raises(SecretUnusable):
            load_or_make(path)


def test_many_who_make_the_secret_at_once_agree(tmp_path: Path) -> None:
    found: list[DeskSecret] = []
    threads = [threading.Thread(target=lambda: found.append(load_or_make(tmp_path / "desk.secret"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({secret.value for secret in found}) == 1


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"Origin": "http://desk:8095"}, False),
        ({"Origin": "http://DESK:8095", "Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "http://desk:8096"}, True),
        ({"Origin": "http://desk"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "file://desk:8095"}, True),
        ({"Origin": "http://desk:8095", "Sec-Fetch-Site": "cross-site"}, True),
        ({"Origin": "http://desk:8095.elsewhere.example"}, True),
    ],
)
def test_where_requests_come_from(headers: dict[str, str], refused: bool) -> None:
    assert cross_site(headers, "desk:8095", "") is refused


@given(st.text(max_size=40))
def test_a_path_stays_here(path: str) -> None:
    found = local_path(path)
    assert found.startswith("/") and not found.startswith("//")
    assert "\\" not in found and "\n" not in found and "\r" not in found


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"])
def test_formulas_are_defused(text: str) -> None:
    assert defused(text) == f"'{text}"


def test_what_is_no_formula_stays() -> None:
    assert [defused(value) for value in ("a=b", "", None, -1, 2.5, True)] == ["a=b", "", "", -1, 2.5, True]


def test_hidden_marks_are_shown() -> None:
    assert visible("a\u202eb\u2066c\x00d\x1b[31m") == "a⟨U+202E⟩b⟨U+2066⟩c⟨U+0000⟩d⟨U+001B⟩[31m"
    assert visible("line\nbreak\t\u200f שלום") == "line\nbreak\t\u200f שלום"
    assert visible(5) == 5


@pytest.mark.parametrize(("ms", "shown"), [(0, "0:00"), (65_400, "1:05"), (-1500, "-0:02"), (3_600_000, "1:00:00"), (None, "–")])
def test_clock(ms: float | None, shown: str) -> None:
    assert clock(ms) == shown


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
CARD_FIELDS = ("reason", "caller", "intent", "queue", "summary", "key_facts", "slots", "attempted", "promises", "open_question")
MORE_FIELDS = ("next_action", "emotion", "consent", "recording", "turns", "version", "id", "call_id", "caller_number", "state")


@given(st.dictionaries(st.sampled_from((*CARD_FIELDS, *MORE_FIELDS)), json_values))
def test_no_card_is_so_broken_that_it_cannot_be_shown(body: dict[str, object]) -> None:
    card_view(body)


def test_a_card_of_the_first_version() -> None:
    body = {"version": 1, "id": "c", "call_id": "x", "reason": "caller_request", "queue": "support", "intent": "order_status"}
    view = card_view({**body, "slots": {"order": "10482"}, "caller_number": "+15550100", "turns": []})
    assert (view.reason, view.intent, view.queue, view.caller_number) == ("caller request", "order status", "support", "+15550100")
    assert [(fact.name, fact.value) for fact in view.told] == [("order", "10482")]


def turn(number: int, **more: object) -> dict[str, object]:
    base: dict[str, object] = {"number": number, "who": "agent", "text": "One two.", "heard": "One two.", "started_ms": number * 1000}
    return {**base, "ended_ms": number * 1000 + 500, "via": "speech", "interrupted": False, "latency_ms": {}, **more}


def test_what_was_heard_of_an_interrupted_sentence() -> None:
    call = {"turns": [turn(1, heard="One", interrupted=True), turn(2, heard="Otherwise", interrupted=True), turn(3)], "events": []}
    shown = [(entry.heard, entry.unheard, entry.heard_otherwise) for entry in timeline(call)]
    assert shown == [("One", " two.", ""), ("", "One two.", "Otherwise"), ("One two.", "", "")]


def test_events_stand_where_they_happened() -> None:
    events = [{"kind": "tool", "at_ms": 1500, "data": {"name": "x"}}, {"kind": "noise", "at_ms": 1000, "data": None}]
    found = timeline({"turns": [turn(1), turn(2)], "events": events})
    assert [(entry.kind, entry.at_ms, entry.quiet) for entry in found] == [
        ("turn", 1000, False),
        ("event", 1000, True),
        ("event", 1500, False),
        ("turn", 2000, False),
    ]


def test_decisions_are_events_with_a_reason() -> None:
    events = [
        {"kind": "handover", "at_ms": 5, "data": {"reason": "caller_request", "turn": 6, "ok": True}},
        {"kind": "tool", "at_ms": 6, "data": {"name": "x"}},
        {"kind": "noise", "at_ms": 7, "data": "text"},
    ]
    (only,) = decisions({"events": events})
    assert (only.kind, only.reason, only.facts) == ("handover", "caller request", (("turn", "6"), ("ok", "yes")))


def test_latency_in_the_order_of_the_stages() -> None:
    table = latency_table(
        [turn(1, latency_ms={"gap": 700.04, "extra": 1.0, "stt": 90.0}), turn(2), turn(3, latency_ms={"tts": 5.0, "gap": "x"})]
    )
    assert table.stages == ("stt", "tts", "gap", "extra")
    assert table.rows == ((1, 1000, (90.0, None, 700.0, 1.0)), (3, 3000, (None, 5.0, None, None)))
