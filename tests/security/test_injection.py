"""One attack after another at the places where a value becomes part of something that is executed, parsed or shown."""

import csv
import io
import json
import logging

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from agents.tools.webhook_file import WebhookPart
from ari_app.ami.client import AmiClient
from ari_app.ami.port import AmiError, AmiInvalid, checked
from ari_app.ari.client import AriClient
from ari_app.logs import JsonFormatter
from ari_app.settings import Settings, SettingsError, load_settings
from dialplan.errors import DialplanError
from dialplan.templates import render
from dialplan.words import check_number, check_queue, check_word
from handoff.desk.calls.export import CALL_COLUMNS, calls_csv
from handoff.desk.pages import page  # noqa: F401 - the module that holds the desk's environment must be importable here
from handoff.desk.requests import local_path

LINE_ENDS = ("a\r\nAction: Originate", "a\nb", "a\rb", "a\x00b", "a\u2028b", "a\x85b", "\x1b[2J")
INSTRUCTIONS = ("s,1,System(x)", "a)b", "a\nexten => s,1,System(x)", "a;b", "${SHELL(id)}", "a&b", "../x", "", "A" * 200, "a b", "é")


@pytest.mark.parametrize("value", LINE_ENDS)
async def test_no_value_brings_a_second_header_into_ami(value: str) -> None:
    with pytest.raises(AmiInvalid):
        checked("Value", value)
    client = AmiClient("127.0.0.1", 1, "user", "word")
    for action in (client.setvar("PJSIP/x", "NAME", value), client.redirect(value, "a", "b"), client.queue_pause("x", True, value)):
        with pytest.raises(AmiInvalid):
            await action


async def test_what_is_clean_goes_on_to_the_connection() -> None:
    """The refusal above is of the value, not of every value."""
    with pytest.raises(AmiError) as refused:
        await AmiClient("127.0.0.1", 1, "user", "word").setvar("PJSIP/x", "NAME", "value")
    assert not isinstance(refused.value, AmiInvalid)


@pytest.mark.parametrize("attack", ["../../bridges", "x/../../asterisk/modules", "x?app=y", "x#y", "x%2fy", "x y\r\nX: z", "\u202e"])
async def test_an_id_stays_one_part_of_the_path(attack: str) -> None:
    seen: list[tuple[str, str]] = []

    async def note(request: web.Request) -> web.Response:
        seen.append((request.method, request.raw_path))
        return web.json_response({"message": "gone"}, status=404)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", note)
    async with TestServer(app) as server, AriClient(str(server.make_url("/ari")), "u", "p") as ari:
        await ari.hangup(attack)
        await ari.continue_in_dialplan(attack, "patchcord-queue", attack)
    for _, path in seen:
        whole, _, _ = path.partition("?")
        assert whole.startswith("/ari/channels/"), whole
        assert whole.count("/") in (3, 4), f"{whole} has more parts than the client meant"
        assert "\r" not in path


@pytest.mark.parametrize("text", INSTRUCTIONS)
def test_words_of_a_dialplan_are_words(text: str) -> None:
    for check in (lambda value: check_number("number", value), check_queue, lambda value: check_word("route", value)):
        with pytest.raises(DialplanError):
            check(text)


@pytest.mark.parametrize("value", ["a\nb = c", "a\r[general]", "a;b"])
def test_a_value_cannot_begin_another_line_of_a_configuration(value: str) -> None:
    with pytest.raises(DialplanError, match="line break or a semicolon"):
        render("http.conf", asterisk={"http_port": value}, restricts=False)


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("asterisk", "app", "x,y"), ("asterisk", "host", "a b"), ("calls", "queue", "s)&System(x"), ("sip", "acl", ("192.0.2.0/33",)),
        ("sip", "acl", ("any",)), ("asterisk", "clients", ("0.0.0.0;x",)), ("desk", "public_url", "javascript:alert(1)"),
    ],
)  # fmt: skip
def test_settings_that_reach_configurations_are_checked(section: str, name: str, value: object) -> None:
    with pytest.raises(SettingsError):
        load_settings(None, {}, {section: {name: value}})


def test_networks_can_be_given_by_the_environment() -> None:
    settings = load_settings(None, {"PATCHCORD_SIP__ACL": "192.0.2.7/24, 2001:db8::/32"})
    assert settings.sip.acl == ("192.0.2.0/24", "2001:db8::/32")
    assert Settings().sip.acl == ()


@pytest.mark.parametrize("attack", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", " =1", '"=1","x', "a\nb,=1"])
def test_a_spreadsheet_takes_nothing_for_a_formula(attack: str) -> None:
    text = calls_csv([dict.fromkeys(CALL_COLUMNS, attack)])
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 2
    assert len(rows[1]) == len(CALL_COLUMNS)
    assert not any(cell.lstrip(" ").startswith(tuple("=+-@\t\r＝＋－＠")) for cell in rows[1])


@pytest.mark.parametrize("attack", LINE_ENDS)
def test_no_value_forges_a_line_of_a_log(attack: str) -> None:
    record = logging.makeLogRecord({"msg": "call_started", "levelname": "INFO", "levelno": 20, "caller": attack, "call_id": attack})
    line = JsonFormatter("mind").format(record)
    assert len(line.split("\n")) == 1
    assert "\r" not in line
    assert json.loads(line)["caller"] == attack


@pytest.mark.parametrize("headers", [{"X": "a\r\nY: b"}, {"X\r\nY": "b"}, {"X": "a\nb"}, {"X Y": "b"}])
def test_a_webhooks_headers_are_headers(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="header"):
        WebhookPart.model_validate({"description": "d", "url": "https://shop.example.com/x", "headers": headers})


@pytest.mark.parametrize(
    "path", ["//evil.example.com", "https://evil.example.com", "/\\evil.example.com", "javascript:x", "/a\r\nb", "", "/é"]
)
def test_nobody_is_sent_to_another_site(path: str) -> None:
    assert local_path(path) == "/"
