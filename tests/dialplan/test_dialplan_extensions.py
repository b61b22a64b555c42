"""The dialplan as text: the contexts that guard a call, and what never may stand in them."""

import re
from dataclasses import replace

import pytest

from dialplan import templates
from dialplan.errors import DialplanError
from dialplan.extensions import Plan, render_extensions
from dialplan.queue_call import QueueCall
from dialplan.routes import Routes, default_routes
from dialplan.words import check_number, check_queue, check_word


def plan(routes: Routes | None = None, major: int = 22) -> Plan:
    return Plan(
        routes=routes or default_routes("support"),
        app="patchcord",
        fallback_queue="support",
        queue_timeout_s=30,
        deadman_s=6.0,
        phones=("2001", "2002"),
        asterisk_major=major,
    )


def contexts(text: str) -> dict[str, list[str]]:
    """Read contexts to their instructions, comments left out."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            current = found.setdefault(line.strip("[]"), [])
        elif line.strip() and not line.startswith(";"):
            current.append(line.strip())
    return found


def test_every_entry_into_the_application_is_guarded_on_both_sides() -> None:
    """The timer before, a look at STASISSTATUS after, T in the same context; and only one context enters it."""
    found = contexts(render_extensions(plan()))
    assert {name for name, lines in found.items() if any("Stasis(" in line for line in lines)} == {"patchcord-agent"}
    lines = found["patchcord-agent"]
    first = next(index for index, line in enumerate(lines) if "Stasis(" in line)
    last = max(index for index, line in enumerate(lines) if "Stasis(" in line)
    assert "same => n,Set(TIMEOUT(absolute)=6)" in lines[first - 2 : first]
    assert "Set(TIMEOUT(absolute)=0)" in lines[last + 1] and "STASISSTATUS" in lines[last + 2]
    assert any(line.startswith("exten => T,1,") for line in lines)


def test_numbers_of_the_settings_are_added_or_take_the_place_of_those_there_are() -> None:
    found = contexts(render_extensions(plan(default_routes("support", {"500": "order-status", "100": "refund"}))))
    assert answers(found) == {"100": "refund", "101": "echo", "200": "support", "500": "order-status"}


def test_the_numbers_lead_where_the_data_says() -> None:
    assert answers(contexts(render_extensions(plan()))) == {"100": "front-desk", "101": "echo", "200": "support"}


def answers(found: dict[str, list[str]]) -> dict[str, str]:
    """Read number to the agent or queue that it leads to."""
    ends: dict[str, str] = {}
    route, lines = "", found["patchcord-routes"]
    for line in lines:
        route = line[len("exten => ") :].split(",")[0] if line.startswith("exten => ") else route
        if match := re.search(r"Set\(PATCHCORD_ROUTE=([a-z-]+)\)|Goto\(patchcord-queue,([a-z-]+),1\)", line):
            ends[route] = match[1] or match[2]
    text = "\n".join(found["patchcord-numbers"])
    return {number: ends[name] for number, name in re.findall(r"exten => ([^,]+),1,.*\n.*Goto\(patchcord-routes,([a-z0-9-]+),1\)", text)}


def test_the_context_of_the_trunk_dials_nothing() -> None:
    found = contexts(render_extensions(plan()))
    assert not any("Dial(" in line or "include" in line for line in found["patchcord-numbers"])
    assert [name for name, lines in found.items() if any("Dial(" in line for line in lines)] == ["patchcord-members"]
    options = "b(patchcord-member^s^1)U(patchcord-taken^s^1)"
    assert [line for line in found["patchcord-members"] if "Dial(" in line] == [
        f"exten => {phone},1,Dial(${{PJSIP_DIAL_CONTACTS({phone})}}&${{PJSIP_DIAL_CONTACTS({phone}-web)}},45,{options})"
        for phone in ("2001", "2002")
    ]
    assert found["patchcord-phones"][1:5] == [
        line
        for phone in ("2001", "2002")
        for line in (f"exten => {phone},1,Gosub(patchcord-given,s,1({phone}))", f"same => n,Goto(patchcord-members,{phone},1)")
    ]
    assert not any("*77" in line for name, lines in found.items() for line in lines if name != "patchcord-phones"), (
        "drafts are for phones of ours"
    )


@pytest.mark.parametrize(
    ("major", "call"),
    [
        (20, "Queue(support,C,card,,30,,,patchcord-member)"),
        (21, "Queue(support,C,card,,30,,patchcord-member)"),
        (22, "Queue(support,C,card,,30,,patchcord-member)"),
    ],
)
def test_the_gosub_argument_moved_when_macro_went(major: int, call: str) -> None:
    assert QueueCall("support", options="C", url="card", timeout_s=30, gosub="patchcord-member").render(major) == call


def test_empty_arguments_at_the_end_are_left_out() -> None:
    assert QueueCall("support", options="", timeout_s=5).render(22) == "Queue(support,,,,5)"
    assert QueueCall("support", options="").render(20) == "Queue(support)"


def test_a_place_in_a_queue_says_how_it_was_left() -> None:
    found = contexts(render_extensions(plan()))["patchcord-place"]
    assert "same => n,Queue(support,Cb(patchcord-member^s^1),${PATCHCORD_URL},,300,,,,${PATCHCORD_POSITION})" in found
    after = found[next(i for i, line in enumerate(found) if ",Queue(" in line) + 1]
    assert after.startswith("same => n,UserEvent(PatchcordQueueLeft,Queue: support,Place:") and "${QUEUESTATUS}" in after


def test_a_joined_caller_whose_person_has_gone_comes_back() -> None:
    found = contexts(render_extensions(plan()))["patchcord-joined"]
    assert [line for line in found if "Bridge(" in line] == ["same => n,Bridge(${PATCHCORD_PEER})"]
    after = found[next(index for index, line in enumerate(found) if "Set(PATCHCORD_BACK=NOT_JOINED)" in line) + 1]
    assert after == "same => n,Goto(patchcord-agent,returned,1)"


@pytest.mark.parametrize("text", ["", "a b", "A", "1a", "x,y", "s\n", "${X}", "x" * 33])
def test_words_that_could_end_an_instruction_are_refused(text: str) -> None:
    with pytest.raises(DialplanError, match="Correct it"):
        check_word("route", text)


@pytest.mark.parametrize("text", ["", "12a", "_X.", "1,2", "1\n", "++1", "1" * 21])
def test_numbers_that_are_patterns_or_more_are_refused(text: str) -> None:
    with pytest.raises(DialplanError, match="Correct it"):
        check_number("number", text)


@pytest.mark.parametrize("text", ["", "_x", "s", "a b", "a,b", "x" * 65])
def test_queues_that_could_be_a_pattern_or_a_special_extension_are_refused(text: str) -> None:
    with pytest.raises(DialplanError, match="Correct it"):
        check_queue(text)


def test_a_missing_value_names_the_template() -> None:
    with pytest.raises(DialplanError, match=r"asterisk-config/http.conf.j2 cannot be filled"):
        templates.render("http.conf")


@pytest.mark.parametrize("value", ["a\nexten => 1", "a;b", "a\rb"])
def test_a_value_with_a_line_break_or_comment_is_refused(value: str) -> None:
    with pytest.raises(DialplanError, match="line break or a semicolon"):
        templates.render("http.conf", asterisk={"http_port": value})


def test_every_template_says_what_it_is_for() -> None:
    for name in templates.names():
        assert (templates.TEMPLATES / f"{name}.j2").read_text().startswith("; "), name


def test_feature_codes_are_for_people_who_have_a_caller_and_off_unless_asked_for() -> None:
    without, with_codes = (render_extensions(replace(plan(), feature_codes=on)) for on in (False, True))
    found = contexts(with_codes)
    assert all(any("Queue(support,tCb(" in line for line in found[context]) for context in ("patchcord-queue", "patchcord-place"))
    assert all(",45,tb(" in line for line in found["patchcord-members"] if "Dial(" in line)
    assert [line for line in with_codes.splitlines() if line not in without.splitlines()] == [
        line for line in with_codes.splitlines() if "tCb(" in line or ",45,tb(" in line
    ]
