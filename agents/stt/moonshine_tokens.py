"""Moonshine's vocabulary file: token numbers to text.

``tokenizer.bin`` is a row of byte strings, each behind its length: one byte below 128, else two bytes with the low seven bits first.
The position of a string is its token number. U+2581 stands for a space and ``<0x41>`` for a raw byte, as in SentencePiece.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

BEGIN: Final = 1
"""Token that starts every decoding."""
END: Final = 2
"""Token with which the model ends its text."""

_SPACE: Final = "\u2581".encode()
_RAW_BYTE: Final = re.compile(rb"<0x([0-9A-F]{2})>")
_CONTROL: Final = re.compile(rb"<[^>]*>")


class Vocabulary:
    """Token strings by number."""

    __slots__ = ("_pieces",)

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    @classmethod
    def read(cls, path: Path) -> "Vocabulary":
        """Raises OSError when ``path`` cannot be read and ValueError when it is cut short."""
        return cls(_split(path.read_bytes()))

    def __len__(self) -> int:
        return len(self._pieces)

    def text(self, tokens: Iterable[int]) -> str:
        """The text of ``tokens``, without control tokens such as ``<s>``. Invalid UTF-8 becomes U+FFFD."""
        return b"".join(self._piece(token) for token in tokens).replace(_SPACE, b" ").decode(errors="replace").strip()

    def whole_words(self, words: Iterable[str]) -> list[int]:
        """Tokens that are one of ``words`` (lower case) with a space before it, in either case."""
        wanted = {_SPACE + word.encode() for word in words}
        return [number for number, piece in enumerate(self._pieces) if piece.lower() in wanted]

    def _piece(self, token: int) -> bytes:
        piece = self._pieces[token] if 0 <= token < len(self._pieces) else b""
        raw = _RAW_BYTE.fullmatch(piece)
        if raw:
            return bytes.fromhex(raw[1].decode())
        return b"" if _CONTROL.fullmatch(piece) else piece


def _split(data: bytes) -> list[bytes]:
    pieces: list[bytes] = []
    at = 0
    while at < len(data):
        length = data[at]
        at += 1
        if length >= 128:
            if at == len(data):
                raise ValueError("vocabulary is cut short inside a length")
            length = length - 128 + 128 * data[at]
            at += 1
        if at + length > len(data):
            raise ValueError(f"vocabulary is cut short inside token {len(pieces)}")
        pieces.append(data[at : at + length])
        at += length
    return pieces
