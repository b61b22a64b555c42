"""The text and ``decide`` agree: a real Asterisk walks the rendered dialplan and ends where ``decide`` says."""

import asyncio
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dialplan.extensions import Plan
from dialplan.routes import Routes, load_routes
from tests.ari_app.calls.pbx_rig import Pbx
from tests.dialplan.routes.making_routes import ZONES, many_routes, prefixes
from tests.dialplan.routes.routes_walk import Call, Walker, expected, probed_text, with_dialplan

ROUTES = load_routes(Path(__file__).with_name("walked.yaml"))
LONDON, NEW_YORK, LORD_HOWE = ZoneInfo("Europe/London"), ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")

FIRST, MINUTES = datetime(2026, 1, 1, tzinfo=UTC), 3 * 365 * 24 * 60


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


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pbx]:
    pbx = with_dialplan(Pbx(tmp_path_factory.mktemp("walk")), probed_text(plan_of(ROUTES), real_fallback=True))
    try:
        pbx.start()
        yield pbx
    finally:
        pbx.stop()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pbx]:
    pbx = with_dialplan(Pbx(tmp_path_factory.mktemp("made")), probed_text(plan_of(ROUTES)))
    try:
        pbx.start()
        yield pbx
    finally:
        pbx.stop()


def minutes_around(zone: ZoneInfo, *moments: str) -> list[datetime]:
    """Each moment of local time, the minute before it and the one after."""
    at = [datetime.fromisoformat(moment).replace(tzinfo=zone) for moment in moments]
    return [(moment.astimezone(UTC) + timedelta(minutes=step)).astimezone(zone) for moment in at for step in (-1, 0, 1)]


def cases() -> list[Call]:
    made: list[Call] = []
    usual = "+15550100"
    # edges of each span, of holidays and of the year
    office = ["2026-11-19 09:00", "2026-11-19 12:30", "2026-11-19 13:30", "2026-11-19 17:30", "2026-11-21 10:00", "2026-11-21 14:00"]
    office += ["2026-11-22 12:00", "2026-04-03 00:00", "2026-04-03 12:00", "2026-04-04 00:00", "2027-04-05 12:00", "2026-08-03 00:00"]
    office += ["2026-08-14 12:00", "2026-08-17 10:00", "2027-08-05 11:00", "2026-12-24 12:00", "2026-12-25 12:00", "2026-12-28 12:00"]
    office += ["2027-01-02 11:00", "2027-01-04 11:00", "2028-02-29 11:00", "2028-03-01 11:00", "2027-03-01 11:00"]
    # summer time begins and ends in London
    office += ["2026-03-29 01:00", "2026-03-30 09:00", "2026-10-25 01:00", "2026-10-26 09:00", "2026-10-23 17:30", "2026-03-27 17:30"]
    made += [Call("+442079460000", usual, at) for at in minutes_around(LONDON, *office)]
    night = ["2026-11-19 22:00", "2026-11-20 00:00", "2026-11-20 06:00", "2026-11-21 06:00", "2026-11-21 22:00", "2026-11-22 20:00"]
    # summer time begins on the 8th of March at two, and ends on the 1st of November
    night += ["2026-11-23 00:00", "2026-11-23 06:00", "2026-03-08 03:00", "2026-03-07 05:59", "2026-11-01 01:30", "2026-03-09 06:00"]
    made += [Call("+442079460100", usual, at) for at in minutes_around(NEW_YORK, *night)]
    # half an hour of summer time; midnight from both sides
    island = ["2026-11-23 00:00", "2026-11-24 00:00", "2026-11-25 23:59", "2026-11-26 00:01", "2026-11-26 00:02", "2026-04-05 02:00"]
    island += ["2026-10-04 02:00", "2026-04-06 00:00"]
    made += [Call("+442079460155", usual, at) for at in minutes_around(LORD_HOWE, *island)]
    # the minute that comes twice
    made += [Call("+442079460100", usual, datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=fold)) for fold in (0, 1)]
    made += [
        Call("200", usual, at)
        for at in minutes_around(LONDON, "2028-02-29 00:00", "2028-03-01 00:00", "2027-11-30 00:00", "2026-12-02 00:00")
    ]
    # every kind of caller, open and closed
    opened, closed = datetime(2026, 11, 19, 11, tzinfo=LONDON), datetime(2026, 11, 19, 23, 30, tzinfo=LONDON)
    callers = [
        "",
        "anonymous",
        "Unavailable",
        "+44870123",
        "+4487",
        "44870123",
        "0044870",
        "00448",
        "044",
        "44",
        "9",
        "95",
        "+9",
        "+4416123",
    ]
    callers += ["+441712", "+441", "+44", "+331", "33", "1001", "alice", "+", "+1 (555) 0100", "000", "0", "007"]
    for number in ("+442079460000", "0442079460000", "+442079460199", "+442079460150", "200", "300"):
        made += [Call(number, caller, at) for caller in callers for at in (opened, closed)]
        made += [Call(number, "+4416123", at, withheld=True) for at in (opened, closed)]
    # patterns and shares
    made += [Call(number, usual, opened) for number in ("111", "139", "159", "44020", "4492123456", "449912")]
    made += [Call("112", usual, opened, thrown=thrown) for thrown in (1, 69, 70, 71, 98, 99, 100)]
    return made


async def walk_all(pbx: Pbx, calls: list[Call], routes: Routes) -> None:
    async with Walker(pbx) as walker:
        await walk_all_by(walker, calls, routes)


async def walk_all_by(walker: Walker, calls: list[Call], routes: Routes) -> None:
    for first in range(0, len(calls), 20):
        batch = calls[first : first + 20]
        for call, report in zip(batch, await asyncio.gather(*map(walker.walk, batch)), strict=True):
            wanted = expected(routes, call)
            found = {key: report.get(key, "") for key in wanted}
            if not found["Goes"].startswith("agent"):
                found["Options"] = ""
            assert found == wanted, call


async def test_calls_end_where_decide_says(walked: Pbx) -> None:
    calls = cases()
    assert len(calls) >= 200
    ends = {expected(ROUTES, call)["Goes"] for call in calls}
    assert len(ends) >= 14, "each way out is taken by some call"
    await walk_all(walked, calls, ROUTES)
    log = (walked.home / "log/full").read_text(errors="replace")
    assert not re.findall(
        r"^\[.*?\] (?:WARNING|ERROR).*", "\n".join(line for line in log.splitlines() if "pbx" in line or "func_" in line), re.M
    )


async def test_calls_at_random_times_end_where_decide_says(walked: Pbx) -> None:
    dice = random.Random(7)
    numbers = ["+442079460000", "+442079460100", "+442079460150", "200"]
    calls = [
        Call(
            dice.choice(numbers),
            dice.choice(["+15550100", "+4416", "+441", ""]),
            FIRST + timedelta(minutes=dice.randrange(MINUTES)),
        )
        for _ in range(300)
    ]
    await walk_all(walked, calls, ROUTES)


@settings(
    max_examples=15, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck)
)
@given(
    routes=many_routes(),
    times=st.lists(
        st.builds(
            lambda minute, zone: FIRST.astimezone(ZoneInfo(zone)) + timedelta(minutes=minute),
            st.integers(0, MINUTES),
            st.sampled_from(ZONES),
        ),
        min_size=4,
        max_size=4,
    ),
    callers=st.lists(st.one_of(prefixes, st.just("")), min_size=2, max_size=2),
    thrown=st.integers(1, 100),
)
def test_any_routes_lead_where_decide_says(made: Pbx, routes: Routes, times: list[datetime], callers: list[str], thrown: int) -> None:
    known = [
        rule
        for route in routes.routes.values()
        for rule in (*route.callers.blocked, *(p for vip in route.callers.vip for p in vip.prefixes))
    ]
    numbers = [
        number for index in range(len(routes.routes)) for number in (f"+4420794{index}00", f"+4420794{index}3912", f"+4420795{index}1555")
    ]
    calls = [
        Call(number, caller, at, thrown)
        for index, number in enumerate(numbers)
        for at in times
        for caller in (*callers, *known[index % 5 : index % 5 + 1])
        if routes.find(number)
    ]

    async def walk() -> None:
        async with Walker(made) as walker:
            await walker.load(probed_text(plan_of(routes)))
            await walk_all_by(walker, calls, routes)

    asyncio.run(walk())


async def test_what_the_caller_says_of_themselves_is_harmless(walked: Pbx) -> None:
    at = datetime(2026, 11, 19, 11, tzinfo=LONDON)
    nasty = '"Zoë" O\'Neil ) | ${SHELL(id)} ; , = [1] <x> {y} $[1+1] \\'
    async with Walker(walked) as walker:
        report = await walker.walk(Call("+442079460000", '+44"] $[ ${EXTEN} 2', at, name=nasty.replace(",", "")))
    assert report["Goes"] == "agent front-desk"
    assert report["Caller"] and re.fullmatch(r"[0-9A-Za-z+*#._-]*", report["Caller"])
    assert "Zo\u00eb" in report["Name"] and not set(report["Name"]) & set('"$;,{}[]<>|=\\')


async def test_more_calls_than_a_route_takes_go_to_its_overflow(walked: Pbx) -> None:
    at = datetime(2026, 11, 19, 11, tzinfo=LONDON)
    async with Walker(walked) as walker:
        ends = [(await walker.walk(Call("400", "+15550100", at, stay_s=2)))["Goes"] for _ in range(4)]
        # those who were sent on are not counted: when the two have gone there is room again
        assert ends == ["agent few-desk", "agent few-desk", "theirs ivr-main s 1", "theirs ivr-main s 1"]
        while (await walker.walk(Call("400", "+15550100", at)))["Goes"] != "agent few-desk":
            await asyncio.sleep(0.2)


async def test_a_place_that_is_not_there_ends_in_the_fallback_queue(walked: Pbx) -> None:
    async with Walker(walked) as walker:
        assert (await walker.walk(Call("301", "+15550100", datetime(2026, 11, 19, 11, tzinfo=LONDON))))["Goes"] == "queue support"


async def test_chance_is_thrown_anew_for_each_call(made: Pbx) -> None:
    at = datetime(2026, 11, 19, 11, tzinfo=LONDON)
    async with Walker(made) as walker:
        await walker.load(probed_text(plan_of(ROUTES), real_chance=True))
        ends = {(await walker.walk(Call("112", "+15550100", at)))["Goes"] for _ in range(60)}
    assert {"agent first", "agent second"} <= ends <= {"agent first", "agent second", "agent third"}


async def test_the_dialplan_on_the_page_for_admins_does_what_the_page_says(made: Pbx) -> None:
    project = Path(__file__).parents[3]
    routes = load_routes(project / "dialplan/routes/example.yaml")
    blocks = re.findall(r"```\n(exten => .*?)```", (project / "docs/dialplan.md").read_text("utf-8"), re.DOTALL)
    at = datetime(2026, 11, 19, 11, tzinfo=LONDON)
    async with Walker(made) as walker:
        await walker.load(probed_text(plan_of(routes)) + "[page]\n" + "\n".join(blocks))
        found = {
            number: await walker.walk(Call(number, "+442079463000", at, context="page", tried=number != "699"))
            for number in ("600", "601", "699")
        }
    # a report ends at a comma: of the overflow it holds the context
    told = {number: (report["Goes"], report["Number"], report["Options"], report["Overflow"]) for number, report in found.items()}
    assert told == {
        "600": ("agent order-status", "600", "language:en-gb emotion:text variant:order-status", "patchcord-queue"),
        "601": ("agent order-status", "601", "language:en emotion:off", "ivr-main"),
        "699": ("end 16", "699", "language:en-gb emotion:text", "patchcord-queue"),
    }
