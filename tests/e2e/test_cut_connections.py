"""ARI or the manager interface fails in the middle of a warm transfer: the caller reaches a person by Asterisk alone."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator

import pytest

from ari_app.caller.answering import Behaviour
from tests.e2e.crowd import until
from tests.e2e.cut_line import cut
from tests.e2e.figures import tell
from tests.e2e.instance import Instance
from tests.e2e.transfers import MOST_SILENCE_MS, SETTINGS, Scene, Transfer, first_hum, hum, humming, longest_silence_ms, scene


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    running = Instance(tmp_path_factory.mktemp("cut"), SETTINGS)
    running.start()
    running.settle_in()
    yield running
    running.stop()


async def _transfer(people: Scene, line: str, moment: str) -> tuple[Transfer, int]:
    """Phones ring without end, or a person hears the brief, when it happens; from then on whoever rings answers and talks. The transfer,
    and when the line was cut."""
    people.behave(Behaviour(reaction="ignore") if moment == "ringing" else Behaviour(ring_s=0.3))
    cut_ns: list[int] = []

    async def fail(began: float) -> None:
        await (people.first_ring(began) if moment == "ringing" else people.first_answer(began))
        people.behave(Behaviour(ring_s=0.3, speech=hum(30), speak_after_s=0.1, hangup_after_s=8))
        await asyncio.sleep(1.0)
        settings = json.loads((people.instance.data / "run/mind.json").read_text())["settings"]["asterisk"]
        try:
            assert cut(people.instance.pid("mind"), settings["http_port" if line == "ari" else "ami_port"])
        except PermissionError:
            pytest.skip("this system does not let a process reach into another one")
        cut_ns.append(time.monotonic_ns())

    return await people.transfer(humming(30), meanwhile=fail), cut_ns[0]


@pytest.mark.parametrize("moment", ["ringing", "briefed"])
@pytest.mark.parametrize("line", ["ari", "ami"])
async def test_a_line_that_fails_costs_no_caller_their_person_nor_long_silence(
    staffed: Instance, line: str, moment: str, record_property: Callable[[str, object], None]
) -> None:
    async with scene(staffed) as people:
        transfer, cut_ns = await _transfer(people, line, moment)
    call = transfer.call
    person = first_hum(transfer.caller.log.received, cut_ns)
    assert person is not None, f"the caller hears a person: {call['events']}"
    silence_ms = longest_silence_ms(transfer.caller, cut_ns, person)
    tell(record_property, f"{line}_cut_{moment}", silence_ms=round(silence_ms), person_after_ms=round((person - cut_ns) / 1e6))
    assert silence_ms <= MOST_SILENCE_MS
    (ended,) = transfer.events("transfer_ended")
    assert (ended["data"]["kind"], ended["data"]["detail"]) == ("blind", f"{line}_lost")
    assert call["outcome"] == "handover"
    talked = transfer.taken[-1]
    assert talked.headers.get("X-Patchcord-Card") == call["card"]["id"], "whoever takes them has the card"
    if moment == "briefed":
        briefed = next(taken for taken in transfer.taken if taken.answered)
        assert briefed is not talked and briefed.finished.is_set(), "who was being briefed is not kept"
    await until(staffed.ready, 10, "the line is back and calls are served")
