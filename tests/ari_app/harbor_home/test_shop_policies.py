"""The shop's rules as they are, without database and HTTP."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_app.harbor_home.card_gateway import decide
from ari_app.harbor_home.refund_policy import DAYS, LIMIT, Order, left, refusal
from ari_app.harbor_home.visit_times import DAYS_AHEAD, free_times, visits_of
from ari_app.harbor_home.visit_times import refusal as visit_refusal

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12)  # noqa: DTZ001 - the shop's local time
money = st.integers(1, 40_000).map(lambda cents: Decimal(cents) / 100)


@given(money, st.lists(money, max_size=8))
def test_no_row_of_refunds_passes_the_limit_or_what_was_paid(total: Decimal, wanted: list[Decimal]) -> None:
    order = Order("delivered", total, Decimal(0), TODAY)
    for amount in wanted:
        if not refusal(order, amount, TODAY).reason:
            order = Order("delivered", total, order.refunded + amount, TODAY)
    assert order.refunded <= min(total, LIMIT)
    assert left(order) >= 0


@pytest.mark.parametrize(("age", "reason"), [(0, ""), (DAYS, ""), (DAYS + 1, "too_old")])
def test_the_last_day_of_a_refund(age: int, reason: str) -> None:
    order = Order("delivered", Decimal(10), Decimal(0), TODAY - timedelta(days=age))
    assert refusal(order, Decimal(10), TODAY).reason == reason


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), st.dates(date(2025, 12, 1), date(2028, 2, 1)))  # noqa: DTZ001
def test_every_time_that_is_offered_can_be_booked(now: datetime, first: date) -> None:
    times = list(free_times(now, (), first=first))
    assert times == sorted(times)
    assert all(visit_refusal(at, now) == "" and at.date() >= first for at in times)
    assert all((at.date() - now.date()).days in range(1, DAYS_AHEAD + 1) for at in times)


def test_hours_of_the_week_and_full_ones() -> None:
    assert [len(visits_of(TODAY + timedelta(days=day))) for day in range(7)] == [4, 4, 4, 4, 4, 2, 0]
    first, second = islice(free_times(NOON, ()), 2)
    assert next(free_times(NOON, {first})) == second
    assert next(free_times(NOON, (), after=time(14))).time() == time(15)
    assert next(free_times(NOON, (), after=time(16)), None) is None


@pytest.mark.parametrize(
    ("expiry", "reason"),
    [("1126", ""), ("11/26", "")] + [(expiry, "expired_card") for expiry in ("1026", "0027", "", "126")],
)
def test_a_card_is_good_to_the_end_of_its_month(expiry: str, reason: str) -> None:
    assert decide("4242424242424242", expiry, "123", TODAY, "secret").reason == reason


@given(st.text(max_size=30), st.text(max_size=6), st.text(max_size=5))
def test_the_gateway_keeps_no_more_than_four_digits_of_anything(card: str, expiry: str, cvc: str) -> None:
    decision = decide(card, expiry, cvc, TODAY, "secret")
    assert len(decision.last4) <= 4
    assert decision.reason or decision.token
    assert len(card) < 12 or card not in f"{decision}"


def test_the_token_is_of_the_card_and_the_secret() -> None:
    tokens = [
        decide(card, "1130", "123", TODAY, secret).token for card in ("4242424242424242", "5555555555554444") for secret in ("a", "b")
    ]
    assert len(set(tokens)) == 4
    assert tokens[0] == decide("4242 4242 4242 4242", "0130", "", TODAY, "a").token
