import pytest

from agents.llm.redaction import HIDDEN, Redactor, luhn
from agents.transcript import JsonValue


@pytest.mark.parametrize("number", ["4111111111111111", "4111 1111 1111 1111", "3782-822463-10005", "6011000990139424"])
def test_card_numbers_are_hidden(number: str) -> None:
    assert Redactor().text(f"It is {number}, thanks") == f"It is {HIDDEN}, thanks"


@pytest.mark.parametrize(
    "text", ["order 10482", "4111 1111 1111 1112", "call +49 30 1234567", "12345678901234567890123", "it costs 1,234.50"]
)
def test_other_numbers_stay(text: str) -> None:
    assert Redactor().text(text) == text


def test_fields_are_known_by_their_names_at_any_depth() -> None:
    fields: dict[str, JsonValue] = {
        "password": "x",
        "api_key": "y",
        "order": {"pin": "1234", "pinned": True, "Card-Number": 3},
        "list": [{"cvc": "1"}],
        "spin": "a",
    }
    assert Redactor().fields(fields) == {
        "password": HIDDEN,
        "api_key": HIDDEN,
        "order": {"pin": HIDDEN, "pinned": True, "Card-Number": HIDDEN},
        "list": [{"cvc": HIDDEN}],
        "spin": "a",
    }


def test_numbers_as_numbers() -> None:
    assert Redactor().fields({"a": 4111111111111111, "b": 4111111111111112, "c": True, "d": None}) == {
        "a": HIDDEN,
        "b": 4111111111111112,
        "c": True,
        "d": None,
    }


def test_known_secrets_are_hidden_wherever_they_stand() -> None:
    assert Redactor(["sk-very-secret", "abc"]).value(["the key is sk-very-secret!", "abc"]) == [f"the key is {HIDDEN}!", "abc"]


def test_the_check_digit() -> None:
    assert luhn("79927398713") and not luhn("79927398710")
