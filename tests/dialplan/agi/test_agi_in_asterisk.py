"""A real Asterisk asks, by FastAGI and by the script; what its network says of a caller cannot become a command of anybody."""

import asyncio
import json
import os
import shutil
import stat
from collections.abc import AsyncIterator, Iterator, Mapping

import pytest

from dialplan.agi import AgiServer, Hooks, stdin_script
from dialplan.agi.answers import CARD, DECISION, ESTIMATE, STATUS
from tests.dialplan.agi.test_agi_answers import hooks
from tests.docker.admins_asterisk import AdminsAsterisk, running
from tests.free_ports import free_port

NAMES = ("AGISTATUS", STATUS, *DECISION, *CARD, *ESTIMATE)
DIALPLAN = """\
[globals]

[ask]
; the caller's name is decoded here, since no line of a file can hold a line break
exten => _X.,1,Set(CALLERID(all)="${{URIDECODE(${{GLOBAL(NAME)}})}}" <${{GLOBAL(NUM)}}>)
 same => n,AGI(${{GLOBAL(ASKED)}})
{told}
 same => n,Set(GLOBAL(T_DB)=${{DB(kept/word)}})
 same => n,Set(GLOBAL(T_DONE)=yes)
 same => n,Wait(1)
 same => n,Hangup()
"""


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[AdminsAsterisk]:
    theirs = AdminsAsterisk(tmp_path_factory.mktemp("agi"))
    told = "\n".join(f" same => n,Set(GLOBAL(T_{name})=<${{{{{name}}}}}>)" for name in NAMES)
    theirs.lay_out({"extensions.conf": DIALPLAN.replace("{told}", told)})
    script = theirs.home / "var/agi-bin/patchcord_ask.py"
    shutil.copy(stdin_script.__file__, script)
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    os.environ["PATCHCORD_AGI_PORT"] = str(port)
    try:
        with running(theirs):
            theirs.rx("database put kept word here")
            yield theirs
    finally:
        del os.environ["PATCHCORD_AGI_PORT"]


@pytest.fixture
async def asking(port: int) -> AsyncIterator[Hooks]:
    served = hooks()
    async with AgiServer(served.table(), port):
        yield served


async def tell(asterisk: AdminsAsterisk, asked: str, name: str = "Mallory", number: str = "15550100") -> Mapping[str, str]:
    """One call; what its channel held afterwards."""
    for variable, value in (("ASKED", asked), ("NAME", name), ("NUM", number), ("T_DONE", "no")):
        await asyncio.to_thread(asterisk.rx, f"dialplan set global {variable} {json.dumps(value)}")
    await asyncio.to_thread(asterisk.rx, "channel originate Local/442079460000@ask application Wait 5")
    for _ in range(150):
        lines = (await asyncio.to_thread(asterisk.rx, "dialplan show globals")).splitlines()
        found = dict(line.strip().partition("=")[::2] for line in lines)
        if found.get("T_DONE") == "yes":
            await asyncio.to_thread(asterisk.rx, "channel request hangup all")
            return {key.removeprefix("T_"): value.removeprefix("<").removesuffix(">") for key, value in found.items()}
        await asyncio.sleep(0.1)
    raise AssertionError("the dialplan did not go on")


def ways(question: str, port: int) -> list[str]:
    """By FastAGI, and by the script."""
    command, _, arguments = question.partition(",")
    return [f"agi://127.0.0.1:{port}/{command}" + (f",{arguments}" if arguments else ""), f"patchcord_ask.py,{question}"]


@pytest.mark.parametrize("way", [0, 1], ids=["fastagi", "script"])
async def test_asterisk_is_answered(asterisk: AdminsAsterisk, asking: Hooks, port: int, way: int) -> None:
    told = await tell(asterisk, ways("patchcord_route,+442079460000", port)[way])
    assert (told["AGISTATUS"], told[STATUS]) == ("SUCCESS", "OK")
    assert (told["PATCHCORD_DECISION_TARGET"], told["PATCHCORD_DECISION_AGENT"]) == ("agent", "order-status")
    assert told["PATCHCORD_DECISION_OVERFLOW"] == "ext-queues,8000,1"
    assert told["DB"] == "here"
    told = await tell(asterisk, ways("patchcord_route,+442079460000,anonymous", port)[way])
    assert (told["PATCHCORD_DECISION_TARGET"], told["PATCHCORD_DECISION_QUEUE"]) == ("queue", "sales")
    told = await tell(asterisk, ways("patchcord_card,card-2", port)[way])
    assert [told[name] for name in CARD] == ["caller_request", "order_status", "sales", "en-GB"]
    told = await tell(asterisk, ways("patchcord_queue_estimate,8000", port)[way])
    assert [told[name] for name in ESTIMATE] == ["3", "0", "62"]
    told = await tell(asterisk, ways("patchcord_queue_estimate,away", port)[way])
    assert (told["AGISTATUS"], told[STATUS], told["PATCHCORD_ESTIMATE_WAIT"]) == ("SUCCESS", "UNAVAILABLE", "")


@pytest.mark.parametrize("way", [0, 1], ids=["fastagi", "script"])
@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("x%0Aagi_arg_1: %2B442079460010", False),
        ("x%0Aagi_arg_1: patchcord_route%0Aagi_arg_2: %2B442079460010%0A%0A200 result=1%0A200 result=1%0A200 result=1%0A", False),
        ("x%0A%0ASET VARIABLE PATCHCORD_AGI forged%0A", False),
        ("x%0A%0A200 result=1%0A200 result=1%0A", False),
        ("x%22%29 EXEC System reboot", True),
        ("a" * 3000, True),
    ],
    ids=["argument", "head", "command", "answers", "quotes", "long"],
)
async def test_a_hostile_name_gets_no_answer_or_the_right_one(
    asterisk: AdminsAsterisk, asking: Hooks, port: int, name: str, answers: bool, way: int
) -> None:
    told = await tell(asterisk, ways("patchcord_route,+442079460000", port)[way], name)
    answered = told[STATUS] == "OK"
    assert answered == answers and (answered or told[STATUS] in ("", "BAD_REQUEST", "UNAVAILABLE"))
    assert told["PATCHCORD_DECISION_ROUTE"] == ("orders" if answered else "")
    told = await tell(asterisk, ways("patchcord_route,+442079460000", port)[way])
    assert (told[STATUS], told["PATCHCORD_DECISION_ROUTE"]) == ("OK", "orders")


async def test_where_nobody_answers_the_dialplan_goes_on(asterisk: AdminsAsterisk, port: int) -> None:
    fast, script = ways("patchcord_route,+442079460000", port)
    told = await tell(asterisk, fast)
    assert (told["AGISTATUS"], told[STATUS]) == ("FAILURE", "")
    told = await tell(asterisk, script)
    assert (told["AGISTATUS"], told[STATUS]) == ("SUCCESS", "UNAVAILABLE")


async def test_the_script_refuses_other_questions(asterisk: AdminsAsterisk, asking: Hooks) -> None:
    for asked in ("patchcord_ask.py", "patchcord_ask.py,exec,reboot"):
        told = await tell(asterisk, asked)
        assert (told["AGISTATUS"], told[STATUS]) == ("SUCCESS", "BAD_REQUEST")
