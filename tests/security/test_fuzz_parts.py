"""The fuzzing itself: repeatable, and a verdict that sees each kind of harm."""

import random
from dataclasses import replace

import pytest

from tests.bench.fuzz.damage import MOST, damaged
from tests.bench.fuzz.http_requests import WHERE
from tests.bench.fuzz.http_requests import request as http_request
from tests.bench.fuzz.sip_requests import Learnt
from tests.bench.fuzz.sip_requests import request as sip_request
from tests.bench.fuzz.verdict import Seen, faults
from tests.bench.fuzz.watch import Look

LOOK = Look({"asterisk": 10, "desk": 11}, {"asterisk": 90.0, "desk": 100.0}, {"asterisk": 30, "desk": 12})
WELL = Seen(LOOK, LOOK, LOOK, {}, [], [("5550701", "100")], {"heard": 1}, "555070", "5550701")


def stream(seed: int) -> list[bytes]:
    chance, learnt = random.Random(seed), Learnt()
    sip = [damaged(chance, sip_request(chance, number, learnt, trusted=number % 3 == 0)) for number in range(300)]
    return sip + [damaged(chance, http_request(chance, WHERE[number % 3], "127.0.0.1:1")) for number in range(300)]


def test_a_seed_gives_the_same_messages_again() -> None:
    assert stream(1) == stream(1)
    assert stream(1) != stream(2)
    assert all(len(message) <= MOST for message in stream(1))


def test_who_is_trusted_never_dials_a_number_that_exists() -> None:
    chance = random.Random(3)
    lines = [sip_request(chance, number, Learnt(), trusted=True).split(b"\r\n")[0] for number in range(500)]
    assert {line.split()[1] for line in lines} == {b"sip:nowhere@127.0.0.1"}


def test_answers_teach() -> None:
    learnt = Learnt()
    answer = b'SIP/2.0 401 Unauthorized\r\nCall-ID: a\r\nFrom: <x>;tag=1\r\nTo: <y>;tag=2\r\nWWW-Authenticate: Digest nonce="n"\r\n\r\n'
    assert learnt.hear(answer) == 401
    assert (learnt.nonces, learnt.tags) == (["n"], [("a", "<x>;tag=1", "<y>;tag=2")])
    assert learnt.hear(b"nonsense") == 0


def test_when_nothing_happened_there_is_no_fault() -> None:
    assert faults(WELL, 10, 5) == []


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (replace(WELL, after=replace(LOOK, pids={"asterisk": 99, "desk": 11})), "asterisk died"),
        (replace(WELL, after=replace(LOOK, memory_mb={"asterisk": 90.0, "desk": 111.0})), "desk grew"),
        (replace(WELL, after=replace(LOOK, files={"asterisk": 36, "desk": 12})), "files open"),
        (replace(WELL, held={"channels": 1}), "still held"),
        (replace(WELL, errors=["desk: x"]), "logged"),
        (replace(WELL, calls=[*WELL.calls, ("2001", "100")]), "nobody was entitled"),
        (replace(WELL, calls=[]), "placed beside it"),
        (replace(WELL, side={"heard": 1, "refused with 503": 1}), "calls beside it"),
        (replace(WELL, side={}, calls=[]), "calls beside it"),
        (replace(WELL, leaks=["desk answered 200"]), "without a login"),
    ],
)
def test_each_harm_is_told(seen: Seen, told: str) -> None:
    assert any(told in fault for fault in faults(seen, 10, 5))
