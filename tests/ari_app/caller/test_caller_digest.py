"""Digest authentication against the RFCs' own examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.caller.digest import Challenge, DigestError, authorization, best_challenge

_RFC7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_rfc_7616_section_3_9_1(algorithm: str, response: str) -> None:
    challenge = Challenge.parse(_RFC7616.format(algorithm=algorithm))
    value = authorization(
        challenge, user="Mufasa", password="Circle of Life", method="GET", uri="/dir/index.html",
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )  # fmt: skip
    assert f'response="{response}"' in value
    assert 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"' in value
    assert "qop=auth" in value and "nc=00000001" in value


def test_without_qop_as_rfc_2069() -> None:
    challenge = Challenge.parse('Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"')
    value = authorization(challenge, user="Mufasa", password="CircleOfLife", method="GET", uri="/dir/index.html")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in value
    assert "qop" not in value and "cnonce" not in value


def test_the_strongest_usable_challenge_is_taken() -> None:
    headers = [_RFC7616.format(algorithm=name) for name in ("MD5", "SHA-256", "SHA-512-256")]
    assert best_challenge(headers).algorithm == "SHA-256"


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ('Basic realm="x"', "'Basic' authentication"),
        ('Digest realm="x", nonce="y", algorithm=SHA-512-256', "SHA-512-256"),
        ('Digest realm="x"', "lacks realm or nonce"),
        ('Digest realm="x", nonce="y", qop="auth-int"', "qop='auth-int'"),
    ],
)
def test_what_cannot_be_answered_is_named(header: str, problem: str) -> None:
    with pytest.raises(DigestError, match=problem):
        best_challenge([header])


def test_no_challenge_at_all() -> None:
    with pytest.raises(DigestError, match="no challenge"):
        best_challenge([])


@given(st.text(max_size=120))
def test_any_challenge_parses_or_raises_the_one_error(text: str) -> None:
    for header in (text, "Digest " + text):
        try:
            Challenge.parse(header)
        except DigestError:
            continue
