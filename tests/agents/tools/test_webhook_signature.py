import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tools.webhook_signature import REPLAY_WINDOW_S, SignatureRefused, signed_headers, verify

SECRET = "sixteen characters"
NOW = 1_795_000_000.0


def test_what_is_signed_can_be_computed_by_anybody_from_the_description() -> None:
    headers = signed_headers(SECRET, "post", "/orders/find?x=1", b'{"a":1}', "the-key", NOW + 0.9)
    expected = hmac.new(SECRET.encode(), b'1795000000.the-key.POST /orders/find?x=1.{"a":1}', hashlib.sha256).hexdigest()
    assert headers == {
        "Idempotency-Key": "the-key",
        "Patchcord-Timestamp": "1795000000",
        "Patchcord-Signature": f"v1={expected}",
    }


@given(st.binary(max_size=200), st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1), st.floats(-299, 299))
def test_a_whole_request_is_taken(body: bytes, key: str, age: float) -> None:
    headers = signed_headers(SECRET, "POST", "/x", body, key, NOW)
    assert verify({name.lower(): value for name, value in headers.items()}, body, SECRET, NOW + age, method="post", target="/x") == key


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"body": b"other"}, "does not fit"),
        ({"secret": SECRET + "!"}, "does not fit"),
        ({"method": "PUT"}, "does not fit"),
        ({"target": "/y"}, "does not fit"),
        ({"target": "/x?admin=1"}, "does not fit"),
        ({"now": NOW + REPLAY_WINDOW_S + 1}, "older or newer than 300 s"),
        ({"now": NOW - REPLAY_WINDOW_S - 1}, "older or newer than 300 s"),
        ({"Idempotency-Key": "other"}, "does not fit"),
        ({"Idempotency-Key": ""}, "are needed"),
        ({"Patchcord-Timestamp": str(int(NOW) + 1)}, "does not fit"),
        ({"Patchcord-Timestamp": "soon"}, "no number of seconds"),
        ({"Patchcord-Timestamp": "٣"}, "no number of seconds"),
        ({"Patchcord-Signature": "v1=00"}, "does not fit"),
        ({"Patchcord-Signature": "ü"}, "does not fit"),
        ({"Patchcord-Signature": ""}, "are needed"),
    ],
)
def test_a_request_that_was_touched_is_refused(change: dict[str, object], reason: str) -> None:
    headers: dict[str, str] = signed_headers(SECRET, "POST", "/x", b"body", "key", NOW)
    given_: dict[str, object] = {"body": b"body", "secret": SECRET, "now": NOW, "method": "POST", "target": "/x"}
    for name, value in change.items():
        (headers if name in headers else given_)[name] = value  # type: ignore[assignment]
    with pytest.raises(SignatureRefused, match=reason):
        verify(headers, **given_)  # type: ignore[arg-type]
