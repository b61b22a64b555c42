"""Asterisk lists a channel that is no more: the call ends, and is not sent on for ever."""

from pathlib import Path
from typing import Any

import pytest

from ari_app.ari.errors import Gone
from tests.ari_app.calls.call_rig import service
from tests.ari_app.calls.pbx_rig import Pbx, pbx, until

__all__ = ["pbx"]

pytestmark = pytest.mark.e2e


async def test_a_caller_who_cannot_be_sent_on_since_they_are_no_more_has_left(pbx: Pbx, tmp_path: Path) -> None:
    async with service(pbx, tmp_path) as rig:
        caller = await rig.dial()
        await rig.until_state("talking")
        sent_on = rig.ari.continue_in_dialplan

        async def no_more(*_: Any, **__: Any) -> Gone:
            return Gone(404, "Channel not found")

        rig.ari.continue_in_dialplan = no_more  # type: ignore[method-assign]
        await rig.press(caller, "1")
        await until(lambda: not rig.manager._directory.actors())
        assert (await rig.call())["outcome"] == "caller_left"
        rig.ari.continue_in_dialplan = sent_on  # type: ignore[method-assign]
        await rig.ari.hangup(caller)
        await rig.until_idle()
