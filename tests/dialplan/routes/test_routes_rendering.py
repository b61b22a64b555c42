"""Routes as dialplan text: every jump lands, nothing that is written becomes an instruction, nothing leads out."""

import random
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialplan.errors import DialplanError
from dialplan.extensions import Plan, render_extensions
from dialplan.routes import Routes, ToAgent, decide, default_routes, explain_text, load_routes, parse_routes
from dialplan.routes.deciding import split_at
from dialplan.routes.model import Route
from dialplan.routes.queues import Queue, render_queues
from tests.dialplan.routes.making_routes import many_routes
from tests.dialplan.routes.reading_dialplan import loose_jumps, read_dialplan

THEIRS = {"ivr-main,s,1", "from-internal,600,1", "app-daynight,0,start"}
EXAMPLE = Path(__file__).parents[3] / "dialplan/routes/example.yaml"
OURS = "numbers routes clean phones members agent queue place joined listen member taken given fallback".split()  # noqa: SIM905


def plan_of(routes: Routes) -> Plan:
    return Plan(
        routes=routes,
        app="patchcord",
        fallback_queue="support",
        queue_timeout_s=30,
        deadman_s=6.0,
        phones=("2001", "2002"),
        asterisk_major=22,
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(many_routes())
def test_every_jump_lands_and_numbers_lead_to_routes_only(routes: Routes) -> None:
    text = render_extensions(plan_of(routes))
    assert render_extensions(plan_of(routes)) == text
    found = read_dialplan(text)
    assert loose_jumps(found, THEIRS) == []
    assert {name.removeprefix("patchcord-") for name in found} == {*OURS}
    for extension in found["patchcord-numbers"].values():
        assert re.fullmatch(r"Goto\(patchcord-routes,[a-z0-9-]+,1\)", extension.steps[-1]) and len(extension.steps) == 2
    for name, extension in found["patchcord-routes"].items():
        assert name in routes.routes
        assert extension.steps[0] == "Gosub(patchcord-clean,s,1)"
        assert not any(word in step for step in extension.steps for word in ("Dial(", "Originate", "System", "CALLERID", "Stasis("))
        assert re.match(r"Goto|Hangup", extension.steps[-1]), "a route cannot run out"
    assert "include" not in text.split("[patchcord-numbers]")[1].split("[patchcord-phones]")[0]


def test_jumps_that_do_not_land_are_seen() -> None:
    """The reader itself: a wrong label, context and extension are found."""
    text = (
        "[a]\nexten => s,1,Goto(b)\n same => n,GotoIf($[1]?lost)\n same => n,Goto(x,s,1)\n same => n(b),Goto(t,1)\n same => n,Goto(a,s,b)\n"
    )
    assert len(loose_jumps(read_dialplan(text), set())) == 3


@given(
    st.text(max_size=30), st.sampled_from(["about", "agent", "queue", "goto", "number", "prompt", "prefix", "language", "holiday", "name"])
)
def test_no_text_becomes_an_instruction(text: str, place: str) -> None:
    route: dict[str, object] = {"numbers": ["100"], "agent": "echo"}
    name = "one"
    match place:
        case "about" | "language" | "agent":
            route[place] = text
        case "queue" | "goto":
            route["overflow"] = {place: text}
        case "number":
            route["numbers"] = [text]
        case "prompt":
            route["announce"] = [text]
        case "prefix":
            route["callers"] = {"blocked": [text]}
        case "holiday":
            route |= {"holidays": [text], "closed": {"queue": "support"}}
        case "name":
            name = text
    try:
        made = Routes.model_validate({"routes": {name: route}})
        lines = render_extensions(plan_of(made)).splitlines()
    except (ValueError, DialplanError):
        return
    plain = render_extensions(plan_of(Routes(routes={"one": Route(numbers=("100",), agent="echo", about="x")}))).splitlines()
    assert [line for line in lines if line.startswith("[")] == [line for line in plain if line.startswith("[")]
    read_dialplan("\n".join(lines))
    assert not any(";" in line.split(" ", 1)[0] and not line.startswith(";") for line in lines)


def test_the_example_as_dialplan_is_commented_in_words() -> None:
    text = render_extensions(plan_of(load_routes(EXAMPLE)))
    for words in (
        "; orders",
        ";   callers whose number begins with +44870 are refused",
        ";   open Monday to Friday 08:00-12:30 and 13:30-18:00, Saturday 10:00-14:00 (Europe/London)",
        ";   closed: announcement vm-nobodyavail, please-try-call-later, then hang up",
        ";   open: 90 % agent order-status, 10 % agent front-desk",
    ):
        assert words in text.splitlines()
    assert " same => n,GotoIfTime(13:30-17:59,mon-fri,*,*,Europe/London?open)" in text


def test_shares_are_as_they_are_given() -> None:
    route = Route.model_validate({"numbers": ["1"], "split": {"first": 70, "none": 0, "second": 30}})
    found = [split_at(route, percent / 100) for percent in range(100)]
    assert [found.count(agent) for agent in ("first", "none", "second")] == [70, 0, 30]
    assert split_at(route, random.Random(1).random()) in {"first", "second"}


def test_a_call_is_explained_step_by_step() -> None:
    routes = load_routes(EXAMPLE)
    made = decide(routes, "+442079460012", "+4420 1234", datetime(2026, 11, 19, 18, 0, tzinfo=UTC))
    assert explain_text(made).splitlines() == [
        "A call to +442079460012 from +44201234 at 2026-11-19 18:00 UTC:",
        "  1. +442079460012 matches pattern _+4420794600[1-4]X of route 'orders'",
        "  2. the caller begins with none of +44870 -> not blocked",
        "  3. Thursday 2026-11-19 18:00 Europe/London is outside 08:00-12:30 and 13:30-18:00 -> closed",
        "  4. announcement vm-nobodyavail, please-try-call-later",
        "  5. -> hang up",
        "Ends at: hang up",
    ]
    answered = decide(routes, "+442079460012", "+4420", datetime(2026, 11, 19, 17, 59, tzinfo=UTC), 0.95)
    assert answered.target == ToAgent("front-desk") and answered.options == "language:en-gb emotion:text variant:front-desk"
    assert "If no worker answers: queue orders" in explain_text(answered)
    assert decide(routes, "999", "", datetime.now(UTC)).route == ""
    with pytest.raises(DialplanError, match="no time zone"):
        decide(routes, "999", "", datetime(2026, 1, 1))  # noqa: DTZ001


def test_queues_are_written_as_given_and_theirs_are_not() -> None:
    class Phone:
        def __init__(self, user: str, role: str) -> None:
            self.user, self.name, self.role = user, f"Agent {user}", role

    people = (Phone("1001", "caller"), Phone("2001", "agent"), Phone("2002", "agent"))
    text = render_queues(plan_of(load_routes(EXAMPLE)).own_queues(), people, 7)
    sections = {part.split("]")[0]: part.splitlines()[1:] for part in text.split("[")[1:]}
    assert set(sections) == {"patchcord-queue-defaults", "support", "orders", "evening"}
    assert "maxlen = 30" in sections["orders"] and "maxlen = 7" in sections["support"]
    assert [line for line in sections["evening"] if line.startswith("member")] == [
        "member => Local/2002@patchcord-members,0,Agent 2002,hint:2002@patchcord-members"
    ]
    assert sum(line.startswith("member") for line in sections["support"]) == 2
    assert "member => PJSIP/301" in render_queues({"q1": Queue(members=("PJSIP/301",))}, people, 0)


def test_a_member_that_is_no_phone_here_is_refused() -> None:
    routes = parse_routes("queues: {ours: {sales: {members: ['2009']}}}", "x")
    with pytest.raises(DialplanError, match="such as PJSIP/2009"):
        plan_of(routes)


def test_every_queue_of_ours_or_theirs_can_be_reached_by_transfers() -> None:
    assert plan_of(load_routes(EXAMPLE)).queues() == ("evening", "orders", "sales", "support")
    assert plan_of(default_routes("people")).queues() == ("people", "support")
