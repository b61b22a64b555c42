"""Webhooks over real sockets: what receivers do wrong, and what comes of it."""

import asyncio
import gzip
import json
import logging
import re
import time
from collections.abc import Mapping
from typing import Any

import pytest

from agents.tools import CallFacts, ToolError
from agents.tools.webhook_answer import MOST_BYTES
from agents.tools.webhook_file import parse_webhooks
from agents.tools.webhook_retry import Attempts, worth_repeating
from agents.tools.webhook_signature import verify
from agents.tools.webhooks import Webhooks
from tests.agents.tools.receiver import Action, Receiver, answer, babble, cut, drip, endless, hang_up, receiving, slow

SECRET = "sixteen characters"
FILE = """
defaults: {secret_env: SECRET, limit_s: 2.0, description: Does it.}
tools:
  look.up: {url: "${BASE}/look", safe: true, retries: 1, parameters: {number: text}}
  change.it: {url: "${BASE}/change", idempotent: true, retries: 2, parameters: {number: text}}
  change.once: {url: "${BASE}/once", parameters: {number: text}}
  keep.some: {url: "${BASE}/some", result: [found, status]}
  fetch.it: {url: "${BASE}/fetch/{number}", method: GET, safe: true, parameters: {number: text, day: optional text}}
"""


class Hooks:
    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.webhooks = Webhooks([parse_webhooks(FILE, "x.yaml")], {"BASE": receiver.base, "SECRET": SECRET})
        self.call = self.webhooks.for_call(CallFacts("call-1", "5550101", "100", "front-desk", "en"))

    async def use(self, name: str, **arguments: str) -> dict[str, Any]:
        return dict(await self.call.call(name, arguments))


async def used(name: str, *plan: Action, **arguments: str) -> tuple[dict[str, Any] | str, Receiver]:
    """The answer, or the words of the ToolError, and what the receiver saw."""
    async with receiving(*plan) as receiver:
        hooks = Hooks(receiver)
        try:
            return await hooks.use(name, **({"number": "1"} | arguments if name != "keep.some" else arguments)), receiver
        except ToolError as error:
            return str(error), receiver
        finally:
            await hooks.webhooks.close()


async def test_a_request_arrives_signed_and_its_answer_comes_back() -> None:
    found, receiver = await used("look.up", answer({"found": True, "n": [1, None]}), number="10482")
    assert found == {"found": True, "n": [1, None]}
    (request,) = receiver.requests
    assert (request.method, request.target, json.loads(request.body)) == ("POST", "/look", {"number": "10482"})
    assert verify(request.headers, request.body, SECRET, time.time(), method="POST", target="/look") == request.headers["idempotency-key"]
    assert re.fullmatch("[0-9a-f]{64}", request.headers["idempotency-key"])
    assert request.headers["patchcord-call-id"] == "call-1"
    assert "cookie" not in request.headers


async def test_a_get_request_is_signed_with_its_query() -> None:
    found, receiver = await used("fetch.it", number="../é?x", day="Friday & more")
    assert found == {"ok": True}
    (request,) = receiver.requests
    assert request.target == "/fetch/..%2F%C3%A9%3Fx?day=Friday%20%26%20more"
    assert verify(request.headers, b"", SECRET, time.time(), method="GET", target=request.target)


async def test_only_the_wanted_fields_are_kept() -> None:
    found, _ = await used("keep.some", answer({"found": True, "phone": "5550101", "status": None}))
    assert found == {"found": True, "status": None}


@pytest.mark.parametrize("fault", [answer({}, 500), answer({}, 503), answer({}, 429), cut, hang_up, babble, slow(30), drip])
async def test_a_passing_fault_is_repeated_with_the_same_key(fault: Action) -> None:
    for name in ("look.up", "change.it"):
        found, receiver = await used(name, fault, answer({"done": True}))
        assert found == {"done": True}
        assert len(receiver.requests) == 2
        assert len(set(receiver.keys)) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (answer({}, 500), "the receiver answered 500"),
        (cut, "the connection failed (ClientPayloadError)"),
        (hang_up, "the connection failed (ServerDisconnectedError)"),
        (slow(30), "no answer within 2.0 s"),
    ],
)
async def test_what_changes_something_and_cannot_be_told_apart_is_never_repeated(fault: Action, words: str) -> None:
    found, receiver = await used("change.once", fault, answer({"done": True}))
    assert found == f"change.once: {words}, 1 of 1 attempts made"
    assert len(receiver.requests) == 1


async def test_it_ends_after_all_attempts_and_within_its_limit() -> None:
    begun = time.monotonic()
    found, receiver = await used("change.it", *([slow(30)] * 5))
    assert isinstance(found, str)
    assert re.fullmatch(r"change.it: no answer within [01]\.\d s, 3 of 3 attempts made", found)
    assert len(receiver.requests) == 3
    assert time.monotonic() - begun < 20, "nobody waited for the receiver"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (answer({}, 400), "refused it (400)"),
        (answer({"error": "bad_arguments"}, 422), "refused it (422, bad_arguments)"),
        (answer({"error": "card 4111 1111 1111 1111"}, 409), "refused it (409)"),
        (answer(b"<html>", 404), "refused it (404)"),
        (answer(b"", 200), "the answer is no JSON"),
        (answer(b"<html>", 200), "the answer is no JSON"),
        (answer(b"\xff\xfe\x00", 200), "the answer is no JSON"),
        (answer(b"[" * 100_000, 200), "the answer is no JSON"),
        (answer([1]), "the answer is no JSON object"),
        (answer("text"), "the answer is no JSON object"),
        (answer({"x": "y" * MOST_BYTES}), "the answer is longer than 256 KiB"),
        (endless, "the answer is longer than 256 KiB"),
    ],
)
async def test_a_lasting_fault_is_told_at_once_and_repeats_nothing(fault: Action, words: str) -> None:
    found, receiver = await used("change.it", fault)
    assert isinstance(found, str)
    assert words in found
    assert "4111" not in found
    assert len(receiver.requests) == 1


async def test_a_small_body_that_would_unpack_to_a_huge_one_is_not_unpacked() -> None:
    packed = gzip.compress(b" " * 50_000_000)
    found, receiver = await used("look.up", answer(packed, 200, Content_Encoding="gzip"))
    assert found == "look.up: the answer is compressed, which was not asked for"
    assert receiver.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_refused(status: int) -> None:
    async with receiving() as elsewhere:
        found, receiver = await used("look.up", answer({}, status, Location=f"{elsewhere.base}/x"))
        assert found == f"look.up: the receiver redirects ({status}), which is refused: write the final address into the file"
        assert (len(receiver.requests), elsewhere.requests) == (1, [])


async def test_infinities_are_no_values() -> None:
    found, _ = await used("look.up", answer(b'{"a": 1e999, "b": [NaN, {"c": -Infinity}], "d": 1.5}'))
    assert found == {"a": None, "b": [None, {"c": None}], "d": 1.5}


async def test_a_receiver_that_is_not_there() -> None:
    async with receiving() as receiver:
        gone = receiver.base
    webhooks = Webhooks([parse_webhooks(FILE, "x.yaml")], {"BASE": gone, "SECRET": SECRET})
    with pytest.raises(ToolError, match=r"look.up: the connection failed \(ClientConnectorError\), 2 of 2 attempts made"):
        await webhooks.for_call(CallFacts()).call("look.up", {"number": "1"})
    await webhooks.close()


async def test_a_use_without_an_answer_keeps_its_key_for_the_next_try() -> None:
    async with receiving(answer({}, 500), answer({"done": True}), answer({"done": True})) as receiver:
        hooks = Hooks(receiver)
        with pytest.raises(ToolError):
            await hooks.use("change.once", number="1")
        hooks.call = hooks.webhooks.for_call(CallFacts("call-1"))  # the caller has come back from the queue
        for _ in range(2):
            await hooks.use("change.once", number="1")
        await hooks.webhooks.close()
    first, again, new = receiver.keys
    assert first == again, "it may have taken effect: the receiver has to know that it is the same"
    assert new != again, "it was answered: the caller wants it once more"


async def test_an_unknown_tool_is_told_with_the_nearest() -> None:
    found, receiver = await used("look.upp")
    assert found == "there is no tool 'look.upp'; did you mean 'look.up'?"
    assert receiver.requests == []


async def test_giving_up_ends_the_request() -> None:
    left = asyncio.Event()

    async def wait(writer: asyncio.StreamWriter) -> None:
        try:
            await drip(writer)
        except ConnectionError:
            left.set()

    async with receiving(wait) as receiver:
        hooks = Hooks(receiver)
        task = asyncio.create_task(hooks.use("look.up", number="1"))
        async with asyncio.timeout(10):
            while not receiver.requests:
                await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await hooks.webhooks.close()
        async with asyncio.timeout(10):
            await left.wait()


async def test_many_calls_share_one_session() -> None:
    async with receiving() as receiver:
        webhooks = Webhooks([parse_webhooks(FILE, "x.yaml")], {"BASE": receiver.base, "SECRET": SECRET})
        calls = [webhooks.for_call(CallFacts(f"call-{n}")) for n in range(20)]
        answers = await asyncio.gather(*(call.call("look.up", {"number": "1"}) for call in calls))
        await webhooks.close()
        assert answers == [{"ok": True}] * 20
        assert len(set(receiver.keys)) == 20


async def test_logs_hold_no_words_and_no_secrets(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await used("look.up", answer({"private": "said"}, 500), answer({"private": "said"}), number="4111111111111111")
        await used("change.it", answer({"private": "said"}, 422), number="4111111111111111")
    assert "webhook_attempt_failed" in caplog.text
    everything = caplog.text + str([vars(record) for record in caplog.records])
    for private in ("4111111111111111", "said", SECRET):
        assert private not in everything


def test_attempts_share_the_time_that_is_left() -> None:
    attempts = Attempts(retries=1, until=102.0)
    assert attempts.limit(100.0) == 1.0
    attempts.begin()
    pause = attempts.wait(101.0)
    assert pause is not None
    assert 0.025 <= pause <= 0.075
    assert attempts.limit(101.0) == 1.0
    attempts.begin()
    assert attempts.wait(101.5) is None
    late = Attempts(retries=3, until=102.0)
    late.begin()
    assert late.wait(101.95) is None, "too little time for another attempt"


def test_only_faults_that_pass_are_repeated() -> None:
    wanted: Mapping[int, bool] = {200: False, 301: False, 400: False, 401: False, 404: False, 409: False, 429: True, 500: True, 502: True}
    assert {status: worth_repeating(status) for status in wanted} == wanted
