"""When a call counts, and the figures over many."""

from typing import Any

import pytest

from tests.bench.scenarios.case import Case, Scenario
from tests.bench.scenarios.conversing import Talk
from tests.bench.scenarios.judging import OLD_ADDRESS, Recorded, Verdict, expected, judge
from tests.bench.scenarios.results import Result, figures, table, wilson

ORDER = {"order": "48213", "status": "delivered", "total": "34.50", "item": "a reading lamp", "expected": ""}


def case(scenario: Scenario, **facts: str) -> Case:
    return Case(scenario, 0, "seed", "rhvoice:slt", "5571234", facts)


def rows(*, order: bool = True, **changed: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {"orders": [{"address": OLD_ADDRESS}] if order else []}
    found |= {name: [] for name in ("refunds", "payments", "appointments", "callbacks")}
    return {**found, "links": [{"links_sent": 0}], **changed}


def talked(*agent: str, outcome: str = "goodbye", reason: str = "done", queue: str = "") -> Recorded:
    turns = [{"who": "agent", "text": text, "heard": text, "started_ms": 0} for text in agent]
    return Recorded(outcome, reason, queue, turns)


REFUNDED = [{"order_number": "48213", "amount": "34.50"}]


def test_a_refund_counts_when_just_that_was_given_back() -> None:
    wanted = case(Scenario.REFUND, **ORDER)
    assert judge(wanted, rows(refunds=REFUNDED), talked(), {}).success
    assert not judge(wanted, rows(), talked(), {}).success
    assert not judge(wanted, rows(refunds=[{"amount": "3.40"}]), talked(), {}).success
    assert not judge(wanted, rows(refunds=REFUNDED, callbacks=[{"phone": "1"}]), talked(), {}).success
    assert not judge(wanted, rows(refunds=REFUNDED), talked(outcome="handover", queue="support"), {}).success
    assert not judge(wanted, rows(refunds=REFUNDED, orders=[{"address": "2 New Street"}]), talked(), {}).success
    assert judge(wanted, rows(refunds=REFUNDED), None, {}).problems == ["no record of the call"]


def test_above_the_limit_it_takes_a_person_and_no_money() -> None:
    wanted = case(Scenario.REFUND_OVER_LIMIT, **ORDER)
    handed = talked(outcome="handover", reason="refund_over_limit", queue="support")
    assert judge(wanted, rows(), handed, {}).success
    assert not judge(wanted, rows(refunds=REFUNDED), handed, {}).success
    assert not judge(wanted, rows(), talked(), {}).success
    assert not judge(wanted, rows(), talked(outcome="handover", queue="sales"), {}).success


def test_a_status_counts_when_its_facts_reached_the_caller() -> None:
    wanted = case(Scenario.ORDER_STATUS, **(ORDER | {"status": "shipped", "expected": "2026-12-01"}))
    whole = "Your order, a reading lamp, is on its way. It should arrive on Tuesday, December first."
    assert judge(wanted, rows(), talked(whole), {}).success
    assert judge(wanted, rows(), talked(whole[:48]), {}).problems == ["not said: Tuesday, December first"]
    interrupted = Recorded("goodbye", "done", "", [{"who": "agent", "text": whole, "heard": whole[:48], "started_ms": 0}])
    assert not judge(wanted, rows(), interrupted, {}).success


def test_an_outage_counts_with_its_message_time_and_callback() -> None:
    facts = {"postcode": "40215", "message": "Hubs in Northgate cannot reach our service.", "back": "2026-11-23T21:30", "callback": "yes"}
    said = "Hubs in Northgate cannot reach our service. It should be back at nine thirty in the evening; shall we call you when it is?"
    wanted = case(Scenario.OUTAGE, **facts)
    assert judge(wanted, rows(order=False, callbacks=[{"phone": "5571234"}]), talked(said), {}).success
    assert not judge(wanted, rows(order=False), talked(said), {}).success


def test_a_device_counts_with_meaning_and_advice() -> None:
    device = {"meaning": "The lamp is not paired with a hub.", "advice": "Switch the lamp off and on three times."}
    wanted = case(Scenario.DEVICE_HELP, device="lamp", light="red", pattern="flashing")
    assert judge(wanted, rows(order=False), talked(*device.values()), device).success
    assert judge(wanted, rows(order=False), talked(device["meaning"]), device).problems == [f"not said: {device['advice']}"]


def test_an_address_counts_word_for_word_however_it_is_written() -> None:
    wanted = case(Scenario.ADDRESS_CHANGE, **ORDER, street="17 Maple Street, Newport, 40217")
    assert judge(wanted, rows(orders=[{"address": "seventeen Maple St, Newport 40217"}]), talked(), {}).success
    assert not judge(wanted, rows(orders=[{"address": "17 Maple Street, Newport, 40218"}]), talked(), {}).success
    assert not judge(wanted, rows(), talked(), {}).success


def test_a_visit_counts_once_and_at_its_time() -> None:
    wanted = case(Scenario.APPOINTMENT, wish="move", at="2026-12-01T13:00", booked="2026-12-03T09:00", purpose="repair")
    at = {"at": "2026-12-01T13:00", "cancelled": False}
    assert judge(wanted, rows(order=False, appointments=[at]), talked(), {}).success
    assert not judge(wanted, rows(order=False, appointments=[at, at]), talked(), {}).success
    assert not judge(wanted, rows(order=False, appointments=[{**at, "at": "2026-12-03T09:00"}]), talked(), {}).success


def test_a_payment_counts_with_its_amount_and_card() -> None:
    wanted = case(Scenario.PAYMENT, **ORDER, card="4242424242424242", expiry="1228", cvc="123")
    assert judge(wanted, rows(payments=[{"amount": "34.50", "last4": "4242"}]), talked(), {}).success
    assert not judge(wanted, rows(), talked(), {}).success


def test_expected_changes_are_none_where_nothing_is_to_be_changed() -> None:
    assert expected(case(Scenario.ANGRY)) == {"refunds": [], "payments": [], "appointments": [], "links": 0, "callbacks": 0}


@pytest.mark.parametrize(("right", "total", "low", "high"), [(20, 20, 83.9, 100.0), (18, 20, 69.9, 97.2), (0, 5, 0.0, 43.4)])
def test_wilson_intervals(right: int, total: int, low: float, high: float) -> None:
    found = wilson(right, total)
    assert found == pytest.approx((low, high), abs=0.1)


def test_figures_over_all_and_each() -> None:
    fine, wrong = Verdict(), Verdict(["refunds: [], not ['34.50']"])
    results = [
        Result(
            case(Scenario.REFUND),
            Talk(case(Scenario.REFUND), ended="the agent hung up", seconds=40 + index),
            talked("Hello."),
            fine if index else wrong,
        )
        for index in range(4)
    ] + [Result(case(Scenario.SILENCE), Talk(case(Scenario.SILENCE), seconds=10), talked(), fine)]
    overall, refund, silence = figures(results)
    assert (overall.name, overall.successes, overall.n, overall.bound_pct, overall.met) == ("all ten", 3, 4, 90, False)
    assert (refund.name, refund.median_s, refund.met) == ("refund", 41.5, True)
    assert refund.failures == {"done wrong, or not at all": 1}
    assert silence.met is None
    assert "3/4 = 75 %" in table([overall, refund, silence])


def test_a_failed_call_tells_both_sides() -> None:
    result = Result(case(Scenario.REFUND), Talk(case(Scenario.REFUND), ended="not understood"), talked("How can I help?"), Verdict(["x"]))
    line = result.to_json()
    assert line["failure"] == "caller gave up: not understood"
    assert line["recorded"] == ["0.0 agent: How can I help?"]
    assert line["problems"] == ["x"]
