"""Words for numbers and months, English and Spanish."""

from typing import Final


def _counted(words: str, first: int = 0, step: int = 1) -> dict[str, int]:
    return {word: first + step * index for index, word in enumerate(words.split())}


SMALL: Final = {
    **_counted("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"),
    **_counted("fifteen sixteen seventeen eighteen nineteen", 15),
    **_counted("cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho"),
    **_counted(
        "diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve", 19
    ),
    "un": 1,
    "una": 1,
    "veintiún": 21,
    "nought": 0,
    "naught": 0,
}
"""Numbers that are one word, up to 29."""
TENS: Final = {
    **_counted("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10),
    **_counted("treinta cuarenta cincuenta sesenta setenta ochenta noventa", 30, 10),
}
"""Tens that a unit may follow as a word of its own."""
HUNDREDS: Final = {
    **_counted("ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos", 100, 100),
    "cien": 100,
}
MONTHS: Final = {
    **_counted("january february march april may june july august september october november december", 1),
    **_counted("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre", 1),
}
ORDINALS: Final = {
    **_counted("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth", 1),
    **_counted("fifteenth sixteenth seventeenth eighteenth nineteenth twentieth", 15),
}
"""Of days of a month, up to the twentieth."""
