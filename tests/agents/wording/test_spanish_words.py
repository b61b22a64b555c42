"""Spanish as the voice gets it."""

import pytest

from agents.wording import FORMATS, spoken_text


@pytest.mark.parametrize(
    ("form", "value", "spoken"),
    [
        ("digits", "10482", "uno, cero, cuatro, ocho, dos"),
        ("spell", "B47", "B, cuatro, siete"),
        ("number", "27", "veintisiete"),
        ("number", "31", "treinta y uno"),
        ("number", "100", "cien"),
        ("date", "2026-11-27", "viernes, veintisiete de noviembre"),
        ("date", "2026-12-31", "jueves, treinta y uno de diciembre"),
        ("time", "09:00", "las nueve de la mañana"),
        ("time", "17:30", "las cinco treinta de la tarde"),
        ("time", "21:30", "las nueve treinta de la noche"),
        ("time", "12:00", "las doce del mediodía"),
        ("datetime", "2026-11-27T14:30", "viernes, veintisiete de noviembre a las dos treinta de la tarde"),
        ("money", "49.99", "cuarenta y nueve euros y noventa y nueve céntimos"),
        ("email", "anna.smith@example.com", "anna punto smith arroba example punto com"),
    ],
)
def test_values_are_said_in_spanish(form: str, value: str, spoken: str) -> None:
    assert FORMATS[form](value, "es") == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Son 5 km y 20 °C.", "Son cinco kilómetros y veinte grados Celsius."),
        ("Pulse 1 o 2.", "Pulse uno o dos."),
        ("El 15 % de 20 €", "El quince por ciento de veinte euros"),
    ],
)
def test_running_text_is_said_in_spanish(text: str, spoken: str) -> None:
    assert spoken_text(text, "es") == spoken
