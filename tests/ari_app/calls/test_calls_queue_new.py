"""A queue that came after the worker started: callers get there, and nobody is sent to a place that is not there."""

from pathlib import Path

import pytest

from tests.ari_app.calls.call_rig import Rig, service
from tests.ari_app.calls.pbx_rig import Pbx, until
from tests.ari_app.calls.test_calls_restarted import Company, people_pbx

__all__ = ["people_pbx"]

pytestmark = pytest.mark.e2e

_SALES = "[sales]\nstrategy=ringall\njoinempty=yes\nmember => Local/deaf@rig-people/n,0,Deaf\n"
_PLACE = "[patchcord-place](+)\nexten => sales,1,Queue(sales,,,,60)\n same => n,Hangup()\n"


async def _waits_in(rig: Rig, queue: str, company: Company, caller: str) -> None:
    await rig.until_state("talking")
    await rig.talk(len(rig.talks) - 1)
    await rig.press(caller, "*")
    await until(lambda: company.callers)

    await until(lambda: rig.manager.queue_line.facts(queue).get("waiting") == 1, what=f"a place in {queue}")


async def test_a_queue_may_come_while_the_worker_runs(people_pbx: Pbx, tmp_path: Path) -> None:
    company = Company()
    etc = people_pbx.home / "etc"
    dialplan = etc / "extensions.conf"
    dialplan.write_text(dialplan.read_text().replace("exten => _s[a-z].,1,NoOp()", "exten => _su[a-z].,1,NoOp()"))
    async with service(people_pbx, tmp_path, company=company) as rig:
        assert await rig.ami._succeeds({"Action": "Reload", "Module": "pbx_config"})
        caller = await rig.dial()
        await _waits_in(rig, "support", company, caller)
        events = (await rig.call())["events"]
        assert [event["data"] for event in events if event["kind"] == "queue_unknown"] == [{"queue": "sales"}]
        await rig.ari.hangup(caller)
        await rig.until_idle()

        for name, more in (("queues.conf", _SALES), ("extensions.conf", _PLACE)):
            with (etc / name).open("a") as file:
                file.write(more)
        for module in ("pbx_config", "app_queue"):
            assert await rig.ami._succeeds({"Action": "Reload", "Module": module})
        company.callers.clear()
        caller = await rig.dial()
        await _waits_in(rig, "sales", company, caller)
        await rig.ari.hangup(caller)
        await rig.until_idle()
