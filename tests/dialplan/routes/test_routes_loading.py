"""``routes.yaml`` as admins write it, and what they are told when it is wrong."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.errors import DialplanError
from dialplan.routes import default_routes, load_routes, parse_routes
from dialplan.routes.model import Route, Routes
from dialplan.routes.schema import FILE, schema_text

EXAMPLE = Path(__file__).parents[3] / "dialplan/routes/example.yaml"
ONE = "routes:\n  one:\n    numbers: ['100']\n    agent: front-desk\n"


def told(text: str, **known: object) -> str:
    with pytest.raises(DialplanError) as error:
        parse_routes(text, "routes.yaml", **known)  # type: ignore[arg-type]
    return str(error.value)


def test_the_example_is_valid_and_uses_every_key_of_a_route() -> None:
    routes = load_routes(EXAMPLE, agents=["order-status", "front-desk", "outage"])
    used = {key for route in routes.routes.values() for key in route.model_fields_set}
    assert used == set(Route.model_fields) - {"announce", "queue"}


def test_the_schema_file_is_in_step() -> None:
    assert FILE.read_text("utf-8") == schema_text(), "write it anew: FILE.write_text(schema_text()) of dialplan.routes.schema"


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        ("    agnet: x", 5, "routes.one.agnet: is not known here; did you mean 'agent'?"),
        ("    queue: support", 2, "routes.one: leads to more than one place (agent, queue); keep one of them"),
        ("    overflow: {queue: suport}", 5, "routes.one.overflow.queue: there is no queue 'suport'; did you mean 'support'?"),
        ("    overflow: {goto: 'a,${EXTEN},1'}", 5, "the caller must not choose where it leads"),
        ("    overflow: {goto: 'patchcord-agent,s,1'}", 5, "'patchcord-agent' is Patchcord's own"),
        ("    overflow: {}", 5, "routes.one.overflow: leads nowhere; add one of queue, goto"),
        ("    hours: {weekdays: ['09:00-17:30']}", 2, "add closed: with announce, agent, queue or goto"),
        ("    closed: {queue: support}", 2, "has closed: but no hours or holidays"),
        ("    hours: {weekday: ['09:00-17:30']}", 5, "routes.one.hours.weekday: is not known here; did you mean 'weekdays'?"),
        ("    hours:\n      monday: ['9-17']", 6, "routes.one.hours.monday.0: '9-17' is no span of hours; write it as \"09:00-17:30\""),
        ("    hours:\n      monday: 09:00-17:30", 6, "routes.one.hours.monday: must be a list; write [ ] around it"),
        ("    hours: {timezone: Europe/Londn}", 5, "the time zone 'Europe/Londn' is not known here; use an IANA name"),
        ("    holidays: [bank]\n    closed: {queue: support}", 5, "there is no list of holidays 'bank'; remove it"),
        ("    holidays: ['02-30']\n    closed: {queue: support}", 5, "there is no day 02-30"),
        ("    holidays: ['2026-02-29']\n    closed: {queue: support}", 5, "there is no day 2026-02-29"),
        ("    holidays: ['2026-05-02..2026-05-01']\n    closed: {queue: support}", 5, "ends before it begins"),
        ("    holidays: ['5/1']\n    closed: {queue: support}", 5, "'5/1' is no day; write 12-25"),
        ("    closed: {announce: ['../x']}\n    holidays: ['12-25']", 5, "'../x' is no name of a prompt"),
        ("    emotion: loud", 5, "routes.one.emotion: 'loud' is not possible; use 'off', 'text' or 'audio'"),
        ("    record: maybe", 5, "routes.one.record: must be true or false"),
        ("    max_calls: many", 5, "routes.one.max_calls: must be a whole number"),
        ("    max_calls: 0", 5, "greater than or equal to 1"),
        ("    language: english", 5, "'english' is no language; write en or en-GB"),
        ("    about: 'a;b'", 5, "a semicolon, which would end the comment"),
        ("    callers: {anonymous: perhaps}", 5, "routes.one.callers.anonymous: must be accept, refuse, or keys queue: or goto: below it"),
        ("    callers: {anonymous: {queue: none-such}}", 5, "there is no queue 'none-such'"),
        ("    callers: {blocked: ['+44x']}", 5, "'+44x' is no beginning of a number"),
        ("    callers:\n      vip:\n        - prefixes: ['+44']", 7, "routes.one.callers.vip.0: leads nowhere"),
        ("    callers:\n      vip:\n        - queue: support", 7, "routes.one.callers.vip.0.prefixes: is missing; add it"),
        ("  two: {numbers: ['100'], agent: echo}", 5, "100 and 100 are the same numbers (the other stands in route 'one')"),
        ("  two: {numbers: [], agent: echo}", 5, "routes.two.numbers"),
        ("  h: {numbers: ['1'], agent: echo}", 5, "'h' cannot name a route"),
        ("  two: {numbers: ['2'], split: {echo: 70, other: 20}}", 5, "the shares of split are 90 in all; make them 100"),
        ("  two: {numbers: ['2'], queue: support, record: true}", 5, "which only an agent heeds"),
        ("  two:", 5, "routes.two: is empty; give it a value or remove the key"),
        ("queue: {}", 5, "queue: is not known here; did you mean 'queues'?"),
        ("queues: {theirs: ['_X.']}", 5, "The queue '_X.' must be"),
        ("queues: {ours: {sales: {strategie: linear}}}", 5, "queues.ours.sales.strategie: is not known here; did you mean 'strategy'?"),
        ("queues: {ours: {sales: {members: ['Local/1@x,2']}}}", 5, "'Local/1@x,2' is no member"),
        ("queues: {ours: {sales: {}}, theirs: [sales]}", 5, "'sales' is among ours too"),
        ("timezone: ''", 5, "timezone"),
        ("routes: {}", 5, "'routes' stands here a second time; keep one of them"),
        ("x: !!python/object:os.system 1", 5, "the tag 'tag:yaml.org,2002:python/object:os.system' is not supported"),
        ("  \tx", 5, "not valid YAML"),
        ("holidays: {bank: [other]}", 5, "'other' is a name; a list of holidays holds days only"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_a_remedy(lines: str, line: int, said: str) -> None:
    message = told(ONE + lines + "\n")
    assert message.startswith(f"routes.yaml:{line}: "), message
    assert said in message
    assert "\n" not in message, "one mistake, one line"


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    message = told(ONE + "    emotion: loud\n    agnet: x\n    max_calls: 0\n")
    assert [line.split(": ")[0] for line in message.splitlines()] == ["routes.yaml:5", "routes.yaml:6", "routes.yaml:7"]


def test_agents_are_checked_when_they_are_known() -> None:
    text = ONE + "    callers: {vip: [{prefixes: ['1'], agent: ecko}]}\n"
    assert "routes.one.callers.vip.0.agent: there is no agent 'ecko'; did you mean 'echo'?" in told(text, agents=["echo", "front-desk"])
    assert parse_routes(text, "x").agents() == ("ecko", "front-desk")


def test_numbers_without_quotes_keep_their_zeros_and_their_plus() -> None:
    routes = parse_routes("routes: {one: {numbers: [+442079460000, 007, 0x10], agent: echo}}".replace(", 0x10", ""), "x")
    assert routes.routes["one"].numbers == ("+442079460000", "007")


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "x:1: is empty"), ("- a", "x:1: is not a mapping"), ("a: *b", "x:1: not valid YAML"), ("a: &a [*a]", "within itself")],
)
def test_what_is_no_mapping_is_told(text: str, said: str) -> None:
    with pytest.raises(DialplanError) as error:
        parse_routes(text, "x")
    assert said in str(error.value)


def test_aliases_cannot_multiply_without_end() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]\n" for n in range(8))
    assert "write it out without aliases" in told(bomb)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DialplanError, match=r"none\.yaml: cannot be read"):
        load_routes(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: \xff")
    with pytest.raises(DialplanError, match=r"latin\.yaml: is not UTF-8"):
        load_routes(tmp_path / "latin.yaml")


@given(st.text(max_size=200))
def test_any_text_is_taken_or_refused_with_a_line(text: str) -> None:
    for candidate in (text, ONE + text, ONE + "    about: " + text):
        try:
            assert isinstance(parse_routes(candidate, "x"), Routes)
        except DialplanError as error:
            assert all(line.startswith("x:") for line in str(error).split("\n") if ": " in line)


def test_the_default_routes_are_what_they_were() -> None:
    routes = default_routes("support", {"500": "order-status", "100": "refund", "+44": "echo"})
    assert dict(routes.agent_numbers()) == {"100": "refund", "101": "echo", "500": "order-status", "+44": "echo"}
    assert routes.find("200") is not None and routes.queue_names() == ("support",)
    with pytest.raises(DialplanError):
        default_routes("support", {"_X.": "echo"})
    with pytest.raises(DialplanError):
        default_routes("support", {"5": "a b"})
