"""The dialplan as text: what must stand in it, for every set of numbers, and what never may."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan import templates
from dialplan.errors import DialplanError
from dialplan.extensions import Plan, render_extensions
from dialplan.numbers import Number, Numbers, ToAgent, ToQueue, default_numbers
from dialplan.queue_call import QueueCall
from dialplan.words import check_number, check_word


def plan(numbers: Numbers | None = None, major: int = 22) -> Plan:
    return Plan(
        numbers=numbers or default_numbers("support"),
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


def test_the_agents_context_guards_the_call_on_both_sides() -> None:
    assert contexts(render_extensions(plan()))["patchcord-agent"] == [
        "exten => s,1,Ringing()",
        "same => n,Set(TIMEOUT(absolute)=6)",
        "same => n,Stasis(patchcord,call,${PATCHCORD_ROUTE},${PATCHCORD_NUMBER})",
        "same => n,Set(TIMEOUT(absolute)=0)",
        'same => n,GotoIf($["${STASISSTATUS}" = "FAILED"]?patchcord-fallback,s,1)',
        "same => n,Hangup()",
        "exten => T,1,Set(TIMEOUT(absolute)=0)",
        "same => n,Goto(patchcord-fallback,s,1)",
    ]


def test_the_numbers_lead_where_the_data_says() -> None:
    assert contexts(render_extensions(plan()))["patchcord-numbers"] == [
        "exten => 100,1,Set(PATCHCORD_ROUTE=front-desk)",
        "same => n,Set(PATCHCORD_NUMBER=${EXTEN})",
        "same => n,Goto(patchcord-agent,s,1)",
        "exten => 101,1,Set(PATCHCORD_ROUTE=echo)",
        "same => n,Set(PATCHCORD_NUMBER=${EXTEN})",
        "same => n,Goto(patchcord-agent,s,1)",
        "exten => 200,1,Goto(patchcord-queue,support,1)",
    ]


def test_the_context_of_the_trunk_dials_nothing() -> None:
    found = contexts(render_extensions(plan()))
    assert not any("Dial(" in line or "include" in line for line in found["patchcord-numbers"])
    assert [line for line in found["patchcord-phones"] if "Dial(" in line] == [
        "exten => 2001,1,Dial(PJSIP/2001,30)",
        "exten => 2002,1,Dial(PJSIP/2002,30)",
    ]


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


words = st.from_regex(r"\A[a-z][a-z0-9-]{0,31}\Z")
digits = st.from_regex(r"\A\+?[0-9]{1,20}\Z")
targets = st.one_of(st.builds(ToAgent, words), st.builds(ToQueue, words))


@given(st.lists(st.builds(Number, digits, targets), unique_by=lambda number: number.dialled, max_size=8))
def test_every_set_of_numbers_gives_a_dialplan_in_which_every_jump_lands(entries: list[Number]) -> None:
    made = plan(Numbers(tuple(entries)))
    text = render_extensions(made)
    found = contexts(text)
    assert render_extensions(made) == text
    for number in entries:
        assert any(line.startswith(f"exten => {number.dialled},1,") for line in found["patchcord-numbers"])
    for queue in made.queues():
        assert any(line.startswith(f"exten => {queue},1,") for line in found["patchcord-queue"])
    # every entry into the application has its guards: the timer before, FAILED after, T in the same context
    for name, lines in found.items():
        for position, line in enumerate(lines):
            if "Stasis(" in line:
                assert "Set(TIMEOUT(absolute)=6)" in lines[position - 1], name
                assert "Set(TIMEOUT(absolute)=0)" in lines[position + 1], name
                assert "STASISSTATUS" in lines[position + 2], name
                assert any(other.startswith("exten => T,1,") for other in lines), name


@given(st.text(max_size=40))
def test_no_text_becomes_an_instruction(text: str) -> None:
    for make in (ToAgent, ToQueue, lambda word: Number(word, ToAgent("echo")), lambda word: Number("1", ToAgent("echo"), word)):
        try:
            made = make(text)
        except DialplanError:
            continue
        about = made.about if isinstance(made, Number) else ""
        rendered = render_extensions(plan(Numbers((made if isinstance(made, Number) else Number("1", made),))))
        lines = [line for line in rendered.splitlines() if not line.startswith(";")]
        assert about == "" or not any(line.strip() == about for line in lines)
        assert sum(line.startswith("[") for line in lines) == 8


@pytest.mark.parametrize("text", ["", "a b", "A", "1a", "x,y", "s\n", "${X}", "x" * 33])
def test_words_that_could_end_an_instruction_are_refused(text: str) -> None:
    with pytest.raises(DialplanError, match="Correct it"):
        check_word("route", text)


@pytest.mark.parametrize("text", ["", "12a", "_X.", "1,2", "1\n", "++1", "1" * 21])
def test_numbers_that_are_patterns_or_more_are_refused(text: str) -> None:
    with pytest.raises(DialplanError, match="Correct it"):
        check_number("number", text)


def test_a_number_given_twice_is_refused() -> None:
    with pytest.raises(DialplanError, match="100 is given twice"):
        Numbers((Number("100", ToAgent("echo")), Number("100", ToQueue("support"))))


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
