"""A person understands more of a telephone voice than a small recogniser does.

What the caller recognised stays the proof that something was said, and when. Its wording is mended by the service's own record of the
agent's words where the two are alike; what was not heard is never taken from there.
"""

from collections.abc import Sequence
from typing import Final

from tests.bench.scenarios.heard import alike, sentences, tokens

ENOUGH: Final = 0.6
"""Likeness of what was recognised and what was said, from which it counts as understood."""
_SHORT: Final = 1
"""Words of a last sentence that may be missing in what was recognised."""


def mended(heard: str, said: Sequence[str]) -> str:
    """``heard``, or those sentences in a row of what the agent has said that it is most like. ``said``: its latest turns."""
    pieces = [sentence for turn in said for sentence in sentences(turn)]
    own = "".join(tokens(heard))
    best, found, until = ENOUGH, heard, 0
    for start in range(len(pieces)):
        for end in range(start + 1, len(pieces) + 1):
            text = " ".join(pieces[start:end])
            likeness = alike(own, "".join(tokens(text)))
            # Of equals the latest: the question that was repeated.
            if likeness >= best:
                best, found, until = likeness, text, end
    # A recogniser swallows a last word such as "Correct?".
    swallowed = 0 < until == len(pieces) - 1 and len(tokens(pieces[until])) <= _SHORT
    return f"{found} {pieces[until]}" if swallowed else found
