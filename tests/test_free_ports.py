"""The ports of tests: never refused for what was given out before, never the same soon again, never one that is taken."""

import random
import socket

import pytest

from tests.free_ports import Rounds

KINDS = (socket.SOCK_DGRAM, socket.SOCK_STREAM)
HERE = "127.0.0.1"
PORTS = range(61_000, 62_000)
"""Above those that the kernel hands out by itself, and none of those that tests beside this one are given."""
TAKEN = 62_500


@pytest.mark.parametrize("seed", range(5))
def test_a_long_run_of_large_blocks_is_never_refused(seed: int) -> None:
    sizes, rounds = random.Random(seed), Rounds(PORTS)
    given: list[range] = []
    for _ in range(200):
        size = sizes.choice((1, 2, 100, 300))
        first = rounds.block(size, HERE)
        assert first % 2 == 0
        assert first in PORTS
        assert first + size <= PORTS.stop
        block = range(first, first + size)
        assert not given or block.start >= given[-1].stop or block.stop <= given[-1].start, "the block before may not be open yet"
        given.append(block)


def test_what_was_given_out_comes_again_after_all_others_only() -> None:
    rounds = Rounds(PORTS)
    seen = [rounds.block(2, HERE) for _ in range(500)]
    assert len(set(seen)) >= 499
    assert rounds.block(2, HERE) in seen


@pytest.mark.parametrize("kind", KINDS)
def test_taken_ports_are_walked_around(kind: socket.SocketKind) -> None:
    """SIP listens for both: a port that another instance has for one of them is of no use."""
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind((HERE, TAKEN))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        rounds = Rounds(range(TAKEN - 22, TAKEN + 40))
        for _ in range(20):
            first = rounds.block(8, HERE)
            assert not first <= TAKEN < first + 8


def test_too_little_room_is_said() -> None:
    with pytest.raises(RuntimeError, match="no 400 free ports in a row between 61000 and 61200"):
        Rounds(range(61_000, 61_200)).block(400, HERE)
    with socket.socket(socket.AF_INET, KINDS[0]) as taken:
        taken.bind((HERE, TAKEN))
        with pytest.raises(RuntimeError, match="free ports in a row"):
            Rounds(range(TAKEN, TAKEN + 1)).block(1, HERE)
