"""What a route asks of the worker, as the dialplan hands it over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.calls.options import CallOptions


def test_what_a_route_asks_for_is_understood() -> None:
    assert CallOptions.parse("language:es-mx emotion:audio record:off variant:b-2") == CallOptions("es", "audio", False, "b-2")
    assert CallOptions.parse("") == CallOptions("", None, True, "")
    assert CallOptions.parse("record:on").record


@pytest.mark.parametrize(
    "text", ["language:english", "emotion:loud", "record:perhaps", "variant:", "speed:2", "language", ":es", "record:of"]
)
def test_what_cannot_be_understood_changes_nothing(text: str) -> None:
    assert CallOptions.parse(text) == CallOptions()
    assert CallOptions.parse(f"{text} language:es") == CallOptions("es")


@given(st.text(max_size=200))
def test_no_text_does_any_harm(text: str) -> None:
    CallOptions.parse(text)
