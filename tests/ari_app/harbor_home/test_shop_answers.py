"""What the tools of Harbor Home answer, through the webhooks that ship, over HTTP, out of PostgreSQL."""

import asyncio
import re
from typing import Any

import psycopg
import pytest

from agents.tools import ToolError
from agents.tools.webhook_file import read_webhooks
from ari_app.harbor_home import state, state_hash
from ari_app.harbor_home.database import own
from tests.ari_app.harbor_home.conftest import DESCRIBED, Counter

pytestmark = pytest.mark.postgres


def row(url: str, table: str, **wanted: object) -> dict[str, Any]:
    found = [row for row in state(url)[table] if all(row[name] == value for name, value in wanted.items())]
    assert len(found) == 1, found
    return found[0]


async def test_an_order_by_number(counter: Counter) -> None:
    assert await counter.use("orders.find", number="10482") == {
        "found": True,
        "number": "10482",
        "status": "shipped",
        "item": "a brass desk lamp",
        "expected_on": "2026-11-25",
        "delivered_on": "",
        "total": "64.00",
        "refunded": "0.00",
        "refundable": False,
        "changeable": False,
        "count": 1,
    }
    unknown = await counter.use("orders.find", number="99999", phone="")
    assert (unknown["found"], unknown["status"], unknown["expected_on"]) == (False, "", "")


@pytest.mark.parametrize(
    ("number", "refundable", "changeable"),
    [
        ("11903", True, False),
        ("62047", False, False),
        ("66102", True, False),
        ("73815", False, False),
        ("55126", False, False),
        ("47390", False, True),
        ("58840", True, False),
        ("15248", False, False),
    ],
)
async def test_what_may_be_done_with_an_order(counter: Counter, number: str, refundable: bool, changeable: bool) -> None:
    order = await counter.use("orders.find", number=number)
    assert (order["refundable"], order["changeable"]) == (refundable, changeable)


@pytest.mark.parametrize("phone", ["5550101", "+1 202 555 0101", "0012025550101"])
async def test_the_newest_order_of_a_caller(counter: Counter, phone: str) -> None:
    order = await counter.use("orders.find", phone=phone)
    assert (order["found"], order["number"], order["count"]) == (True, "47390", 3)


@pytest.mark.parametrize("phone", ["5550199", "1001", "anonymous"])
async def test_callers_without_orders(counter: Counter, phone: str) -> None:
    assert (await counter.use("orders.find", phone=phone))["found"] is False


@pytest.mark.parametrize(
    ("number", "amount", "reason", "person"),
    [
        ("11903", "", "", False),
        ("11903", "18.00", "", False),
        ("11903", "18.01", "more_than_paid", False),
        ("66102", "100", "", False),
        ("62047", "", "over_limit", True),
        ("62047", "100.01", "over_limit", True),
        ("62047", "99.99", "", False),
        ("58840", "", "", False),
        ("73815", "", "too_old", True),
        ("55126", "", "already_refunded", False),
        ("10482", "", "not_delivered", False),
        ("15248", "", "not_delivered", False),
        ("99999", "", "unknown_order", False),
        ("11903", "0", "nothing_to_refund", False),
    ],
)
async def test_refunds_by_policy(counter: Counter, number: str, amount: str, reason: str, person: bool) -> None:
    before = state_hash(counter.database)
    answer = await counter.use("orders.refund", number=number, amount=amount, reason="it hums")
    assert (answer["done"], answer["reason"], answer["needs_person"]) == (not reason, reason, person)
    assert (state_hash(counter.database) == before) is bool(reason)
    if not reason:
        assert row(counter.database, "refunds", order_number=number)["amount"] == answer["amount"]
        assert answer["refund"] == "3002"


async def test_small_refunds_do_not_add_up_over_the_limit(counter: Counter) -> None:
    answers = [await counter.use("orders.refund", number="62047", amount="60") for _ in range(2)]
    assert [(answer["reason"], answer["refunded"]) for answer in answers] == [("", "60.00"), ("over_limit", "60.00")]


async def test_refunds_at_the_same_moment_do_not_pass_the_limit_together(counter: Counter) -> None:
    answers = await asyncio.gather(*(counter.use("orders.refund", number="62047", amount="60") for _ in range(4)))
    assert sorted(answer["reason"] for answer in answers) == ["", "over_limit", "over_limit", "over_limit"]


@pytest.mark.parametrize(
    ("number", "postcode", "reason"),
    [
        ("47390", "", ""),
        ("47390", "40215", ""),
        ("47390", "40220", "wrong_postcode"),
        ("10482", "", "shipped"),
        ("11903", "", "delivered"),
        ("15248", "", "cancelled"),
        ("99999", "", "unknown_order"),
    ],
)
async def test_changing_an_address(counter: Counter, number: str, postcode: str, reason: str) -> None:
    before = state_hash(counter.database)
    answer = await counter.use("orders.change_address", number=number, address="9 Quay Side", postcode=postcode)
    assert (answer["done"], answer["reason"], answer["address"]) == (not reason, reason, "" if reason else "9 Quay Side")
    assert (state_hash(counter.database) == before) is bool(reason)
    if not reason:
        assert row(counter.database, "orders", number=number)["address"] == "9 Quay Side"


async def test_a_wrong_postcode_tells_nothing_of_the_order(counter: Counter) -> None:
    answer = await counter.use("orders.change_address", number="47390", address="9 Quay Side", postcode="1")
    assert answer["status"] == ""


async def test_outages(counter: Counter) -> None:
    known = await counter.use("outages.find", postcode="40215")
    assert (known["found"], known["area"], known["expected_back"]) == (True, "Riverside", "2026-11-23T21:30")
    assert (await counter.use("outages.find", postcode="40217"))["expected_back"] == ""
    assert (await counter.use("outages.find", postcode="40220"))["found"] is False


@pytest.mark.parametrize(
    ("device", "light", "pattern", "status"),
    [
        ("hub", "red", "flashing", "no_internet"),
        ("hub", "red", "steady", "hardware_fault"),
        ("hub", "red", "", "no_internet"),
        ("hub", "blue", "flashing", "pairing"),
        ("hub", "blue", "steady", "online"),
        ("hub", "off", "", "no_power"),
        ("lamp", "off", "flashing", "no_power"),
        ("thermostat", "amber", "", "heating"),
        ("lamp", "red", "steady", ""),
        ("lock", "green", "", ""),
    ],
)
async def test_lights(counter: Counter, device: str, light: str, pattern: str, status: str) -> None:
    answer = await counter.use("devices.diagnose", device=device, light=light, pattern=pattern)
    assert (answer["found"], answer["status"]) == (bool(status), status)
    assert bool(answer["advice"]) is bool(status)


async def test_a_code_resets_a_password(counter: Counter) -> None:
    sent = await counter.use("accounts.send_code", phone="12025550101")
    assert sent == {"sent": True, "reason": "", "to": "0101", "valid_minutes": 10}
    code = await counter.sent_code("5550101")
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert await counter.use("accounts.check_code", phone="5550101", code=wrong) == {
        "correct": False,
        "reason": "wrong",
        "tries_left": 2,
        "link_sent": False,
    }
    right = await counter.use("accounts.check_code", phone="5550101", code=code)
    assert (right["correct"], right["reason"], right["link_sent"]) == (True, "", True)
    assert row(counter.database, "accounts", number="1001")["links_sent"] == 1
    assert (await counter.use("accounts.check_code", phone="5550101", code=code))["reason"] == "no_code", "a code works once"


async def test_codes_run_out(counter: Counter) -> None:
    async def check(code: str) -> tuple[object, object]:
        answer = await counter.use("accounts.check_code", phone="5550102", code=code)
        return answer["reason"], answer["tries_left"]

    assert await check("123456") == ("no_code", 0)
    await counter.use("accounts.send_code", phone="5550102")
    code = await counter.sent_code("5550102")
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert [await check(wrong) for _ in range(3)] == [("wrong", 2), ("wrong", 1), ("too_many_tries", 0)]
    assert await check(code) == ("too_many_tries", 0), "after three tries even the right one"
    await counter.use("accounts.send_code", phone="5550102")
    code = await counter.sent_code("5550102")
    counter.later(minutes=10, seconds=1)
    assert await check(code) == ("expired", 0)
    await counter.use("accounts.send_code", phone="5550102")
    assert (await counter.use("accounts.send_code", phone="5550102"))["reason"] == "too_many_codes"
    counter.later(hours=1)
    assert (await counter.use("accounts.send_code", phone="5550102"))["sent"] is True
    assert row(counter.database, "accounts", number="1002")["links_sent"] == 0


async def test_accounts_without_codes(counter: Counter) -> None:
    assert (await counter.use("accounts.send_code", phone="5550199"))["reason"] == "unknown_phone"
    assert (await counter.use("accounts.send_code", phone="5550105"))["reason"] == "account_locked"
    assert (await counter.use("accounts.check_code", phone="5550105", code="123456"))["reason"] == "account_locked"


async def test_free_times(counter: Counter) -> None:
    soonest = await counter.use("appointments.free")
    assert soonest["slots"] == ["2026-11-24T09:00", "2026-11-24T11:00", "2026-11-24T13:00"]
    assert (soonest["first"], soonest["third"], soonest["on_day"]) == ("2026-11-24T09:00", "2026-11-24T13:00", False)
    full_hour = await counter.use("appointments.free", day="2026-11-25")
    assert (full_hour["on_day"], full_hour["first"]) == (True, "2026-11-25T11:00")
    afternoon = await counter.use("appointments.free", day="2026-11-25", after="13:30")
    assert afternoon["slots"] == ["2026-11-25T15:00"]
    sunday = await counter.use("appointments.free", day="2026-11-29")
    assert (sunday["found"], sunday["on_day"], sunday["first"]) == (True, False, "2026-11-30T09:00")
    assert (await counter.use("appointments.free", day="2027-03-01"))["found"] is False


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("2026-11-24T09:00", ""),
        ("2026-11-25T09:00", "taken"),
        ("2026-11-23T15:00", "past"),
        ("2026-11-24T10:00", "not_offered"),
        ("2026-11-29T09:00", "not_offered"),
        ("2027-02-01T09:00", "not_offered"),
    ],
)
async def test_booking(counter: Counter, at: str, reason: str) -> None:
    answer = await counter.use("appointments.book", phone="5550199", at=at, purpose="hub installation")
    assert (answer["booked"], answer["reason"], bool(answer["reference"])) == (not reason, reason, not reason)
    assert bool(answer["first"]) is (reason != "" and not at.startswith("2027"))
    booked = [visit for visit in state(counter.database)["appointments"] if visit["phone"] == "5550199"]
    assert [visit["at"] for visit in booked] == ([] if reason else [at.replace("T", " ") + ":00"])


async def test_two_technicians_and_many_callers(counter: Counter) -> None:
    answers = await asyncio.gather(*(counter.use("appointments.book", phone=f"555019{n}", at="2026-11-26T15:00") for n in range(5)))
    assert sorted(answer["reason"] for answer in answers) == ["", "", "taken", "taken", "taken"]


async def test_moving_and_cancelling(counter: Counter) -> None:
    assert await counter.use("appointments.find", phone="5550101") == {
        "found": True,
        "reference": "7001",
        "at": "2026-11-26T11:00",
        "purpose": "hub installation",
    }
    moved = await counter.use("appointments.move", reference="7001", at="2026-11-27T13:00")
    assert (moved["moved"], moved["was"], moved["at"]) == (True, "2026-11-26T11:00", "2026-11-27T13:00")
    same = await counter.use("appointments.move", phone="5550101", at="2026-11-27T13:00")
    assert (same["moved"], same["was"]) == (True, "2026-11-27T13:00")
    taken = await counter.use("appointments.move", reference="7001", at="2026-11-25T09:00")
    assert (taken["reason"], taken["first"]) == ("taken", "2026-11-25T11:00")
    assert (await counter.use("appointments.move", reference="1234", at="2026-11-27T13:00"))["reason"] == "unknown_appointment"
    assert (await counter.use("appointments.cancel", reference="7001"))["cancelled"] is True
    assert (await counter.use("appointments.cancel", reference="7001"))["reason"] == "unknown_appointment"
    assert (await counter.use("appointments.find", phone="5550101"))["found"] is False


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, ""),
        ({"card": "5555 5555 5555 4444"}, ""),
        ({"card": "4000000000000002"}, "declined"),
        ({"card": "4000000000009995"}, "insufficient_funds"),
        ({"card": "4000000000000127"}, "wrong_cvc"),
        ({"card": "4000000000000069"}, "expired_card"),
        ({"card": "4242424242424241"}, "wrong_number"),
        ({"card": "4242"}, "wrong_number"),
        ({"expiry": "1026"}, "expired_card"),
        ({"expiry": "1326"}, "expired_card"),
        ({"cvc": "12"}, "wrong_cvc"),
        ({"order": "99999"}, "unknown_order"),
        ({"amount": "0"}, "nothing_to_pay"),
    ],
)
async def test_card_payments(counter: Counter, change: dict[str, str], reason: str) -> None:
    given = {"card": "4242424242424242", "expiry": "1126", "cvc": "123", "amount": "64", "order": "10482", **change}
    answer = await counter.use("payments.charge", **given)
    assert (answer["approved"], answer["reason"]) == (not reason, reason)
    if reason != "nothing_to_pay":
        assert row(counter.database, "payments", amount="64.00")["approved"] is not bool(reason)


async def test_a_card_number_is_kept_nowhere(counter: Counter) -> None:
    answer = await counter.use("payments.charge", card="4242424242424242", expiry="1130", cvc="987", amount="64")
    assert (answer["last4"], answer["amount"]) == ("4242", "64.00")
    with psycopg.connect(own(counter.database)) as connection:
        kept = str([connection.execute(query).fetchall() for query in (b"SELECT * FROM payments", b"SELECT * FROM requests")])
    assert "424242" not in kept + str(answer)
    assert not re.search(r"(?<![0-9a-f])987(?![0-9a-f])", kept), "but in the middle of a time or a digest"


async def test_customers_and_callbacks(counter: Counter) -> None:
    assert await counter.use("customers.find", phone="+12025550102") == {
        "found": True,
        "customer": "1002",
        "initials": "B. M.",
        "vip": True,
        "language": "en",
        "orders": 2,
        "latest_order": "62047",
    }
    assert (await counter.use("customers.find", phone="5550199"))["found"] is False
    assert (await counter.use("callbacks.note", phone="+44 20 7946 0101"))["noted"] is True
    assert row(counter.database, "callbacks", phone="+442079460101")["due"] is None
    noted = await counter.use("callbacks.note", phone="5550101", reason="refund", at="2026-11-24T10:00")
    assert noted == {"noted": True, "reference": "8002", "due": "2026-11-24T10:00"}
    assert row(counter.database, "callbacks", phone="5550101")["due"] == "2026-11-24 10:00:00"


async def test_every_answer_has_the_fields_that_are_described(counter: Counter) -> None:
    """Whether found or not: a flow may name a field without asking first."""
    given: dict[str, list[dict[str, str]]] = {
        "orders.find": [{"number": "10482"}, {"number": "99999"}, {"phone": "5550101"}, {}],
        "orders.refund": [{"number": "11903"}, {"number": "99999"}, {"number": "62047"}],
        "orders.change_address": [{"number": "47390", "address": "9 Quay Side"}, {"number": "99999", "address": "9 Quay Side"}],
        "outages.find": [{"postcode": "40215"}, {"postcode": "1"}],
        "devices.diagnose": [{"device": "hub", "light": "red"}, {"device": "lock", "light": "green"}],
        "accounts.send_code": [{"phone": "5550101"}, {"phone": "5550199"}],
        "accounts.check_code": [{"phone": "5550101", "code": "1"}, {"phone": "5550199", "code": "1"}],
        "appointments.free": [{}, {"day": "2027-03-01"}],
        "appointments.find": [{"phone": "5550103"}, {}],
        "appointments.book": [{"phone": "5550199", "at": "2026-11-24T09:00"}, {"phone": "5550199", "at": "2026-11-23T09:00"}],
        "appointments.move": [{"reference": "7002", "at": "2026-11-24T11:00"}, {"at": "2026-11-24T11:00"}],
        "appointments.cancel": [{"reference": "7002"}, {}],
        "payments.charge": [
            {"card": "4242424242424242", "expiry": "1130", "cvc": "123", "amount": "1"},
            {"card": "1", "expiry": "1", "cvc": "1", "amount": "0"},
        ],
        "customers.find": [{"phone": "5550101"}, {"phone": "5550199"}],
        "callbacks.note": [{"phone": "5550101"}],
    }
    described = read_webhooks(DESCRIBED).tools
    assert set(given) == set(described)
    for name, uses in given.items():
        for arguments in uses:
            assert list(await counter.use(name, **arguments)) == list(described[name].result), (name, arguments)


async def test_arguments_that_the_shop_refuses_fail_the_tool(counter: Counter) -> None:
    for name, arguments in (
        ("appointments.free", {"after": "teatime"}),
        ("appointments.book", {"phone": "5550101", "at": "2026-13-40T09:00"}),
        ("callbacks.note", {"phone": "5550101", "reason": "x" * 501}),
        ("callbacks.note", {"phone": "5550101", "reason": "a\0b"}),
        ("callbacks.note", {"phone": "anonymous"}),
    ):
        with pytest.raises(ToolError, match=r"refused it \(422, bad_arguments\)"):
            await counter.use(name, **arguments)
