"""Files of webhooks: what they may say, and that every mistake is told with its line."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tools import CallFacts, ToolError
from agents.tools.uses import UsesByCall
from agents.tools.webhook_arguments import WebhookArguments
from agents.tools.webhook_file import WebhookFileError, parse_webhooks, read_webhooks
from agents.tools.webhook_parameters import parameters_schema
from agents.tools.webhook_request import RequestMaker, WebhookUnusable
from agents.tools.webhooks import open_webhooks
from tests.conftest import PROJECT

SHOP = PROJECT / "agents" / "library" / "tools" / "harbor-home.yaml"
SECRET = "sixteen characters"
GOOD = """
defaults: {limit_s: 1.5, secret_env: SHOP_SECRET}
tools:
  orders.find:
    description: Finds an order.
    url: ${SHOP_URL}/orders/{number}/status?verbose=1
    method: GET
    safe: true
    retries: 2
    headers: {Authorization: "Bearer ${SHOP_TOKEN}", X-Shop: main}
    parameters:
      number: text, the number
      count: optional integer
      extra: {optional: true, type: array, items: {type: string}}
    result: [found]
"""
ENVIRONMENT = {"SHOP_URL": "https://shop.example", "SHOP_SECRET": SECRET, "SHOP_TOKEN": "t0ken"}


def request(file: str = GOOD, environment: dict[str, str] | None = None, **arguments: Any) -> Any:
    (name, part), *_ = parse_webhooks(file, "shop.yaml").tools.items()
    maker = RequestMaker(name, part, ENVIRONMENT if environment is None else environment)
    return maker.make(arguments, CallFacts("call-1", "5550101", "100", "front-desk"), "key", 1_795_000_000.0)


def test_the_shop_that_ships() -> None:
    file = read_webhooks(SHOP)
    assert set(file.tools) >= {"orders.find", "orders.refund", "payments.charge", "callbacks.note"}
    assert file.environment == ["PATCHCORD_HARBOR_HOME_SECRET", "PATCHCORD_HARBOR_HOME_URL"]
    assert {name for name, part in file.tools.items() if part.safe} == {
        *("orders.find", "outages.find", "devices.diagnose", "appointments.free", "appointments.find", "customers.find"),
    }
    assert all(part.limit_s == 2 and part.result and part.secret_env for part in file.tools.values())


def test_the_short_form_is_json_schema() -> None:
    part = parse_webhooks(GOOD, "x").tools["orders.find"]
    assert part.parameters == {
        "type": "object",
        "properties": {
            "number": {"type": "string", "description": "the number"},
            "count": {"type": "integer"},
            "extra": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["number"],
        "additionalProperties": False,
    }
    whole = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True}
    assert parameters_schema(whole) == whole
    assert (part.limit_s, part.secret_env, part.info("orders.find").safe) == (1.5, "SHOP_SECRET", True)


def broken(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "shop.yaml: is empty"),
        ("tools: [", "shop.yaml:1: not valid YAML"),
        ("tools: {}", "needs 'tools'"),
        ("tool: {a: 1}", "shop.yaml:1: tool: unknown key; did you mean 'tools'?"),
        ("tools: {Find: {}}", "Find: names of tools are like orders.find"),
        ("tools: {find: 3}", "find: is a mapping"),
        (broken("    method: GET", "    method: GET\n    method: PUT"), "shop.yaml:8: 'method' stands here a second time"),
        (broken("method: GET", "method: FETCH"), "shop.yaml:7: orders.find.method: "),
        (broken("method: GET", "methud: GET"), "shop.yaml:7: orders.find.methud: unknown key; did you mean 'method'?"),
        (broken("safe: true", "safe: false"), "idempotent: true says that the receiver can tell"),
        (broken("{number}", "{numbr}"), "{numbr} is no parameter; did you mean 'number'?"),
        (broken("{number}", "{count}"), "{count} may be left out of the arguments; make the parameter a required one"),
        (broken("optional integer", "optional integre"), "count: 'integre' is no kind of parameter; did you mean 'integer'?"),
        (broken("items: {type: string}", "items: {type: strnig}"), "shop.yaml:11: orders.find.parameters: no valid JSON Schema at"),
        (broken("Bearer ${SHOP_TOKEN}", "Bearer t0ken"), "Authorization holds a secret: put it into an environment variable"),
        (broken("X-Shop: main", "X-Api-Key: abc"), "X-Api-Key holds a secret"),
        (broken("X-Shop: main", "Host: evil"), "Host is set by the webhook itself"),
        (broken("X-Shop: main", "Patchcord-Signature: x"), "Patchcord-Signature is set by the webhook itself"),
        (broken("X-Shop: main", '"X Shop": main'), "is no valid header"),
        (broken("X-Shop: main", 'X-Shop: "a\\r\\nEvil: 1"'), "is no valid header"),
        (broken("limit_s: 1.5", "limit_s: 0"), "orders.find.limit_s: "),
        (broken("limit_s: 1.5", "limit_s: soon"), "shop.yaml:4: orders.find.limit_s: "),
        (broken("secret_env: SHOP_SECRET", "secret_env: not a name"), "orders.find.secret_env: "),
        (broken("description: Finds an order.", "safe: true").replace("    safe: true\n    retries", "    retries"), "description: "),
    ],
)
def test_mistakes_are_told_with_their_line(text: str, message: str) -> None:
    with pytest.raises(WebhookFileError) as caught:
        parse_webhooks(text, "shop.yaml")
    assert message in str(caught.value)


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    text = "tools:\n  a.b: {url: 'http://x', verb: 1}\n  c.d: {description: x}\n"
    with pytest.raises(WebhookFileError) as caught:
        parse_webhooks(text, "shop.yaml")
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[0] for line in lines] == ["shop.yaml:2", "shop.yaml:2", "shop.yaml:3"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WebhookFileError, match="cannot be read"):
        read_webhooks(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"SHOP_URL": ""}, "orders.find: the environment variable SHOP_URL is not set; set it for the service"),
        ({"SHOP_TOKEN": " "}, "SHOP_TOKEN is not set"),
        ({"SHOP_SECRET": ""}, "SHOP_SECRET is not set"),
        ({"SHOP_SECRET": "short"}, "the secret in SHOP_SECRET is shorter than 16 characters"),
        ({"SHOP_TOKEN": "a\r\nEvil: 1"}, "SHOP_TOKEN holds control characters"),
        ({"SHOP_URL": "ftp://shop.example"}, "has to begin with http:// or https://"),
        ({"SHOP_URL": "file:///etc/passwd"}, "has to begin with http:// or https://"),
        ({"SHOP_URL": "shop.example"}, "has to begin with http:// or https://"),
        ({"SHOP_URL": "https://user:word@shop.example"}, "its url holds a user name"),
        ({"SHOP_URL": "https://shop.example:99999"}, "its url is no address"),
        ({"SHOP_URL": "https://shop.example/a b"}, "blanks or characters that have to be escaped"),
        ({"SHOP_URL": "https://shöp.example"}, "blanks or characters that have to be escaped"),
        ({"SHOP_URL": "https://{number}.example"}, "arguments can stand only in the path"),
        ({"SHOP_URL": "https://shop.example/?to="}, "arguments can stand only in the path"),
        ({"SHOP_URL": "https://shop.example/#"}, "behind '#'"),
    ],
)
def test_what_the_environment_lacks_is_told_when_it_is_loaded(change: dict[str, str], message: str) -> None:
    with pytest.raises(WebhookUnusable) as caught:
        request(environment={**ENVIRONMENT, **change}, number="1")
    assert message in str(caught.value)
    assert SECRET not in str(caught.value)


def test_every_tool_that_lacks_something_is_named() -> None:
    with pytest.raises(WebhookUnusable) as caught:
        open_webhooks(SHOP, environment={"PATCHCORD_HARBOR_HOME_URL": "http://127.0.0.1:1"})
    lines = str(caught.value).splitlines()
    assert len(lines) == len(read_webhooks(SHOP).tools)
    assert f"{SHOP}: orders.find: the environment variable PATCHCORD_HARBOR_HOME_SECRET is not set" in lines[0]
    with pytest.raises(ValueError, match=r"two tools named 'orders.find'"):
        open_webhooks(SHOP, SHOP, environment={"PATCHCORD_HARBOR_HOME_URL": "http://x", "PATCHCORD_HARBOR_HOME_SECRET": SECRET})


def test_a_request() -> None:
    made = request(number="a/b ?#", count=3, extra=["x", "y"])
    assert made.method == "GET"
    assert made.url == "https://shop.example/orders/a%2Fb%20%3F%23/status?verbose=1&count=3&extra=%5B%22x%22%2C%20%22y%22%5D"
    assert made.body == b""
    assert {name: made.headers[name] for name in ("Authorization", "X-Shop", "Patchcord-Tool", "Patchcord-Call-Id")} == {
        "Authorization": "Bearer t0ken",
        "X-Shop": "main",
        "Patchcord-Tool": "orders.find",
        "Patchcord-Call-Id": "call-1",
    }
    assert "t0ken" not in repr(made)
    assert "5550101" not in str(made.headers), "the caller's number is not for every receiver"


@pytest.mark.parametrize("number", ["", ".", ".."])
def test_arguments_that_would_change_the_path_are_refused(number: str) -> None:
    with pytest.raises(ToolError, match="'number' cannot be empty or dots only"):
        request(number=number)


@given(st.text(min_size=1))
def test_no_argument_leaves_its_place_in_the_path(number: str) -> None:
    if number in (".", ".."):
        return
    found = re.fullmatch(r"https://shop\.example/orders/([A-Za-z0-9%_.~-]+)/status\?verbose=1", request(number=number).url)
    assert found


def taken(**arguments: Any) -> dict[str, Any]:
    schema = parameters_schema({"n": "integer", "share": "optional number", "sure": "optional flag", "word": "optional digits, so"})
    return dict(WebhookArguments("a.b", schema).take(arguments))


def test_arguments_are_made_to_fit_where_no_doubt_is_left() -> None:
    assert taken(n="7", share="0.5", sure="yes", word=10482) == {"n": 7, "share": 0.5, "sure": True, "word": "10482"}
    assert taken(n=" -7 ", share="", sure=None) == {"n": -7}
    assert taken(n=7, share="3", sure="False") == {"n": 7, "share": 3, "sure": False}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "a.b: 'n' is missing"),
        ({"n": "secret-word"}, "a.b: 'n' has to be of type integer"),
        ({"n": True}, "a.b: 'n' has to be of type integer"),
        ({"n": "1" * 40}, "a.b: 'n' has to be of type integer"),
        ({"n": 1, "word": "secret-word"}, "a.b: 'word' has to be of the form ^[0-9]+$"),
        ({"n": 1, "sure": "perhaps"}, "a.b: 'sure' has to be of type boolean"),
        ({"n": 1, "sahre": 1}, "a.b has no argument 'sahre'; did you mean 'share'?"),
    ],
)
def test_arguments_that_do_not_fit_are_named_and_never_repeated(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ToolError) as caught:
        taken(**arguments)
    assert str(caught.value) == message


def test_keys_are_of_a_use_and_change_when_it_was_answered() -> None:
    calls = UsesByCall(most=2)
    one, other = calls.of("call-1"), calls.of("call-2")
    first = one.key("orders.refund", {"number": "1", "amount": "2"})
    assert first == one.key("orders.refund", {"amount": "2", "number": "1"}), "asked again without an answer: the same use"
    assert len({first, other.key("orders.refund", {"number": "1", "amount": "2"}), one.key("orders.refund", {"number": "2"})}) == 3
    one.answered("orders.refund", {"number": "1", "amount": "2"})
    assert one.key("orders.refund", {"number": "1", "amount": "2"}) != first
    assert calls.of("call-1") is one, "the caller came back from the queue"
    assert calls.of("").key("a", {}) != calls.of("").key("a", {}), "calls without an id are different calls"
    calls.of("call-3")
    assert calls.of("call-1") is one
    assert calls.of("call-2") is not other, "the one that was used longest ago is forgotten"
