"""A desk whose agent works for the queue ``support``, calls and cards in its database, and members that are kept in memory."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher
from psycopg.types.json import Jsonb

from handoff.desk.agent.members import MEMBERS, Given, Member, Rung
from handoff.desk.app import build_desk
from handoff.desk.deps import DeskDeps
from handoff.desk.login.routes import PASSWORDS
from handoff.desk.passwords import Passwords
from tests.handoff.desk.conftest import Desk


class MemoryMembers:
    """MemberControl in memory."""

    def __init__(self) -> None:
        self.member_of: dict[str, Member] = {"member/2001": Member(("support",), "idle", False, "")}
        self.rung: list[Rung] = []
        self.given: list[Given] = []

    def interface_of(self, phone: str) -> str:
        return f"member/{phone}"

    async def member(self, interface: str) -> Member | None:
        return self.member_of.get(interface)

    async def pause(self, interface: str, reason: str, queue: str = "") -> None:
        self._set(interface, True, reason)

    async def unpause(self, interface: str, queue: str = "") -> None:
        self._set(interface, False, "")

    def on_ring(self, told: Rung) -> None:
        self.rung.append(told)

    def on_given(self, told: Given) -> None:
        self.given.append(told)

    def _set(self, interface: str, paused: bool, reason: str) -> None:
        former = self.member_of[interface]
        self.member_of[interface] = Member(former.queues, former.line, paused, reason)


class Cases:
    """Writes calls, turns, cards and callbacks as the mind's writer leaves them."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._seq = 0

    def call(self, call_id: str) -> None:
        self._run("INSERT INTO calls (id, started_at, caller) VALUES (%s, now(), '5550100')", call_id)

    def ended(self, call_id: str) -> None:
        self._run("UPDATE calls SET ended_at = now() WHERE id = %s", call_id)

    def turn(self, call_id: str, number: int, who: str, text: str) -> None:
        self._run(
            "INSERT INTO turns (id, seq, call_id, number, who, said, heard, started_ms, ended_ms, via, interrupted) "
            "VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s, %s, 'speech', false)",
            *(self._next(), call_id, number, who, text, text, number * 2000, number * 2000 + 1500),
        )

    def card(self, card_id: str, call_id: str, queue: str = "support", state: str = "requested", **more: Any) -> None:
        body = {**BODY, "id": card_id, "call_id": call_id, "queue": queue, "state": state, "revision": self._next(), **more}
        self._run(
            "INSERT INTO cards (id, seq, call_id, created_at, body) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (id) DO UPDATE SET body = EXCLUDED.body",
            *(card_id, body["revision"], call_id, datetime.now(UTC), Jsonb(body)),
        )

    def callback(self, callback_id: str, queue: str = "support", number: str = "5550123") -> None:
        self._run(
            "INSERT INTO callbacks (id, seq, call_id, asked_at, number, queue) VALUES (%s, %s, 'call-cb', now(), %s, %s)",
            *(callback_id, self._next(), number, queue),
        )

    def held(self, callback_id: str, seconds: float) -> None:
        """Its place in the queue is kept for so long."""
        self._run(
            "INSERT INTO callback_work (callback_id, agent, due_at) VALUES (%s, '', now() + %s * interval '1 second') "
            "ON CONFLICT (callback_id) DO UPDATE SET due_at = EXCLUDED.due_at",
            *(callback_id, seconds),
        )

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._url, autocommit=True) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def _run(self, query: str, *values: object) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(query.encode(), values)


BODY: dict[str, Any] = {
    "version": 2,
    "created_at": "2026-03-01T10:00:00+00:00",
    "reason": {"code": "caller_request", "detail": "", "triggered_by": "caller"},
    "caller": {"number": "5550100", "name": "", "language": "en", "verified": {"level": "otp", "method": "sms", "turn": 2}},
    "intent": {"code": "order_status", "confidence": 0.9},
    "slots": {"order": "10482"},
    "summary": {"text": "Order 10482 is late; the caller wants it on Friday.", "facts": [{"text": "The order is late.", "turn": 1}]},
    "key_facts": [{"key": "order", "value": "10482", "source": "caller", "turn": 1}],
    "attempted": [{"tool": "find_order", "ok": True, "error": "", "turn": 1}],
    "promises": [{"text": "Somebody looks into it today.", "turn": 2}],
    "open_question": {"text": "Can it come on Friday?", "turn": 3},
    "next_action": {"text": "Ask the carrier for Friday", "why": "the parcel is in the depot"},
    "emotion": [],
    "consent": {"ai_disclosed": True, "recording": "announced"},
    "recording": {"state": "on"},
    "turns": [],
}


@pytest.fixture
def cases(desk_database: str) -> Cases:
    return Cases(desk_database)


@pytest.fixture
def members() -> MemoryMembers:
    return MemoryMembers()


@pytest.fixture
async def agent_desk(desk_deps: DeskDeps, members: MemoryMembers) -> AsyncIterator[Desk]:
    app = build_desk(desk_deps)
    app[PASSWORDS] = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    app[MEMBERS] = members
    server = TestServer(app)
    await server.start_server()
    desk = Desk(app, desk_deps, server)
    yield desk
    await desk.close()
