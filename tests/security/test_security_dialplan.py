"""Every way in which a dialplan lets a caller from outside do more than talk."""

from pathlib import Path

import pytest

from ari_app.doctor.security.dialplan_text import from_console, parts, step
from ari_app.doctor.security.dialplan_walk import reachable
from tests.security.evidence_made import SOUND, evidence, wrong

PLAN = SOUND["extensions.conf"]
AGENT = "exten => s,1,Stasis("
OUT = "Dialling out from a call that came in"
RUNS = "Programs and files from a call"
RAW = "What a caller sends, as part of instructions"
CASES: list[tuple[str, str, str]] = [
    (PLAN.replace(AGENT, "exten => s,1,Dial(PJSIP/${EXTEN}@carrier)\n same => n,Stasis("), OUT, "a plain Dial"),
    (PLAN + "[more]\nexten => _X.,1,Dial(PJSIP/${EXTEN}@carrier)\n[patchcord-numbers](+)\ninclude => more\n", OUT, "an included context"),
    (
        PLAN.replace("Queue(support)", "GotoIf($[1]?out,s,1)") + "[out]\nexten => s,1,Originate(PJSIP/1@c,exten,a,s,1)\n",
        OUT,
        "after GotoIf",
    ),
    (PLAN.replace("Queue(support)", "ExecIf($[1]?Dial(PJSIP/1@carrier))"), OUT, "inside ExecIf"),
    (PLAN.replace("Queue(support)", "TryExec(Dial(PJSIP/1@carrier))"), OUT, "inside TryExec"),
    (PLAN.replace("exten => T,1,Goto(patchcord-fallback,s,1)", "exten => T,1,Dial(PJSIP/1@carrier)"), OUT, "in the rescue"),
    (PLAN.replace("exten => T,1,Goto", "exten => next,1,DISA(no-password,x)\nexten => T,1,Goto"), OUT, "in a special extension"),
    (PLAN.replace("Queue(support)", "System(echo x)"), RUNS, "System"),
    (PLAN.replace("Queue(support)", "AGI(/tmp/x.py)"), RUNS, "AGI"),
    (PLAN.replace("Queue(support)", "AGI(agi://192.0.2.3/x)"), RUNS, "AGI elsewhere"),
    (PLAN.replace("Queue(support)", "MixMonitor(/tmp/a.wav,,rm x)"), RUNS, "MixMonitor"),
    (PLAN.replace("Queue(support)", "Set(X=${SHELL(id)})"), RUNS, "SHELL"),
    (PLAN.replace("Queue(support)", "Set(FILE(/tmp/x)=y)"), RUNS, "FILE"),
    (PLAN.replace("Queue(support)", "Set(X=${CURL(http://192.0.2.3/)})"), RUNS, "CURL"),
    (PLAN.replace("exten => 100,1,Gosub(patchcord-clean,s,1)\n same => n,", "exten => 100,1,"), "The caller's id", "nothing is cleaned"),
    (PLAN.replace("CALLERID(num)=${FILTER(0-9,${CALLERID(num)})}", "X=1"), "The caller's id", "the Gosub cleans nothing"),
    (
        PLAN.replace("exten => 100,1,", '_X.,1,NoOp()\nexten => 100,1,GotoIf($["${CALLERID(name)}" = "x"]?100,3)\n same => n,'),
        RAW,
        "in $[ ]",
    ),
    (PLAN + "[patchcord-numbers](+)\nexten => _9X.,1,Gosub(patchcord-clean,s,1)\n same => n,GotoIf($[${EXTEN} > 5]?100,1)\n", RAW, "EXTEN"),
    (PLAN.replace(' same => n,GotoIf($["${STASISSTATUS}" = "FAILED"]?patchcord-fallback,s,1)\n', ""), "When no worker is there", "Hangup"),
    (PLAN.replace("Queue(support)", "Goto(from-internal,s,1)"), "Ways out of our dialplan", "a context of theirs"),
    (PLAN.replace("Queue(support)", "Goto(${WHERE},s,1)"), "Ways out of our dialplan", "a context from a variable"),
]


@pytest.mark.parametrize(("text", "name", "what"), CASES, ids=[what for _, _, what in CASES])
def test_each_mistake_is_found(tmp_path: Path, text: str, name: str, what: str) -> None:
    assert text != PLAN
    found = wrong(evidence(tmp_path, extensions=text))
    assert name in found, found
    assert found[name].remedy


@pytest.mark.parametrize(
    "there",
    [
        "AGI(agi://127.0.0.1:4573/patchcord_route)",
        "Dial(PJSIP/2001&PJSIP/2002,30)",
        "Set(X=${FILTER(0-9,${CALLERID(name)})})",
        'GotoIf($["${FILTER(0-9,${CALLERID(num)})}" = "5"]?s,1)',
        "Playback(hello)",
    ],
)
def test_what_is_harmless_is_let_pass(tmp_path: Path, there: str) -> None:
    assert wrong(evidence(tmp_path, extensions=PLAN.replace("Queue(support)", there))) == {}


def test_what_phones_may_dial_is_no_way_out_for_callers(tmp_path: Path) -> None:
    """The sound dialplan has a Dial, in the context of phones: a walk that flagged it would be of no use."""
    assert "Dial(" in PLAN
    assert wrong(evidence(tmp_path)) == {}


def test_the_place_and_the_way_there_are_told(tmp_path: Path) -> None:
    detail = wrong(evidence(tmp_path, extensions=PLAN.replace("Queue(support)", "System(x)")))[RUNS].detail
    assert "extensions.conf:" in detail
    assert "patchcord-numbers,100" in detail


def test_circles_end(tmp_path: Path) -> None:
    found = evidence(
        tmp_path,
        extensions="[patchcord-numbers]\nexten => _X.,1,Goto(a,s,1)\n[a]\nexten => s,1,Goto(b,s,1)\n[b]\nexten => s,1,Goto(a,s,1)\n",
    )
    assert len(list(reachable(found.dialplan, "patchcord-numbers"))) == 3


def test_without_a_dialplan_nobody_is_told_that_all_is_well(tmp_path: Path) -> None:
    assert "Dialplan" in wrong(evidence(tmp_path, more={"dialplan": {}}))


def test_what_the_console_shows_is_read_with_labels_and_includes() -> None:
    shown = (
        "[ Context 'a' created by 'pbx_config' ]\n"
        "  's' =>            1. Set(X=[1])                                 [extensions.conf:3]\n"
        "     [there]        2. Goto(b,${EXTEN},1)                         [extensions.conf:4]\n"
        "  '_9X.' (CID match '5') => 1. Dial(PJSIP/x)                      [extensions.conf:5]\n"
        "  '2001' =>         hint: PJSIP/2001                              [extensions.conf:6]\n"
        "  Include =>        'c'                                           [pbx_config]\n"
    )
    plan = from_console(shown)
    assert plan["a"].extensions["s"] == [
        step("Set(X=[1])", "", "extensions.conf:3"),
        step("Goto(b,${EXTEN},1)", "there", "extensions.conf:4"),
    ]
    assert [each.app for each in plan["a"].extensions["_9X."]] == ["dial"]
    assert plan["a"].includes == ["c"]


def test_arguments_are_split_outside_brackets() -> None:
    assert parts("a,$[1,2],${F(3,4)},b") == ["a", "$[1,2]", "${F(3,4)}", "b"]
