import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.records.agent_versions import WHOLE, AgentVersions, VersionError, digest_of, version_for
from handoff.records.store import RecordsUnavailable

pytestmark = pytest.mark.postgres

ONE = {"desk.yaml": "name: desk\nsay: one"}
TWO = {"desk.yaml": "name: desk\nsay: two", "base.yaml": "x: é\u2028"}


def test_a_saved_file_becomes_the_version_of_new_calls(database: str) -> None:
    store = AgentVersions(database)
    assert store.versions("desk") == []
    assert store.live() == {}
    assert store.publish("desk", ONE, "first") == 1
    assert store.publish("desk", TWO) == 2
    assert store.live() == {"desk": {2: WHOLE}}
    newest, oldest = store.versions("desk")
    assert (newest.version, newest.percent, newest.digest) == (2, WHOLE, digest_of(TWO))
    assert (oldest.version, oldest.percent, oldest.note) == (1, 0, "first")
    assert oldest.published_at <= newest.published_at
    assert store.files("desk", 1) == ONE
    assert store.files("desk", 2) == TWO


def test_the_same_files_are_not_published_twice_and_leave_a_rollback_alone(database: str) -> None:
    store = AgentVersions(database)
    store.publish("desk", ONE)
    store.publish("desk", TWO)
    store.share("desk", {1: WHOLE})
    assert store.publish("desk", dict(reversed(TWO.items()))) == 2
    assert store.live() == {"desk": {1: WHOLE}}
    assert store.publish("desk", ONE) == 3, "an old text that is saved again is a new decision"
    assert store.live() == {"desk": {3: WHOLE}}


@pytest.mark.parametrize("split", [{}, {1: 99}, {1: 60, 2: 60}, {1: 101, 2: -1}, {1: 100, 2: 0}])
def test_shares_that_do_not_add_up_change_nothing(database: str, split: dict[int, int]) -> None:
    store = AgentVersions(database)
    store.publish("desk", ONE)
    store.publish("desk", TWO)
    with pytest.raises(VersionError, match="add up to 100"):
        store.share("desk", split)
    assert store.live() == {"desk": {2: WHOLE}}


def test_unknown_versions_are_named_with_those_there_are(database: str) -> None:
    store = AgentVersions(database)
    store.publish("desk", ONE)
    with pytest.raises(VersionError, match="no version 7: there are 1"):
        store.share("desk", {7: WHOLE})
    with pytest.raises(VersionError, match="no version 7: there are 1"):
        store.files("desk", 7)
    with pytest.raises(VersionError, match="the agent x has no version 1: it was never published"):
        store.files("x", 1)
    assert store.live() == {"desk": {1: WHOLE}}


async def test_two_who_publish_at_once_get_two_numbers(database: str) -> None:
    store = AgentVersions(database)
    with ThreadPoolExecutor(4) as pool:
        loop = asyncio.get_running_loop()
        jobs = [loop.run_in_executor(pool, store.publish, "desk", {"desk.yaml": str(n)}) for n in range(8)]
        assert sorted(await asyncio.gather(*jobs)) == list(range(1, 9))
    assert [entry.percent for entry in store.versions("desk")].count(WHOLE) == 1


def test_no_database() -> None:
    with pytest.raises(RecordsUnavailable, match="patchcord up"):
        AgentVersions("postgresql://nobody@127.0.0.1:1/none").live()


def test_a_call_always_gets_the_same_version_and_each_version_its_share() -> None:
    split = {3: 70, 5: 30}
    given_out = Counter(version_for(f"call-{n}", split) for n in range(10_000))
    assert given_out[3] / 10_000 == pytest.approx(0.7, abs=0.02)
    assert given_out[5] / 10_000 == pytest.approx(0.3, abs=0.02)
    assert version_for("call-1", split) == version_for("call-1", dict(reversed(split.items())))


@given(st.text(), st.integers(1, 99))
def test_every_call_gets_one_of_the_versions(call_id: str, percent: int) -> None:
    assert version_for(call_id, {1: percent, 2: WHOLE - percent}) in (1, 2)
    assert version_for(call_id, {4: WHOLE}) == 4


def test_shares_that_do_not_cover_every_call_are_an_error() -> None:
    with pytest.raises(VersionError):
        for n in range(1000):
            version_for(str(n), {1: 1})
