"""What a dialplan is told: always all variables of the question, never a letter that could end a word."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.agi import BAD_REQUEST, NOT_FOUND, OK, Estimate, Hooks, Unavailable
from dialplan.agi.answers import CARD, DECISION, ESTIMATE, STATUS, card, harmless, set_variable
from dialplan.agi.head import Head
from dialplan.routes import Routes, parse_routes

ROUTES = parse_routes(
    """\
timezone: Europe/London
queues: {theirs: ["8000"], ours: {sales: {members: []}}}
routes:
  orders:
    numbers: ["+442079460000"]
    agent: order-status
    language: en-GB
    emotion: text
    hours: {weekdays: ["09:00-17:00"]}
    closed: {announce: [vm-nobodyavail]}
    callers: {blocked: ["+44870"], anonymous: {queue: sales}}
    overflow: {goto: "ext-queues,8000,1"}
  people:
    numbers: ["+442079460010"]
    queue: "8000"
  menu:
    numbers: ["+442079460020"]
    goto: ivr-1,s,1
""",
    "routes.yaml",
)
MONDAY_NOON, SUNDAY = datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 11, 22, 12, tzinfo=UTC)


class Shelf:
    """Cards and queues in memory."""

    cards: Mapping[str, Mapping[str, Any]] = {
        "card-2": {
            "version": 2,
            "reason": {"code": "caller_request", "detail": "said: I want a person"},
            "intent": {"code": "order_status"},
            "queue": "sales",
            "caller": {"number": "+15550100", "language": "en-GB"},
            "summary": {"text": "what was said"},
        },
        "card-1": {"version": 1, "intent": "order_status"},
    }

    async def get_card(self, card_id: str) -> Mapping[str, Any] | None:
        return self.cards.get(card_id)

    def estimate(self, queue: str) -> Estimate | None:
        if queue == "away":
            raise Unavailable
        return {"8000": Estimate(3, 0, 61.6), "empty": Estimate(0, 0, None)}.get(queue)


def hooks(at: datetime = MONDAY_NOON, routes: Routes = ROUTES) -> Hooks:
    return Hooks(lambda: routes, Shelf(), Shelf(), lambda: at, lambda: 0.0)


def asked(*arguments: str, extension: str = "s", caller: str = "+15550100") -> Head:
    return Head("x", arguments, extension, caller)


@pytest.mark.parametrize(
    ("head", "at", "wanted"),
    [
        (
            asked("+442079460000"),
            MONDAY_NOON,
            {
                "TARGET": "agent",
                "ROUTE": "orders",
                "AGENT": "order-status",
                "OPTIONS": "language:en-gb emotion:text",
                "OVERFLOW": "ext-queues,8000,1",
            },
        ),
        (asked("+442079460000"), SUNDAY, {"TARGET": "hangup", "ROUTE": "orders", "CAUSE": "16", "OVERFLOW": "ext-queues,8000,1"}),
        (asked("+442079460000", "+448700000"), MONDAY_NOON, {"TARGET": "hangup", "CAUSE": "21"}),
        (asked("+442079460000", "anonymous"), MONDAY_NOON, {"TARGET": "queue", "QUEUE": "sales", "PLACE": "patchcord-queue,sales,1"}),
        (asked("+442079460000", caller=""), MONDAY_NOON, {"TARGET": "queue", "QUEUE": "sales"}),
        (asked(extension="+442079460010"), SUNDAY, {"TARGET": "queue", "QUEUE": "8000", "PLACE": "patchcord-queue,8000,1"}),
        (asked("", extension="+442079460020"), SUNDAY, {"TARGET": "place", "PLACE": "ivr-1,s,1", "OVERFLOW": ""}),
    ],
)
async def test_a_decision_is_what_the_routes_decide(head: Head, at: datetime, wanted: Mapping[str, str]) -> None:
    answer = await hooks(at).route(head)
    assert answer[STATUS] == OK and answer.keys() == {STATUS, *DECISION}
    assert {name: answer[f"PATCHCORD_DECISION_{name}"] for name in wanted} == wanted


async def test_what_cannot_be_answered_says_so_and_leaves_nothing_of_an_earlier_answer() -> None:
    asking = hooks()
    for answer, status in (
        (await asking.route(asked("5550199")), NOT_FOUND),
        (await asking.route(asked("12;34")), BAD_REQUEST),
        (await asking.route(asked()), BAD_REQUEST),
    ):
        assert answer == {STATUS: status, **dict.fromkeys(DECISION, "")}
    for answer, status in (
        (await asking.card(asked()), BAD_REQUEST),
        (await asking.card(asked("a b")), BAD_REQUEST),
        (await asking.card(asked("no")), NOT_FOUND),
    ):
        assert answer == {STATUS: status, **dict.fromkeys(CARD, "")}
    assert await asking.queue_estimate(asked("none")) == {STATUS: NOT_FOUND, **dict.fromkeys(ESTIMATE, "")}
    with pytest.raises(Unavailable):
        await asking.queue_estimate(asked("away"))


async def test_a_card_tells_codes_and_nothing_that_was_said() -> None:
    answer = await hooks().card(asked("card-2"))
    assert answer == {
        STATUS: OK,
        "PATCHCORD_CARD_REASON": "caller_request",
        "PATCHCORD_CARD_INTENT": "order_status",
        "PATCHCORD_CARD_QUEUE": "sales",
        "PATCHCORD_CARD_LANGUAGE": "en-GB",
    }
    assert (await hooks().card(asked("card-1")))["PATCHCORD_CARD_INTENT"] == "order_status"


@pytest.mark.parametrize("tree", [{}, {"reason": 7, "intent": ["x"], "queue": None, "caller": "x"}, {"intent": {"code": {"a": 1}}}])
def test_a_card_of_another_shape_is_empty(tree: Mapping[str, Any]) -> None:
    assert set(card(tree).values()) <= {OK, ""}


async def test_an_estimate_is_in_whole_seconds_or_empty() -> None:
    asking = hooks()
    answer = await asking.queue_estimate(asked("8000"))
    assert [answer[name] for name in (STATUS, *ESTIMATE)] == [OK, "3", "0", "62"]
    answer = await asking.queue_estimate(asked("empty"))
    assert [answer[name] for name in (STATUS, *ESTIMATE)] == [OK, "0", "0", ""]


@given(st.text(max_size=400))
def test_no_value_ends_the_word_or_the_line(value: str) -> None:
    command = set_variable(STATUS, value)
    assert command.count('"') == 2 and command.endswith('"') and command.isprintable() and command.isascii()
    assert not set(harmless(value)) & set("\"'\\$`;{}()[]|&<>\r\n") and len(harmless(value)) <= 200
