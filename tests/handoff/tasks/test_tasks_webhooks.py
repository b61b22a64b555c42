"""Webhooks, to a real receiver over HTTP that checks the signature as the documentation says."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from agents.tools.webhook_signature import SignatureRefused, verify
from handoff.tasks.job import Connection, Row
from handoff.tasks.redelivery import dead_letters, redeliver
from handoff.tasks.settings import WebhookSettings
from handoff.tasks.webhook_policy import wait_s
from handoff.tasks.webhooks import Webhooks, delivery_id
from tests.handoff.tasks.conftest import Calls, Do

pytestmark = pytest.mark.postgres
SECRET = "sixteen or more characters"


class Receiver:
    """Answers with ``answers`` in turn, then 204; keeps what it got."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook?shop=7"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, dict(self.headers.items()), body))
                status = receiver.answers.pop(0) if receiver.answers else 204
                if status == 0:
                    time.sleep(0.6)
                    status = 204
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def webhooks(receiver: Receiver, *, url: str = "", events: tuple[str, ...] | None = None, **more: object) -> Webhooks:
    one: dict[str, object] = {"url": url or receiver.url, "secret_env": "HOOK_SECRET"} | ({"events": events} if events else {})
    return Webhooks(WebhookSettings.model_validate({"receivers": {"crm": one}, "timeout_s": 0.3, **more}))


def announced(do: Do, hooks: Webhooks, about: str) -> str:
    """The delivery's id."""
    assert do(hooks.announce, "announce", about)["state"] == "done"
    return delivery_id("crm", about)


def delivery(db: Connection, key: str) -> Row:
    row = db.execute("SELECT * FROM webhook_deliveries WHERE id = %s", (key,)).fetchone()
    assert row is not None
    return row


def test_a_receiver_is_told_in_a_signed_request(db: Connection, calls: Calls, do: Do, receiver: Receiver) -> None:
    calls.call("c1")
    calls.turn("c1", 1, "caller", "my number is a secret", 0, 1000)
    hooks = webhooks(receiver)
    key = announced(do, hooks, "call.ended/c1/1")
    assert do(hooks.deliver, "deliver", key)["state"] == "done"
    [(path, headers, body)] = receiver.got
    assert path == "/hook?shop=7"
    told = json.loads(body)
    assert (told["id"], told["event"], told["data"]) == (key, "call.ended", {"call_id": "c1"})
    assert headers["Patchcord-Event"] == "call.ended"
    assert headers["Content-Type"] == "application/json"
    assert verify(headers, body, SECRET, time.time(), method="POST", target=path) == key
    # By hand, as another language would do it.
    signed = f"{headers['Patchcord-Timestamp']}.{headers['Idempotency-Key']}.POST {path}.".encode() + body
    assert headers["Patchcord-Signature"] == "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    with pytest.raises(SignatureRefused):
        verify(headers, body.replace(b"c1", b"c2"), SECRET, time.time(), method="POST", target=path)
    assert delivery(db, key)["delivered_at"] is not None
    do(hooks.deliver, "deliver", key)
    assert len(receiver.got) == 1, "it was delivered twice"


def test_ids_only_unless_the_settings_say_more(db: Connection, calls: Calls, do: Do, receiver: Receiver) -> None:
    calls.call("c1")
    calls.turn("c1", 1, "caller", "hello there", 0, 1000)
    calls.card("k1", "c1")
    callback = calls.callback("c1", "+441632960022")
    about = ["call.ended/c1/1", "card.created/k1", f"callback.requested/{callback}"]
    for whole in (False, True):
        hooks = webhooks(receiver, include_transcript=whole)
        for one in about:
            key = announced(do, hooks, one)
            do(hooks.deliver, "deliver", key)
        text = b"".join(body for _, _, body in receiver.got).decode()
        assert len(receiver.got) == 3
        assert ("hello there" in text, "+441632960022" in text, '"version":2' in text) == (whole, whole, whole)
        receiver.got.clear()
        db.execute("UPDATE webhook_deliveries SET delivered_at = NULL")
        db.execute("UPDATE task_runs SET state = 'waiting'")


def test_it_is_tried_until_it_is_taken(db: Connection, calls: Calls, do: Do, receiver: Receiver) -> None:
    calls.call("c1")
    receiver.answers = [500, 0, 429, 302, 404]
    hooks = webhooks(receiver)
    key = announced(do, hooks, "call.ended/c1/1")
    for status in (500, None, 429, 302, 404):
        row = do(hooks.deliver, "deliver", key)
        assert (row["state"], delivery(db, key)["last_status"]) == ("waiting", status)
    assert do(hooks.deliver, "deliver", key)["state"] == "done"
    assert delivery(db, key)["tries"] == 6
    assert {headers["Idempotency-Key"] for _, headers, _ in receiver.got} == {key}
    assert len(receiver.got) == 6


def test_a_dead_letter_and_its_redelivery(url: str, db: Connection, calls: Calls, do: Do, receiver: Receiver) -> None:
    calls.call("c1")
    receiver.answers = [503, 503, 503]
    hooks = webhooks(receiver, most_tries=3)
    key = announced(do, hooks, "call.ended/c1/1")
    states = [do(hooks.deliver, "deliver", key)["state"] for _ in range(3)]
    assert states == ["waiting", "waiting", "failed"]
    [dead] = dead_letters(url)
    assert (dead["id"], dead["receiver"], dead["tries"]) == (key, "crm", 3)
    assert dead["reason"] == "the receiver answered 503, 3 tries"
    assert redeliver(url, "0" * 64) == 0
    assert redeliver(url, key) == 1
    assert dead_letters(url) == []
    assert do(hooks.deliver, "deliver", key)["state"] == "done"
    assert redeliver(url) == 0


def test_who_is_not_there_holds_nobody_up(db: Connection, calls: Calls, do: Do, receiver: Receiver) -> None:
    for name in ("c1", "c2"):
        calls.call(name)
    hooks = webhooks(receiver, url="http://127.0.0.1:1/", first_wait_s=60)
    first, second = announced(do, hooks, "call.ended/c1/1"), announced(do, hooks, "call.ended/c2/2")
    do(hooks.deliver, "deliver", first)
    row = do(hooks.deliver, "deliver", second, hurry=False)
    assert (row["state"], row["tries"]) == ("waiting", 0), "it was tried although the receiver had just not been there"
    assert delivery(db, second)["tries"] == 0


@pytest.mark.parametrize("trouble", ["no secret", "no receiver", "purged"])
def test_what_cannot_be_sent(
    url: str, db: Connection, calls: Calls, do: Do, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    calls.call("c1")
    hooks = webhooks(receiver, most_tries=1)
    key = announced(do, hooks, "call.ended/c1/1")
    if trouble == "no secret":
        monkeypatch.setenv("HOOK_SECRET", "short")
    elif trouble == "no receiver":
        hooks = Webhooks(WebhookSettings())
    else:
        db.execute("DELETE FROM calls")
    assert do(hooks.deliver, "deliver", key)["state"] == "failed"
    expected = {"no secret": "HOOK_SECRET", "no receiver": "no such receiver", "purged": "has been removed"}
    assert expected[trouble] in dead_letters(url)[0]["reason"]
    assert receiver.got == []


def test_only_what_a_receiver_asked_for(db: Connection, calls: Calls, do: Do, receiver: Receiver) -> None:
    calls.call("c1")
    announced(do, webhooks(receiver, events=("card.created",)), "call.ended/c1/1")
    assert db.execute("SELECT FROM webhook_deliveries").fetchone() is None


def test_pauses_grow_to_an_hour_and_end() -> None:
    settings = WebhookSettings()
    pauses = [wait_s(settings, tries, 0.0) for tries in range(1, settings.most_tries)]
    assert all(pause is not None and 0.5 * 2**place <= pause <= 2**place for place, pause in enumerate(pauses))
    assert wait_s(settings, settings.most_tries, 0.0) is None
    assert wait_s(settings, 1, 73 * 3600) is None
    longest = wait_s(WebhookSettings(most_tries=50), 40, 0.0)
    assert longest is not None and 1800 <= longest <= 3600
