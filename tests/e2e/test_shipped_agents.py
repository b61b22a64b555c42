"""The agents of Harbor Home on number 100, over real SIP and RTP: what they do is in the shop's database, and a card is nowhere."""

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from psycopg import sql

from ari_app.caller.calling import Manner
from ari_app.caller.report import CallReport
from ari_app.caller.script import Hangup, Key, Patience, Say, Step, Wait
from ari_app.commands.instance import mind_config
from ari_app.service.layout import Layout
from tests.e2e.crowd import until
from tests.e2e.history import newest_calls, whole
from tests.e2e.instance import Instance
from tests.e2e.people import agent_words, settled, talk, trunk, was_heard
from tests.free_ports import free_port

CARD: Final = "4539148803436467"
EXPIRY: Final = "1129"
SECURITY_CODE: Final = "907"
_PATIENT: Final = Manner(patience=Patience(1.1, 1.3, 25.0))
"""Longer than the agent's pause between "one moment please" and its answer."""
_LEAST: Final = 8
"""Digits of the card in a row by which a trace of it is recognised; the last four alone may be kept."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    settings = {"agents.demo.test": "true", "agents.demo.port": free_port(), "calls.record": "true"}
    running = Instance(tmp_path_factory.mktemp("shop"), settings)
    running.start()
    running.settle_in()
    yield running
    running.stop()


@dataclass(frozen=True, slots=True)
class Spoken:
    """One call: the report of the caller's end, and what the service recorded."""

    report: CallReport
    recorded: dict[str, Any]

    @property
    def talk(self) -> str:
        """Who said what, a line each."""
        return "\n".join(f"{turn['who']}: {turn['text']}" for turn in self.recorded["turns"])

    @property
    def heard(self) -> str:
        """The agent's words that reached the caller, as recorded."""
        return " ".join(turn["heard"] or "" for turn in self.recorded["turns"] if turn["who"] == "agent")


SCRIPTS: Final[dict[str, tuple[Step, ...]]] = {
    "5550102": (
        Say("I would like to have my money back please."),
        Say("one, one, nine, zero, three"),
        Say("yes that is right"),
        Say("yes please"),
        Say("no thank you, goodbye"),
    ),
    "5550103": (Say("Is there an outage in my area?"), Key("40215"), Key("1"), Key("1"), Key("1"), Wait(1)),
    "5550101": (
        Say("I want to pay for my order with a card."),
        Key("10482"),
        Key("1"),
        Say("yes please"),
        Key(f"{CARD}#"),
        Key(EXPIRY),
        Key(f"{SECURITY_CODE}#"),
        Say("no thank you, goodbye"),
    ),
}
"""By the number of the caller."""
REFUND, OUTAGE, PAYMENT = SCRIPTS
RESET: Final = "5550106"
"""Forgot the password, keys the code that was sent, and then wants a person."""


@pytest.fixture(scope="module")
def calls(shop: Instance) -> dict[str, Spoken]:
    """Three of them at the same time and the last one after them, by the number of the caller."""
    return asyncio.run(_all(shop))


async def _all(instance: Instance) -> dict[str, Spoken]:
    reset = (
        Say("I forgot my password."),
        Key("1"),
        Key(lambda: code_sent_to(instance, RESET)),
        Say("I would like to speak to a person please."),
        Wait(5),
        Hangup(wait=False),
    )
    scripts = SCRIPTS | {RESET: reset}
    talks = [
        talk(instance, "100", [*steps, Hangup()], target=trunk(instance, caller), manner=_PATIENT) for caller, steps in SCRIPTS.items()
    ]
    reports = await asyncio.gather(*talks)
    reports.append(await talk(instance, "100", reset, target=trunk(instance, RESET), manner=_PATIENT))
    await settled(instance)
    await until(lambda: not instance.status()["records_pending"], 5, "everything is written")
    found = {}
    for each in newest_calls(instance, 10):
        report = reports[list(scripts).index(each["caller"])]
        assert report.answered, report.reason
        found[each["caller"]] = Spoken(report, whole(instance, each["id"]))
    return found


def of_the_shop(instance: Instance, table: str) -> list[dict[str, Any]]:
    port = instance.settings["agents.demo.port"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/test/state", timeout=5) as answer:
        return list(json.load(answer)["state"][table])


def code_sent_to(instance: Instance, phone: str) -> str:
    """The one-time code that the shop has sent."""
    with urllib.request.urlopen(f"http://127.0.0.1:{instance.settings['agents.demo.port']}/test/codes/{phone}", timeout=5) as answer:
        return str(json.load(answer)["code"])


def test_who_keys_the_code_is_verified_on_the_card_of_whoever_takes_over(shop: Instance, calls: dict[str, Spoken]) -> None:
    call = calls[RESET].recorded
    assert call["card"]["reason"]["code"] == "caller_request", call["turns"]
    verified = call["card"]["caller"]["verified"]
    assert verified["level"] == "otp", call["card"]
    told = json.dumps([call[part] for part in ("turns", "events", "card")])
    assert code_sent_to(shop, RESET) not in told, "the code itself is kept nowhere"


def test_a_refund_by_voice_is_in_the_shops_books(shop: Instance, calls: dict[str, Spoken]) -> None:
    call = calls[REFUND]
    refunds = of_the_shop(shop, "refunds")
    assert {"order_number": "11903", "amount": "18.00"} in refunds, call.recorded["turns"]
    assert len(refunds) == 2, "this one, and the one that was there"
    assert "eighteen dollars" in call.heard
    assert was_heard(call.report, "which takes a few days to reach you"), agent_words(call.report)
    assert call.recorded["outcome"] == "goodbye"


def test_an_outage_is_told_and_the_caller_will_be_called(shop: Instance, calls: dict[str, Spoken]) -> None:
    call = calls[OUTAGE]
    assert "Hubs in Riverside cannot reach our service" in call.heard, call.recorded["turns"]
    assert [row["phone"] for row in of_the_shop(shop, "callbacks")] == [OUTAGE], call.recorded["turns"]


def test_a_card_is_charged_and_leaves_no_trace(shop: Instance, calls: dict[str, Spoken]) -> None:
    call = calls[PAYMENT]
    approved = [row for row in of_the_shop(shop, "payments") if row["approved"]]
    assert [(row["order_number"], row["amount"], row["last4"]) for row in approved] == [("10482", "64.00", CARD[-4:])], call.talk
    assert was_heard(call.report, "is paid. The number of the payment is"), agent_words(call.report)
    told = json.dumps(call.recorded)
    assert "10482" in told, "other keys are kept"
    assert not traces(told), "turns, events, card of the call"
    said = {part: call.recorded[part] for part in ("turns", "events", "card", "callback", "outcome", "reason")}
    assert not [word for word in words_of(said) if EXPIRY in word]
    keyed = [turn["text"] for turn in call.recorded["turns"] if turn["via"] == "keypad"]
    assert not [text for text in keyed if SECURITY_CODE in text]
    assert not {name for name, text in rows_of_the_database(shop).items() if traces(text)}
    files = [path for path in shop.data.rglob("*") if path.is_file() and not path.is_symlink()]
    assert any("recordings" in path.parts for path in files)
    assert any("journal" in path.parts for path in files)
    assert not [str(path) for path in files if CARD.encode() in readable(path)]
    texts = [path for path in files if path.suffix in (".log", ".out", ".json", ".jsonl", ".conf")]
    assert {path.name for path in texts} >= {"mind.log", "media.log", "shop.log"}
    assert not [str(path) for path in texts if traces(readable(path).decode("utf-8", "replace"))]


def test_a_trace_of_the_card_is_found_however_it_is_grouped() -> None:
    assert traces(f"card: {CARD[:4]} {CARD[4:8]}")
    assert traces(", ".join(CARD[3:12]))
    assert not traces(f"the card ending in {CARD[-4:]}")


def test_an_expiry_is_found_in_words_and_numbers_but_is_no_time() -> None:
    assert EXPIRY in words_of({"events": [{"at_ms": 3, "data": {"keyed": [EXPIRY]}}]})
    assert EXPIRY in words_of({"month": int(EXPIRY)})
    assert EXPIRY not in words_of({"at_ms": int(EXPIRY), "latency_ms": {"gap": float(EXPIRY)}})


def words_of(told: Any) -> list[str]:
    """All that was said and done, as text, without times: one of them may happen to have the digits of an expiry."""
    if isinstance(told, dict):
        measured = {name for name in told if name.endswith("_ms")}
        return [word for name, value in told.items() if name not in measured for word in words_of(value)]
    if isinstance(told, list):
        return [word for each in told for word in words_of(each)]
    return [str(told)]


def traces(text: str) -> set[str]:
    """Parts of the card's number, however it is grouped."""
    plain = text.replace(" ", "").replace("-", "").replace(",", "")
    return {part for start in range(len(CARD) - _LEAST + 1) if (part := CARD[start : start + _LEAST]) in plain}


def rows_of_the_database(instance: Instance) -> dict[str, str]:
    """All that any table holds, as text."""
    url = str(mind_config(Layout(instance.data))["database_url"])
    query = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    found: dict[str, str] = {}
    with psycopg.connect(url) as connection:
        for schema, table in connection.execute(query).fetchall():
            whole = sql.SQL("SELECT row_to_json(each)::text FROM {} AS each").format(sql.Identifier(schema, table))
            found[f"{schema}.{table}"] = "\n".join(row[0] for row in connection.execute(whole).fetchall())
    assert {"harbor_home.payments", "public.turns", "public.events"} <= found.keys()
    return found


def readable(path: Path) -> bytes:
    """Empty for what the running instance has just taken away."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
