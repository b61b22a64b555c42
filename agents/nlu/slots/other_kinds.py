"""Words of a sentence that belong to values of other kinds, so that none is read as a row of digits."""

import re
from functools import lru_cache

from agents.nlu.slots.amounts import amounts_in
from agents.nlu.slots.cardinals import any_of, expanded
from agents.nlu.slots.dates import dates_in
from agents.nlu.slots.digits import is_digit_word
from agents.nlu.slots.language import language_of
from agents.nlu.slots.reader import SlotContext
from agents.nlu.slots.sentence import GAP, Found, whole_words, without
from agents.nlu.slots.times import ahead_in, times_in


@lru_cache
def _measures(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    file = language_of(language)
    measure = whole_words(rf"{expanded('{cardinal}', language)} {any_of(file.quantities)}")
    return measure, whole_words(expanded("{ordinal}", language))


def without_others(sentence: str, context: SlotContext) -> str:
    """A sentence that ``said`` gave, with a gap for every amount, day, time, measure and ordinal that is certain."""
    found: list[Found] = [item for item in amounts_in(sentence, context.language) if not item.weak]
    found += [item for item in dates_in(sentence, context, future=False) if not item.weak]
    found += [item for item in times_in(sentence, context.language) if not item.weak]
    if ahead := ahead_in(sentence, context):
        found.append(ahead[0])
    for pattern in _measures(context.language):
        found += [Found(match.start(), match.end(), "") for match in pattern.finditer(sentence)]
    return without(sentence, found)


def digit_runs(sentence: str, language: str) -> list[tuple[int, str]]:
    """Rows of words that can be digits, nothing else between them, with the number of words before each."""
    file = language_of(language)
    between = file.numerals.hundred | file.numerals.thousand | file.numerals.join
    runs: list[tuple[int, list[str]]] = []
    open_run = False
    for index, word in enumerate(sentence.split()):
        digits = word[0] in "0123456789" or is_digit_word(word, file.numerals)
        if digits and open_run:
            runs[-1][1].append(word)
        elif digits:
            runs.append((index, [word]))
        elif word in between and open_run and word != GAP:
            runs[-1][1].append(word)
            continue
        open_run = digits
    return [(index, " ".join(run)) for index, run in runs]
