"""Finds the point at which an autoregressive recogniser got stuck in a loop, a failure they all share on noise and cut-off audio."""

from collections.abc import Sequence
from typing import Final

_LONGEST_PERIOD: Final = 12
"""Tokens: longer phrases are not repeated four times within any utterance that the token cap lets through."""


def _repeats_allowed(period: int) -> int:
    """Repetitions that people do say: "no no no no", "seven seven seven" and digit strings with one token per digit."""
    return {1: 7, 2: 6}.get(period, 4)


def loop_start(tokens: Sequence[int]) -> int | None:
    """Number of tokens to keep when ``tokens`` ends in a loop (one round of it is kept), else None."""
    for period in range(1, _LONGEST_PERIOD + 1):
        rounds = _rounds(tokens, period)
        if rounds > _repeats_allowed(period):
            return len(tokens) - (rounds - 1) * period
    return None


def _rounds(tokens: Sequence[int], period: int) -> int:
    """How often the last ``period`` tokens stand in a row at the end."""
    if len(tokens) < period:
        return 0
    last = tokens[-period:]
    rounds = 1
    end = len(tokens) - period
    while end >= period and tokens[end - period : end] == last:
        rounds += 1
        end -= period
    return rounds
