"""Codes and passwords in running text: known by the words around them, or by the question that they answer."""

import re
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from handoff.spoken_digits import MULTIPLES, NUMBER, Digits, digit_runs, digits_of

HIDDEN: Final = "••••"
Asked: TypeAlias = Literal["", "code", "card", "password"]
"""What the agent has asked for and not yet got; empty: nothing secret."""

_CODE: Final = (
    r"(?:(?:security|verification|authori[sz]ation|authentication|access|log-?in|entry|one[- ]?time|texted|six[- ]digit|four[- ]digit"
    r"|three[- ]digit|pass|pin|sms|card|reset) ?(?:code|number|pin|passcode)s?"
    r"|one[- ]time pass(?:word|code)|passcode|otp|c\.?v\.?[cv]\.?2?|cv two|pin"
    r"|(?:three|four) digits on the (?:back|front)|numbers? on the back"
    r"|(?:the|my|this|that|your|a|new) code|código(?: de (?:seguridad|verificación|acceso|un solo uso))?|pin de (?:la|mi|su) tarjeta)"
)
_CARD: Final = (
    r"(?:(?:credit|debit|bank|payment|visa|master) ?card(?: number)?|card number|number (?:of|on) (?:the|my|your) card|card details"
    r"|long number|número de (?:la |mi |su )?tarjeta|tarjeta de (?:crédito|débito))"
)
_KEYWORD: Final = r"(?:pass ?word|pass ?phrase|pass ?code|contraseña|clave)"
_NO_CARD: Final = re.compile(r"last four|ending|ends in|últimos cuatro|termina", re.IGNORECASE)
_IN_CODE: Final = re.compile(rf"\b{_CODE}(?![^\W_])", re.IGNORECASE)
_IN_CARD: Final = re.compile(rf"\b{_CARD}(?![^\W_])", re.IGNORECASE)
_ASKS: Final = re.compile(
    r"[?¿]|\b(?:please|enter|key in|type|press|tell|give|say|read|what|need|dígame|diga|marque|introduzca|teclee|cuál|favor)\b",
    re.IGNORECASE,
)
_OTHER: Final = re.compile(
    r"\b(?:orders?|phone|mobile|telephone|account|customer|postcode|post code|postal|zip|area code|country code|promo|promotion|discount"
    r"|voucher|coupon|error|product|item|bar ?code|invoice|reference|tracking|refund|ticket|case|serial|model|amount|address|street|house"
    r"|flat"
    r"|apartment|room|date|day|what time|pedido|teléfono|móvil|cuenta|postal|factura|importe|dirección|fecha|anything else|algo más)\b",
    re.IGNORECASE,
)
_MEASURE: Final = re.compile(
    r"[\s-]*(?:dollars?|euros?|pounds?|cents?|bucks|%|percent|minutes?|hours?|days?|weeks?|months?|years?|seconds?|times|o'clock|digits?"
    r"|pieces|tickets?|people|items|am|pm|a\.m|p\.m|dólares|minutos|horas|días|semanas|veces)\b",
    re.IGNORECASE,
)
_MONEY: Final = re.compile(r"[$€£]\s*$")
_LEADS_TO: Final = 40
"""Characters between the word for a code and the code."""
_STOP: Final = re.compile(r"[?!]|\.\s|\b(?:but|because|sin|pero|not|no|wrong|before|after)\b|\b(?:to|at|on|with)\s*$", re.IGNORECASE)
_BACK_TO: Final = re.compile(rf"\s*,?\s*(?:is|was|es|era)\s+(?:what|the|my|el|mi|{_CODE})?\s*(?:{_CODE})", re.IGNORECASE)
_MIXED: Final = re.compile(
    rf"\b{_CODE}\s*(?:is|was|es|reads|:|=)\s*(?:it's\s+)?((?=[A-Za-z-]*[0-9])(?=[0-9-]*[A-Za-z])[A-Za-z0-9-]{{3,12}})", re.IGNORECASE
)
_KEYWORD_IS: Final = re.compile(
    rf"\b{_KEYWORD}\s*(?:(?:is|was|es|era|should be|used to be|will be|would be|to be|i use is|:|=|,)\s*)+(?:it's\s+|called\s+)?"
    r"([^,;?!\n]+?)(?=\s*(?:[,;?!\n]|\.\s|\.$|$|\b(?:and|but|can you|could you|so|okay|please|por favor|y|pero)\b))",
    re.IGNORECASE,
)
_KEYWORD_BARE: Final = re.compile(rf"\b{_KEYWORD}\s+(?=[^\s]*[0-9])([^\s,;?!]+)", re.IGNORECASE)
_NO_VALUE: Final = (
    " not wrong correct incorrect expired expiring being been reset resetting locked blocked too what where why how when who invalid"
    " forgotten gone rejected lost required always still now refused asking something"
    " somewhere working no never in supposed needed different missing"
    " old longer okay ok fine broken already just only on off out safe secure secret weak strong gonna going unknown hidden here there then"
    " changed also usually because really this that it one same right about due for from with by"
    " incorrecta caducada mala incorrecto bloqueada "
)
"""What follows "the password is" where no password is told."""
_THE: Final = re.compile(r"(?:the|a|an|my)\s+(?:problem|issue|thing|one|same|reason|question|trouble|mess|pain)\b", re.IGNORECASE)
_SHORTEST_CODE: Final = 3
_LONGEST_CODE: Final = 10
_FEW_WORDS: Final = 6
_MARKS: Final = ".'"


_TELLS: Final = re.compile(r"pass|contraseña|clave", re.IGNORECASE)
_DIGITS_A_WORD: Final = 2
_SHORTEST_CARD: Final = 13
_NAMES: Final = re.compile(r"code|código|pin|otp|c\.?v|card|tarjeta|pass|contraseña|clave|digits|number", re.IGNORECASE)


def is_suspect(text: str, *, open_question: bool) -> bool:
    """Whether there can be anything at all to hide in ``text``; cheap. ``open_question``: any number may be a secret."""
    numbers = NUMBER.findall(text)
    if not numbers:
        return _TELLS.search(text) is not None
    if open_question or _NAMES.search(text):
        return True
    most = sum(1 if number.isdigit() else MULTIPLES.get(number.lower(), _DIGITS_A_WORD) for number in numbers)
    return most >= _SHORTEST_CARD


def asked_for(agent_text: str, before: Asked) -> Asked:
    """What is asked for after ``agent_text``: a question for something else, or for nothing in particular, ends an earlier one."""
    if _NAMES.search(agent_text) and _ASKS.search(agent_text):
        if re.search(rf"\b{_KEYWORD}\b", agent_text, re.IGNORECASE) and re.search(
            r"\b(?:what|tell|say|cuál|diga)", agent_text, re.IGNORECASE
        ):
            return "password"
        if _IN_CARD.search(agent_text) and not _NO_CARD.search(agent_text):
            return "card"
        if _IN_CODE.search(agent_text):
            return "code"
    return "" if before and _OTHER.search(agent_text) else before


def said_about(caller_text: str, before: Asked) -> Asked:
    """The caller who begins with a card number may go on with it in the next turn."""
    if not _NAMES.search(caller_text):
        return before
    return "card" if _IN_CARD.search(caller_text) and not _NO_CARD.search(caller_text) and _has_digits(caller_text) else before


def mask_secrets(text: str, asked: Asked = "") -> str:
    """``text`` with HIDDEN in place of codes and passwords. Numbers of orders, phones and the like stay."""
    spans = [*_passwords(text, asked), *_codes(text, asked), *(found.span(1) for found in _MIXED.finditer(text))]
    return replace_spans(text, spans)


def replace_spans(text: str, spans: list[tuple[int, int]]) -> str:
    """HIDDEN in place of each span; overlapping ones become one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    for start, end in reversed(merged):
        text = text[:start] + HIDDEN + text[end:]
    return text


def _passwords(text: str, asked: Asked) -> Iterator[tuple[int, int]]:
    if asked == "password" and text.strip() and len(text.split()) <= _FEW_WORDS:
        yield 0, len(text)
    for pattern in (_KEYWORD_IS, _KEYWORD_BARE):
        for found in pattern.finditer(text):
            words = found[1].lower().split()
            if words and _told(words[0]) and not _THE.match(found[1]) and HIDDEN not in found[1]:
                yield found.span(1)


def _told(word: str) -> bool:
    return f" {word.strip(_MARKS)} " not in _NO_VALUE


def _codes(text: str, asked: Asked) -> Iterator[tuple[int, int]]:
    for run in digit_runs(text):
        count, start, end = len(digits_of(run)), run[0].start, run[-1].end
        if count < _SHORTEST_CODE or _MEASURE.match(text, end) or _MONEY.search(text[:start]):
            continue
        answers = asked in ("card", "code") and not _about_something_else(text, start)
        if (answers and asked == "card") or _named_card(text, start) or (count <= _LONGEST_CODE and (answers or _named_code(text, run))):
            yield start, end


def _named_code(text: str, run: list[Digits]) -> bool:
    return _led_to(text, run[0].start, _IN_CODE) or _BACK_TO.match(text, run[-1].end) is not None


def _named_card(text: str, start: int) -> bool:
    before = text[max(0, start - _LEADS_TO) : start]
    return not _NO_CARD.search(before) and _led_to(text, start, _IN_CARD)


def _led_to(text: str, start: int, cue: re.Pattern[str]) -> bool:
    """Whether the words before ``start`` name a secret, with nothing between that would end the thought."""
    cues = list(cue.finditer(text, 0, start))
    if not cues:
        return False
    between = text[cues[-1].end() : start]
    return len(between) <= _LEADS_TO and not _STOP.search(between) and not _OTHER.search(between)


def _about_something_else(text: str, start: int) -> bool:
    """``No, my order number is 10482`` answers another question than the one that was asked."""
    return _OTHER.search(text[max(0, start - _LEADS_TO) : start]) is not None


def _has_digits(text: str) -> bool:
    return any(len(digits_of(run)) >= _SHORTEST_CODE for run in digit_runs(text))
