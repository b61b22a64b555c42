"""``patchcord trunk test`` against a carrier that works and carriers that do not: what failed is told, with a remedy."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from ari_app.caller import sdp
from ari_app.caller.incoming import IncomingCall
from ari_app.caller.leg import MediaOffer
from ari_app.caller.rtp_session import RtpSession
from ari_app.caller.user_agent import UserAgent
from ari_app.commands.trunk.calling import call_through
from ari_app.commands.trunk.findings import Finding, nat
from ari_app.commands.trunk.probing import probe
from dialplan.trunks import TrunkEntry, Trunks
from dialplan.trunks.model import Nat, Tls

from .rig import OUT, Rig, contact_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


def changed(entry: TrunkEntry, password: str = "", /, **said: object) -> TrunkEntry:
    """The same trunk with other settings; nothing is asked again."""
    return TrunkEntry(entry.name, entry.said.model_copy(update=said), password or entry.password)


def entry(lines: Rig, name: str) -> TrunkEntry:
    found = lines.trunks.get(name)
    assert found is not None
    return found


async def probed(lines: Rig, trunk: TrunkEntry, trunks: Trunks | None = None) -> dict[str, Finding]:
    return {finding.step: finding async for finding in probe(trunks or lines.trunks, trunk)}


@pytest.mark.parametrize(("name", "user"), [("digest", "alice"), ("sealed", "tina")])
async def test_a_trunk_that_works(lines: Rig, name: str, user: str) -> None:
    await contact_of(lines.carrier, user, "any")
    found = await probed(lines, entry(lines, name))
    assert {step: finding.ok for step, finding in found.items()} == {"dns": True, "options": True, "registration": True}
    assert "Asterisk is registered" in found["registration"].what


async def test_a_wrong_password(lines: Rig) -> None:
    found = await probed(lines, entry(lines, "wrong"))
    assert not found["registration"].ok and "password of 'bob'" in found["registration"].what
    assert "not-bobs" not in repr(found)


async def test_right_password_but_asterisk_is_not_registered(lines: Rig) -> None:
    found = await probed(lines, changed(entry(lines, "wrong"), "bob-secret"))
    assert found["registration"].ok and "not registered yet" in found["registration"].what


async def test_a_server_that_is_not_there(lines: Rig) -> None:
    found = await probed(lines, changed(entry(lines, "digest"), server="127.0.0.2:9"))
    assert not found["options"].ok and "no answer to UDP from 127.0.0.2:9" in found["options"].what
    found = await probed(lines, changed(entry(lines, "digest"), server="127.0.0.2:9", transport="tcp"))
    assert not found["connection"].ok and "refuses TCP" in found["connection"].what


async def test_a_name_without_an_address(lines: Rig) -> None:
    found = await probed(lines, changed(entry(lines, "digest"), server="nowhere.invalid"))
    assert list(found) == ["dns"] and not found["dns"].ok


async def test_a_certificate_of_an_unknown_authority(lines: Rig) -> None:
    tls = lines.trunks.tls
    assert isinstance(tls, Tls)
    trunks = Trunks(lines.trunks.entries, None, tls.model_copy(update={"authorities": tls.certificate}))
    found = await probed(lines, entry(lines, "sealed"), trunks)
    assert not found["certificate"].ok and "authorities" in found["certificate"].remedy
    there = await probed(lines, entry(lines, "sealed"), Trunks(trunks.entries, None, tls.model_copy(update={"key": "/nowhere/key.pem"})))
    assert list(there) == ["file"] and "/nowhere/key.pem" in there["file"].what


async def test_tls_on_a_port_without_it(lines: Rig) -> None:
    sealed = changed(entry(lines, "sealed"), server=f"127.0.0.1:{lines.port}")
    found = await probed(lines, sealed)
    assert not found["options"].ok and "no answer to TLS" in found["options"].what and "port" in found["options"].remedy


@asynccontextmanager
async def carrier(lines: Rig, answer: Callable[[IncomingCall], None]) -> AsyncIterator[None]:
    """A carrier of one call at the server of the trunk ``out``."""
    async with lines.caller(OUT, port=lines.out_port) as agent:
        task = asyncio.create_task(_take(agent, answer))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _take(agent: UserAgent, answer: Callable[[IncomingCall], None]) -> None:
    call = await agent.incoming.get()
    answer(call)
    await call.ended.wait()


async def called(lines: Rig, answer: Callable[[IncomingCall], None], *, echo: bool = False, **said: object) -> dict[str, Finding]:
    async with carrier(lines, answer):
        trunk = changed(entry(lines, "out"), **said)
        return {finding.step: finding async for finding in call_through(trunk, "+442079461234", echo=echo)}


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "credentials"), (403, "forbidden"), (404, "number"), (488, "alaw, ulaw"), (503, "no room")],
)
async def test_refusals_are_explained(lines: Rig, status: int, words: str) -> None:
    found = await called(lines, lambda call: call.reject(status, "No"))
    assert not found["call"].ok and words in found["call"].what and found["call"].remedy


async def test_busy_means_that_the_trunk_works(lines: Rig) -> None:
    assert (await called(lines, lambda call: call.reject(486, "Busy Here")))["call"].ok


async def test_one_way_audio_and_keys_that_do_not_come_back(lines: Rig) -> None:
    session = RtpSession(lines.threads, OUT)
    found = await called(lines, lambda call: call.answer(MediaOffer(session.host, session.port), lambda _: None), echo=True)
    session.close()
    assert not found["audio"].ok and "one-way audio" in found["audio"].what
    assert not found["keys"].ok and "did not come back" in found["keys"].what


async def test_a_carrier_without_rfc4733(lines: Rig) -> None:
    session = RtpSession(lines.threads, OUT)

    def start(remote: sdp.RemoteAudio) -> None:
        session.start((remote.host, remote.port), remote.select(("alaw", "ulaw")), remote.event_type)
        session.play(np.full(8000, 900, np.int16))

    offer = MediaOffer(session.host, session.port, events=False)
    found = await called(lines, lambda call: call.answer(offer, start), dtmf="rfc4733")
    session.close()
    assert found["audio"].ok
    assert not found["keys"].ok and "dtmf: auto" in found["keys"].remedy


async def test_a_router_in_between_is_found(lines: Rig) -> None:
    """Our Via says another address than the one that the packets come from: what a carrier sees of a phone behind NAT."""
    assert nat("10.0.0.5", "203.0.113.9", None) is not None
    told = nat("10.0.0.5", "203.0.113.9", Nat(public_address="203.0.113.9"))
    changed_since = nat("10.0.0.5", "203.0.113.77", Nat(public_address="203.0.113.9"))
    assert told is not None and told.ok
    assert changed_since is not None and not changed_since.ok and "203.0.113.77" in changed_since.remedy
    assert nat("127.0.0.1", "127.0.0.1", None) is None and nat("127.0.0.1", None, None) is None


@pytest.mark.parametrize(("name", "status"), [("digest", 0), ("wrong", 1), ("diggest", 1)])
async def test_the_command(lines: Rig, name: str, status: int) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ari_app.cli", "trunk", "test", name, "--trunks", str(lines.file), "--json"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, errors = await process.communicate()
    assert process.returncode == status, errors.decode()
    if name == "diggest":
        assert "did you mean 'digest'" in errors.decode()
    else:
        assert json.loads(said)["ok"] is (status == 0)
    assert b"-secret" not in said + errors
