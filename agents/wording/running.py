"""Numbers, codes, addresses of the net, short forms and signs in running text, written out as they are spoken."""

import re
from typing import Final

from agents.wording.formats import email
from agents.wording.language import spoken_in
from agents.wording.numbers import cardinal, decimal, digits, fraction, ordinal, year
from agents.wording.patterns import ANY_NUMBER, CODE, DOTTED, EMAIL, FRACTION, HASH, PHONE, RANGE, ROW, SIGNED, URL, patterns_of

_LAST_WORD: Final = re.compile(r"([\w.]+)\W*$")
_LAST_TWO: Final = re.compile(r"([\w.]+)\W+([\w.]+)\W*$")
_WORDLIKE: Final = 4
"""Letters from which a part of a code is read as a word: COVID-19 but not AB-12."""
_PHONE_DIGITS: Final = 7


def write_net(text: str, language: str) -> str:
    """E-mail addresses and links."""
    words = spoken_in(language)

    def link(found: re.Match[str]) -> str:
        whole = found[0].rstrip(".,;:?!")
        host, _, path = re.sub(r"^[a-z]+://", "", whole).split("?")[0].split("#")[0].partition("/")
        parts = [host.removeprefix("www."), *filter(None, path.split("/"))]
        return f" {words.slash} ".join(email(part, language) for part in parts if part) + found[0][len(whole) :]

    text = EMAIL.sub(lambda found: email(found[0], language), text)
    return URL.sub(link, text)


def write_short_forms(text: str, language: str) -> str:
    patterns = patterns_of(language)

    def spoken(found: re.Match[str]) -> str:
        before, after = text[: found.start()], text[found.end() :].lstrip()
        ended = found[0].endswith(".") and (not after or (after[:1].isupper() and before[-1:] == " "))
        for item in patterns.spoken_forms[found[0]]:
            if item.when == "always":
                return item.spoken.rstrip(",") + "." if not after and found[0].endswith(".") else item.spoken
            if item.when == "before_number" and after[:1] in "0123456789" and after:
                return item.spoken
            if item.when == "after_capital" and _follows_name(before):
                return item.spoken + ("." if ended else "")
            if item.when == "before_capital" and after[:1].isupper():
                return item.spoken
        return found[0]

    return patterns.short_forms.sub(spoken, text)


def _follows_name(before: str) -> bool:
    """True right behind a capitalised word within the sentence."""
    found = _LAST_WORD.search(before)
    return found is not None and before.endswith(" ") and found[1][0].isupper() and found[1][-1] not in ".?!"


def write_numbers(text: str, language: str) -> str:
    """Whatever is left of digits."""
    words, patterns = spoken_in(language), patterns_of(language)

    def plain(number: str) -> str:
        whole, _, places = number.replace(words.thousands_mark, "").partition(words.decimal_mark)
        return decimal(whole, places, language) if places else cardinal(int(whole), language)

    def measured(found: re.Match[str]) -> str:
        return f"{plain(found[1])} {words.units[found[2]][found[1] != '1']}"

    def four(found: re.Match[str]) -> str:
        value, last = int(found[1]), _LAST_WORD.search(found.string[: found.start()])
        word = last[1].lower() if last else ""
        dated = word in words.year_after or (last is not None and last[1] in words.months)
        if found[2] or (dated and 1000 <= value <= 2999):
            return year(value, language) + found[2]
        pair = _LAST_TWO.search(found.string[: found.start()]) if word in words.digits_link else None
        cue = pair[1].lower() if pair else word
        return digits(found[1], language) if cue in words.digits_after or found[1][0] == "0" else cardinal(value, language)

    def parted(found: re.Match[str]) -> str:
        upper, lower = int(found[2]), int(found[3])
        whole = f"{found[1]} " if found[1] else ""
        if not 2 <= lower <= 100 or upper >= lower or not upper:
            return f"{whole}{upper} {lower}"
        joined = f"{cardinal(int(found[1]), language)} {words.join} " if found[1] else ""
        return joined + fraction(upper, lower, language)

    text = HASH.sub(f"{words.number_sign} ", text)
    text = PHONE.sub(lambda found: _phone(found, language), text)
    if "/" in text:
        text = FRACTION.sub(parted, text)
    if "-" in text:
        text = SIGNED.sub(f"{words.minus} ", RANGE.sub(rf"\1 {words.to} ", text))
    text = patterns.unit.sub(measured, text)
    text = patterns.ordinal.sub(lambda found: ordinal(int(found[1]), language), text)
    text = DOTTED.sub(lambda found: f" {words.dot} ".join(cardinal(int(part), language) for part in found[0].split(".")), text)
    text = patterns.four.sub(four, text)
    text = CODE.sub(lambda found: _code(found[0], language), text)
    text = ROW.sub(lambda found: _row(found[0], language), text)
    text = patterns.number.sub(lambda found: _apart(found, plain(found[1])), text)
    return ANY_NUMBER.sub(lambda found: _apart(found, digits(found[0], language)), text)


def _apart(found: re.Match[str], spoken: str) -> str:
    """With a blank where a letter touches the number."""
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    return (" " if before.isalnum() else "") + spoken + (" " if after.isalnum() else "")


def _phone(found: re.Match[str], language: str) -> str:
    """Groups as they are written; what has no groups, or too few digits, is no telephone number."""
    groups = ANY_NUMBER.findall(found[0])
    if len(groups) < 2 and not found[0].startswith("+"):
        return found[0]
    if sum(map(len, groups)) < _PHONE_DIGITS:
        return found[0]
    words = spoken_in(language)
    spoken = ", ".join(" ".join(words.small[int(digit)] for digit in group) for group in groups)
    return f"{words.plus} {spoken}" if found[0].startswith("+") else spoken


def _row(row: str, language: str) -> str:
    return cardinal(int(row), language) if row.endswith("000") and row[0] != "0" and len(row) < 13 else digits(row, language)


def _code(code: str, language: str) -> str:
    """B47X is spelled; "iphone15" is a word and a number."""
    spoken = []
    for part in code.split("-"):
        for piece in re.findall(r"[0-9]+|[A-Za-z]+", part):
            if piece.isdigit():
                counted = len(piece) <= 2 and piece[0] != "0" and not code.isupper()
                spoken.append(cardinal(int(piece), language) if counted else digits(piece, language))
            else:
                spoken.append(piece if len(piece) >= _WORDLIKE or not piece.isupper() else ", ".join(piece))
    short = len(code) <= 3 or not code.replace("-", "").isupper()
    return (" " if short else ", ").join(spoken)
