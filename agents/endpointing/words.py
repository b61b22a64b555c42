"""How the words so far end: what is missing after them, or that nothing is."""

import math
import re
from typing import Final

from agents.endpointing.language import Language
from agents.turns.events import Expected

Features = dict[str, float]
"""By name; what is not there counts as 0."""

_WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_MARKS: Final = {
    ".": "full_stop",
    "?": "question_mark",
    "!": "full_stop",
    ",": "comma",
    "-": "dash",
    "…": "dash",
    ":": "comma",
    ";": "comma",
}
_FEW: Final = 3
"""Words up to which a phrase without a verb may be an answer."""
_ENOUGH: Final = 4
"""More words say nothing more: callers finish long and short sentences alike."""
_NEAR: Final = 12
"""Last words that patterns are looked for in."""


def split(text: str) -> list[str]:
    """Lower-case words; digit runs stay whole, ``don't`` and ``mm-hmm`` are one word."""
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def is_answer(text: str, language: Language) -> bool:
    """Nothing but a yes or a no, however polite."""
    words = [word for word in split(text) if word not in language.classes["filler"]]
    return " ".join(words) in language.answers


def is_number(word: str, language: Language) -> bool:
    return word in language.digits or any(c.isdigit() for c in word)


def ends_in_number(text: str, language: Language) -> bool:
    """The last word is a digit, in letters or figures."""
    return is_number((split(text) or [""])[-1], language)


def features(text: str, expected: Expected, language: Language) -> Features:
    """Each 0 to 1, lengths apart. Sum and difference of them are learnt (``model``), not chosen here."""
    words = split(text)
    out: Features = {f"expected_{expected.value}": 1.0}
    if not words:
        return out | {"no_words": 1.0}
    out |= _last_words(words, language) | _shape(words, language) | _numbers(words, expected, language)
    if name := _MARKS.get(text.rstrip()[-1:]):
        out[name] = 1.0
    if text.rstrip().endswith(("...", "…", "--")):
        out["dash"] = 1.0
    line = " ".join(words[-_NEAR:])
    out["breaks_off"] = float(any(pattern.search(line) for pattern in language.breaks_off))
    out["rounds_off"] = float(any(pattern.search(line) for pattern in language.rounds_off))
    out["answer"] = float(is_answer(text, language))
    if expected is Expected.YES_NO and out["answer"]:
        out["answer_wanted"] = 1.0
    return {name: value for name, value in out.items() if value}


def _last_words(words: list[str], language: Language) -> Features:
    out: Features = {}
    for name, members in language.classes.items():
        if words[-1] in members:
            out[f"last_{name}"] = 1.0
        if len(words) > 1 and words[-2] in members:
            out[f"before_{name}"] = 1.0
    if words[-1].endswith(language.clitics):
        out["last_auxiliary"] = 1.0
    known = any(name.startswith("last_") for name in out)
    number = is_number(words[-1], language)
    out["last_content"] = float(not known and not number)
    out["preposition_asked"] = float("last_preposition" in out and words[0] in language.classes["wh"])
    out["object_after_verb"] = float("last_object" in out and len(words) > 1 and words[-2] in language.verbs)
    return out


def _shape(words: list[str], language: Language) -> Features:
    body = list(words)
    while body and body[0] in language.openers:
        body.pop(0)
    verbs = [index for index, word in enumerate(body) if word in language.verbs]
    out: Features = {"words": math.log1p(min(len(words), _ENOUGH)), "only_openers": float(not body)}
    if not body:
        return out
    after = len(body) - 1 - verbs[-1] if verbs else 0
    subjects = sum(word in language.classes["subject"] or word in language.classes["you"] for word in body)
    out["question"] = float(body[0] in language.question_words)
    out["subordinate_only"] = float(body[0] in language.subordinators and subjects < 2)
    out["no_verb"] = float(not verbs)
    out["definite_phrase"] = float(
        not verbs and len(body) <= 2 * _FEW and (body[0] in language.classes["article"] or body[0] in language.classes["possessive"])
    )
    out["short_phrase"] = float(not verbs and len(body) <= _FEW)
    out["verb_last"] = float(bool(verbs) and after == 0)
    out["verb_near_end"] = float(bool(verbs) and after == 1)
    out["well_after_verb"] = float(after >= _FEW)
    out["one_word"] = float(len(body) == 1)
    return out


def _numbers(words: list[str], expected: Expected, language: Language) -> Features:
    tail = 0
    while tail < len(words) and is_number(words[-1 - tail], language):
        tail += 1
    digits = sum(len(word) if word.isdigit() else 1 for word in words[len(words) - tail :])
    wanted = expected is Expected.DIGITS
    return {
        "number_last": float(tail > 0),
        "only_number": float(tail == len(words)),
        "digits_few": float(tail > 0 and digits <= 3 and not wanted),
        "digit_alone": float(digits == 1 and tail == len(words)),
        "digits_wanted": float(tail > 0 and wanted),
        "digits_wanted_many": float(wanted) * min(digits, 11) / 11,
        "digits_missing": float(wanted and tail == 0),
        "letter_last": float(len(words[-1]) == 1 and words[-1].isalpha() and words[-1] not in "aio"),
    }
