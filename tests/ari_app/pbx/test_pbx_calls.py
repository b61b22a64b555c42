"""Real calls by raw SIP: who gets in, who does not, and what callers hear; one Asterisk for all of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import numpy as np
import numpy.typing as npt
import pytest
import pytest_asyncio

from ari_app.pbx.server import AsteriskServer
from tests.ari_app.pbx.asterisk_tools import Ami, Ari, event, free_settings, running
from tests.ari_app.pbx.sip_probe import G729_OFFER, Probe, probe

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]

FRAME = 160  # samples in 20 ms at 8 kHz
AUDIBLE = 100  # root mean square of 16-bit samples; silence of GSM files lies below 10
ELSEWHERE = "127.0.0.2"  # an address that is not the trunk's
DEADMAN_S = 2.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskServer]:
    async with running(tmp_path_factory.mktemp("pbx"), free_settings(deadman_s=DEADMAN_S, heartbeat_s=0.5, queue_timeout_s=5)) as started:
        yield started


def peer(server: AsteriskServer, host: str = "127.0.0.1") -> AbstractAsyncContextManager[Probe]:
    return probe(host, ("127.0.0.1", server.settings.sip.port))


def longest_silence_s(audio: npt.NDArray[np.int16]) -> float:
    """Longest run of 20 ms frames that nobody would hear, in seconds."""
    frames = audio[: len(audio) // FRAME * FRAME].astype(np.float64).reshape(-1, FRAME)
    longest = run = 0
    for level in np.sqrt((frames**2).mean(axis=1)):
        run = run + 1 if level < AUDIBLE else 0
        longest = max(longest, run)
    return longest * 0.02


async def in_queue(server: AsteriskServer, within_s: float) -> float:
    """Wait until the queue holds one caller; return after how many seconds it did."""
    clock = asyncio.get_running_loop().time
    started = clock()
    while clock() - started < within_s:
        if "has 1 calls" in await server.rx("queue show support"):
            return clock() - started
        await asyncio.sleep(0.1)
    pytest.fail(f"nobody in the queue after {within_s} s: {await server.rx('core show channels concise')}")


async def nobody_left(server: AsteriskServer) -> None:
    for _ in range(50):
        if not (await server.rx("core show channels concise")).strip():
            return
        await asyncio.sleep(0.1)
    pytest.fail(await server.rx("core show channels concise"))


# ---- who gets in ----


@pytest.mark.parametrize("number", ["999", "s", "T", "2001", "1001", "support", "patchcord-agent", "100x", "h", "i", "1;2"])
async def test_the_trunk_gets_404_for_all_but_the_numbers(server: AsteriskServer, number: str) -> None:
    async with peer(server) as caller:
        assert (await caller.call(number)).final.status == 404


async def test_a_caller_from_elsewhere_is_challenged_and_never_gets_through(server: AsteriskServer) -> None:
    async with peer(server, ELSEWHERE) as stranger:
        for user in ("5550100", "anonymous", "trunk", "1001"):
            assert (await stranger.call("100", user=user)).final.status == 401
            assert (await stranger.call("100", user=user, password="guess")).final.status == 401
    await nobody_left(server)


async def test_a_phone_at_the_trunks_address_still_needs_its_password(server: AsteriskServer) -> None:
    async with peer(server) as phone:
        assert (await phone.call("200", user="1001")).final.status == 401
        call = await phone.call("200", user="1001", password=server.secrets.phones["1001"])
        assert call.final.status == 200
        assert await call.bye() == 200
    await nobody_left(server)


async def test_registration_takes_the_right_password_only(server: AsteriskServer) -> None:
    async with peer(server, ELSEWHERE) as phone:
        assert await phone.register("2001", "wrong") == 401
        assert await phone.register("5550100", "wrong") == 401
        assert await phone.register("2001", server.secrets.phones["2001"]) == 200
        assert await phone.register("2001", server.secrets.phones["2001"], expires=0) == 200


async def test_an_offer_without_g711_gets_488(server: AsteriskServer) -> None:
    async with peer(server) as caller:
        assert (await caller.call("200", media=G729_OFFER)).final.status == 488
    await nobody_left(server)


async def test_the_callers_own_law_is_answered(server: AsteriskServer) -> None:
    async with peer(server) as caller:
        for first, offer in ((0, "0 8"), (8, "8 0"), (8, "18 8")):
            call = await caller.call("200", media=f"m=audio {{port}} RTP/AVP {offer}\r\n")
            media = next(line for line in call.final.body.split("\r\n") if line.startswith("m=audio"))
            assert media.split()[3] == str(first)
            await call.bye()
    await nobody_left(server)


# ---- the queue ----


async def test_the_queue_plays_music_at_once_and_has_no_gap(server: AsteriskServer) -> None:
    async with peer(server) as caller:
        call = await caller.call("200")
        assert call.final.status == 200
        heard = await caller.listen(4)
        await call.bye()
    assert len(heard) > 3.3 * 8000
    assert longest_silence_s(heard) < 1.5
    await nobody_left(server)


async def test_a_member_rings_with_the_callers_number_and_without_a_card_header(server: AsteriskServer) -> None:
    async with peer(server, ELSEWHERE) as agent, peer(server) as caller:
        await agent.register("2001", server.secrets.phones["2001"])
        call = await caller.call("200", user="5550199")
        ringing = await asyncio.wait_for(agent.calls.get(), 5)
        assert ringing.method == "INVITE"
        assert "5550199" in ringing.headers["from"]
        assert "x-patchcord-card" not in ringing.headers
        agent.reply(ringing, "180 Ringing")
        heard, _ = await asyncio.gather(caller.listen(2), in_queue(server, 2))
        assert longest_silence_s(heard) < 1.5
        agent.reply(ringing, "200 OK", body=agent.sdp())
        await call.bye()
        assert (await asyncio.wait_for(agent.calls.get(), 5)).method == "BYE"
        await agent.register("2001", server.secrets.phones["2001"], expires=0)
    await nobody_left(server)


async def test_without_the_application_the_caller_waits_on_and_hears_so(server: AsteriskServer) -> None:
    async with peer(server) as caller:
        call = await caller.call("200")
        heard = await caller.listen(13)  # a round of 5 s, the announcement, and the start of the next
        await in_queue(server, 3)
        await call.bye()
    assert longest_silence_s(heard) < 1.5
    await nobody_left(server)


# ---- fail open ----


@pytest.mark.parametrize("number", ["100", "101"])
async def test_without_the_application_a_call_goes_to_the_queue(server: AsteriskServer, number: str) -> None:
    async with peer(server) as caller:
        call = await caller.call(number)
        assert call.final.status == 200
        assert 180 in call.provisional
        await in_queue(server, 2)
        assert longest_silence_s(await caller.listen(2)) < 1.5
        await call.bye()
    await nobody_left(server)


@pytest.mark.parametrize("answered", [True, False])
async def test_an_application_that_dies_loses_nobody(server: AsteriskServer, answered: bool) -> None:
    async with peer(server) as caller, Ari(server) as ari:
        socket = await ari.connect()
        dialling = asyncio.create_task(caller.call("100"))
        start = await event(socket, "StasisStart")
        assert start["args"] == ["call", "front-desk", "100", ""]
        if answered:
            assert await ari.call("POST", f"/channels/{start['channel']['id']}/answer") == 204
            assert (await dialling).final.status == 200
        await socket.close()
        assert await in_queue(server, DEADMAN_S + 2) > DEADMAN_S - 1
        call = await dialling
        assert call.final.status == 200
        assert longest_silence_s(await caller.listen(2)) < 1.5
        await call.bye()
    await nobody_left(server)


async def test_the_heartbeat_keeps_a_call_in_the_application(server: AsteriskServer) -> None:
    async with peer(server) as caller, Ari(server) as ari, Ami(server) as ami:
        await ami.login()
        socket = await ari.connect()
        dialling = asyncio.create_task(caller.call("101"))
        start = await event(socket, "StasisStart")
        assert start["args"] == ["call", "echo", "101", ""]
        channel = start["channel"]
        await ari.call("POST", f"/channels/{channel['id']}/answer")
        call = await dialling
        for _ in range(8):
            await asyncio.sleep(DEADMAN_S / 4)
            beat = await ami.send(Action="Setvar", Channel=channel["name"], Variable="TIMEOUT(absolute)", Value=str(DEADMAN_S))
            assert beat["Response"] == "Success"
        assert "has 0 calls" in await server.rx("queue show support")
        await call.bye()
        await event(socket, "StasisEnd")
        await socket.close()
    await nobody_left(server)


async def test_a_handover_carries_the_card_and_comes_back_when_nobody_answers(server: AsteriskServer) -> None:
    async with peer(server, ELSEWHERE) as agent, peer(server) as caller, Ari(server) as ari, Ami(server) as ami:
        await ami.login()
        await agent.register("2002", server.secrets.phones["2002"])
        socket = await ari.connect()
        dialling = asyncio.create_task(caller.call("100"))
        channel = (await event(socket, "StasisStart"))["channel"]
        await ari.call("POST", f"/channels/{channel['id']}/answer")
        call = await dialling
        await ami.send(Action="Setvar", Channel=channel["name"], Variable="__PATCHCORD_CARD", Value="card-42")
        await ami.send(Action="Setvar", Channel=channel["name"], Variable="PATCHCORD_URL", Value="http://desk.example/card/card-42?e=1&s=2")
        await ari.call("POST", f"/channels/{channel['id']}/continue", context="patchcord-queue", extension="support", priority="1")
        ringing = await asyncio.wait_for(agent.calls.get(), 5)
        assert ringing.headers["x-patchcord-card"] == "card-42"
        agent.reply(ringing, "486 Busy Here")
        back = await event(socket, "StasisStart")
        assert back["args"] == ["returned", "front-desk", "card-42", "TIMEOUT", "100", ""]
        assert back["channel"]["id"] == channel["id"]
        await socket.close()
        await in_queue(server, DEADMAN_S + 2)  # it died once more, with the caller back
        await call.bye()
        await agent.register("2002", server.secrets.phones["2002"], expires=0)
    log = (server.paths.log / "queue_log").read_text()
    assert "|ENTERQUEUE|http://desk.example/card/card-42?e=1&s=2|" in log
    await nobody_left(server)


async def test_a_caller_who_dialled_the_queue_meets_the_agent_when_nobody_answers(server: AsteriskServer) -> None:
    async with peer(server) as caller, Ari(server) as ari:
        socket = await ari.connect()
        call = await caller.call("200")
        assert (await event(socket, "StasisStart"))["args"] == ["returned", "front-desk", "", "TIMEOUT", "200", ""]
        await call.bye()
        await socket.close()
    await nobody_left(server)
