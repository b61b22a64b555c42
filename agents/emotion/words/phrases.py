"""The notation in which the language files write what callers say, and how a phrase of it is found in a line.

A phrase is words with a space between them, as ``sentence.Wording.line`` gives them:

==========  ==================================================================================
``a|b``     alternatives; ``on_hold`` is one alternative of two words
``a?``      may be missing; ``a|b?`` too
``stem*``   any ending; the stem has four letters or more
``<name>``  the words of a class; a class may hold others that stand before it
``#``       a number in figures
``~``       up to two words of any kind; ``~5`` up to five
``=`` ``^`` at the front: the whole line, the beginning of the line
``$``       at the end: the end of the line
==========  ==================================================================================
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

KEY: Final = 4
"""Letters by which words and phrases are brought together before the expression is tried."""
_TOKEN: Final = re.compile(r"(?P<gap>~(?P<count>[0-9]?))|(?P<words>[^\s?~=^$]+)(?P<maybe>\??)")
_PIECE: Final = re.compile(r"#|[0-9]+|[^\W\d]+\*?")
_COMMON: Final = frozenset(
    """a all am an and are at be been but can could did do does for from get had has have he how i if in is it just me my no not now of on
    one or our out please she so some that the them then there they this to up us was we were what when who why will with would you your
    de el la los las un una que no me te se lo le es y o en por para con mi su ya a al del si como esta hay muy mas""".split()  # noqa: SIM905 - a word a line reads worse
)

Classes = Mapping[str, frozenset[str]]


class PhraseError(ValueError):
    """A phrase that is not in the notation."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a phrase stands: offsets into the line."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """``keys``: the line must have a word that begins with one of them."""

    keys: frozenset[str]
    pattern: re.Pattern[str]

    def find(self, line: str) -> Span | None:
        found = self.pattern.search(line)
        return Span(found.start(), found.end()) if found else None


def key(word: str) -> str:
    return "#" if word[:1].isdigit() else word[:KEY]


def word_classes(texts: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """From words with spaces between them. Raises PhraseError for a class that is not known yet."""
    classes: dict[str, frozenset[str]] = {}
    for name, text in texts.items():
        classes[name] = frozenset(word for part in text.split() for word in _alternatives(part, classes))
    return classes


def _alternatives(text: str, classes: Classes) -> list[str]:
    words: list[str] = []
    for part in text.split("|"):
        if part.startswith("<") and part.endswith(">"):
            if part[1:-1] not in classes:
                raise PhraseError(f"there is no class {part}; there are: {', '.join(sorted(classes))}")
            words += classes[part[1:-1]]
        elif all(_PIECE.fullmatch(piece) for piece in part.split("_")):
            words.append(part)
        else:
            raise PhraseError(f"{part!r} is not a word; write contractions out (that is) and only letters, '|', '_', '*' and '?'")
    return words


def compile_phrase(text: str, classes: Classes) -> Phrase:
    """Raises PhraseError."""
    whole, begins, ends = text.startswith("="), text.startswith("^"), text.endswith("$")
    out, best, best_keys = ["^" if whole or begins else r"(?<!\S)"], 0.0, frozenset[str]()
    body = text.strip("=^$ ")
    for part in body.split():
        token = _TOKEN.fullmatch(part)
        if token is None:
            raise PhraseError(f"{part!r} in {text!r} is not in the notation")
        if token["gap"]:
            out.append(rf"(?:\S+ ){{0,{token['count'] or 2}}}")
            continue
        words = _alternatives(token["words"], classes)
        out.append(f"(?:{'|'.join(sorted(map(_expression, words), key=len, reverse=True))}){token['maybe']}")
        if not token["maybe"] and (weight := _rarity(words)) > best:
            best, best_keys = weight, frozenset(map(_key_of, words))
    if not best_keys:
        raise PhraseError(f"the phrase {text!r} has no word that must be said")
    return Phrase(best_keys, re.compile("".join(out) + ("$" if whole or ends else "")))


def _expression(word: str) -> str:
    """Of one alternative, with the space behind it."""
    pieces = (
        r"[0-9]+" if piece == "#" else re.escape(piece.removesuffix("*")) + (r"\S*" * piece.endswith("*")) for piece in word.split("_")
    )
    return " ".join(pieces) + " "


def _rarest(word: str) -> str:
    return max(word.split("_"), key=lambda piece: (piece not in _COMMON, len(piece)))


def _key_of(word: str) -> str:
    piece = _rarest(word)
    stem = piece.removesuffix("*")
    if stem != piece and len(stem) < KEY:
        raise PhraseError(f"the stem {piece!r} is too short; give it {KEY} letters or write its forms out")
    return key(stem) if stem != "#" else "#"


def _rarity(words: Iterable[str]) -> float:
    """The rarer all words of a token are, the fewer lines are searched for the phrase."""
    rare = [_rarest(word) for word in words]
    return min(0.5 if piece in _COMMON else len(piece) for piece in rare) + 1 / (1 + len(rare))
