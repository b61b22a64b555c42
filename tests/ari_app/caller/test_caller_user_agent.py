"""Two user agents over loopback: every turn a call can take, with no PBX between to smooth it over."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from ari_app.caller import outcome, sdp
from ari_app.caller.incoming import IncomingCall
from ari_app.caller.leg import MediaOffer
from ari_app.caller.outgoing import OutgoingCall
from ari_app.caller.sip_message import SipError, SipResponse, parse
from ari_app.caller.transaction import Timing
from ari_app.caller.user_agent import SipTarget, UserAgent

QUICK = Timing(t1=0.02, t2=0.08, t4=0.1)
MEDIA = MediaOffer("127.0.0.1", 40_000)


@asynccontextmanager
async def pair(timing: Timing = QUICK) -> AsyncIterator[tuple[UserAgent, UserAgent]]:
    """Caller and callee."""
    async with await UserAgent.open(SipTarget("127.0.0.1", 9), timing=timing) as callee, caller_of(callee, timing) as caller:
        yield caller, callee


@asynccontextmanager
async def caller_of(callee: UserAgent, timing: Timing) -> AsyncIterator[UserAgent]:
    async with await UserAgent.open(SipTarget(*callee.local), timing=timing) as caller:
        yield caller


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while True:
            if condition():
                return
            await asyncio.sleep(0.005)


async def ringing(
    caller: UserAgent, callee: UserAgent, media: MediaOffer = MEDIA
) -> tuple[OutgoingCall, IncomingCall, list[sdp.RemoteAudio]]:
    heard: list[sdp.RemoteAudio] = []
    call = await caller.invite("200", media, heard.append, [("X-Patchcord-Card", "card-1")])
    incoming = await asyncio.wait_for(callee.incoming.get(), 2)
    incoming.ring()
    return call, incoming, heard


async def talking(caller: UserAgent, callee: UserAgent) -> tuple[OutgoingCall, IncomingCall, list[sdp.RemoteAudio]]:
    call, incoming, heard = await ringing(caller, callee)
    incoming.answer(MEDIA, lambda _: None)
    await asyncio.wait_for(call.answered(), 2)
    return call, incoming, heard


async def test_ring_answer_and_hang_up_by_the_caller() -> None:
    async with pair() as (caller, callee):
        call, incoming, heard = await talking(caller, callee)
        assert incoming.headers.get("x-patchcord-card") == "card-1"
        assert incoming.caller == ("Scripted caller", "5550100")
        assert [audio.codecs for audio in heard] == [("ulaw",)]
        await asyncio.wait_for(incoming.acknowledged.wait(), 2)
        await call.hangup()
        await asyncio.wait_for(incoming.ended.wait(), 2)
        assert (call.end_reason, incoming.end_reason) == ("local_hangup", "remote_hangup")
        assert call.statuses[:2] == [180, 200]


async def test_hang_up_by_the_callee() -> None:
    async with pair() as (caller, callee):
        call, incoming, _ = await talking(caller, callee)
        await incoming.hangup()
        await asyncio.wait_for(call.ended.wait(), 2)
        assert call.end_reason == "remote_hangup"


async def test_early_media_comes_before_the_answer() -> None:
    async with pair() as (caller, callee):
        call, incoming, heard = await ringing(caller, callee)
        incoming.early_media(MEDIA, lambda _: None)
        await until(lambda: bool(heard))
        assert call.times.early_media is not None and call.times.answered is None
        incoming.answer(MEDIA, lambda _: None)
        await asyncio.wait_for(call.answered(), 2)
        await call.hangup()


@pytest.mark.parametrize(
    ("status", "kind"),
    [(486, outcome.Busy), (603, outcome.Declined), (404, outcome.NumberNotFound), (503, outcome.Unavailable), (402, outcome.CallFailed)],
)
async def test_refusals_are_exceptions_of_their_kind(status: int, kind: type[outcome.CallFailed]) -> None:
    async with pair() as (caller, callee):
        call, incoming, _ = await ringing(caller, callee)
        incoming.reject(status, "No")
        with pytest.raises(outcome.CallFailed) as caught:
            await asyncio.wait_for(call.answered(), 2)
        assert type(caught.value) is kind
        assert caught.value.status == status


async def test_cancel_while_it_rings() -> None:
    async with pair() as (caller, callee):
        call, incoming, _ = await ringing(caller, callee)
        await call.hangup()
        assert incoming.cancelled.is_set()
        with pytest.raises(outcome.Cancelled):
            await call.answered()


async def test_an_answer_that_crosses_the_cancel_is_hung_up() -> None:
    async with pair() as (caller, callee):
        call, incoming, _ = await ringing(caller, callee)
        await until(lambda: bool(call.statuses))
        hanging_up = asyncio.create_task(call.hangup())
        incoming.answer(MEDIA, lambda _: None)
        await asyncio.wait_for(hanging_up, 2)
        await asyncio.wait_for(incoming.ended.wait(), 2)
        assert incoming.end_reason == "remote_hangup"


async def test_no_common_codec_is_488() -> None:
    async with pair() as (caller, callee):
        call, incoming, _ = await ringing(caller, callee, MediaOffer("127.0.0.1", 40_000, ("alaw",)))
        with pytest.raises(sdp.SdpError, match="no common codec"):
            incoming.answer(MediaOffer("127.0.0.1", 40_002, ("ulaw",)), lambda _: None)
        with pytest.raises(outcome.NotAcceptable):
            await asyncio.wait_for(call.answered(), 2)


async def test_hold_and_resume_by_reinvite() -> None:
    async with pair() as (caller, callee):
        call, incoming, heard = await talking(caller, callee)
        assert incoming.dialog is not None
        for direction, answered in (("sendonly", "recvonly"), ("sendrecv", "sendrecv")):
            request = incoming.dialog.request("INVITE")
            request.headers.add("Content-Type", "application/sdp")
            request.body = sdp.build("127.0.0.1", 41_000, ("ulaw",), direction=direction)  # type: ignore[arg-type]
            response = await asyncio.wait_for(callee._endpoint.request(request, incoming.dialog.destination()).final(), 2)
            assert response.status == 200
            assert sdp.parse(response.body).direction == answered
        assert [hold.direction for hold in call.holds] == ["recvonly", "sendrecv"]
        assert heard[-1].port == 41_000
        await call.hangup()


async def test_a_reinvite_without_a_common_codec_leaves_the_call_alone() -> None:
    async with pair() as (caller, callee):
        call, incoming, _ = await talking(caller, callee)
        assert incoming.dialog is not None
        request = incoming.dialog.request("INVITE")
        request.body = sdp.build("127.0.0.1", 41_000, (), extra_formats=((9, "G722/8000"),))
        response = await asyncio.wait_for(callee._endpoint.request(request, incoming.dialog.destination()).final(), 2)
        assert response.status == 488
        assert not call.ended.is_set()
        await call.hangup()


async def test_options_are_answered_and_unknown_methods_refused() -> None:
    async with pair() as (caller, callee):
        call, incoming, _ = await talking(caller, callee)
        assert call.dialog is not None
        for method, status in (("OPTIONS", 200), ("INFO", 405)):
            response = await asyncio.wait_for(caller._endpoint.request(call.dialog.request(method), call.dialog.destination()).final(), 2)
            assert response.status == status
        await call.hangup()
        response = await asyncio.wait_for(caller._endpoint.request(call.dialog.request("OPTIONS"), callee.local).final(), 2)
        assert response.status in (200, 481)
        assert incoming.ended.is_set()


async def test_nobody_answers_the_datagrams() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        async with await UserAgent.open(SipTarget(*deaf.getsockname()), timing=QUICK) as caller:
            call = await caller.invite("1", MEDIA, lambda _: None)
            with pytest.raises(outcome.NoResponse, match="does not answer SIP"):
                await asyncio.wait_for(call.answered(), 5)
            with pytest.raises(outcome.NoResponse):
                await asyncio.wait_for(caller.register(), 5)


async def test_an_invite_survives_loss_of_every_first_datagram() -> None:
    loop = asyncio.get_running_loop()
    async with await UserAgent.open(SipTarget("127.0.0.1", 9), timing=QUICK) as callee:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as lossy:
            lossy.bind(("127.0.0.1", 0))
            lossy.setblocking(False)
            seen: set[bytes] = set()

            async def forward() -> None:
                while True:
                    data, source = await loop.sock_recvfrom(lossy, 65_535)
                    if data in seen:  # the first copy is lost
                        await loop.sock_sendto(lossy, data, callee.local if source[1] == caller.local[1] else caller.local)
                    seen.add(data)

            async with await UserAgent.open(SipTarget(*lossy.getsockname()), timing=QUICK) as caller:
                task = asyncio.create_task(forward())
                call = await caller.invite("1", MEDIA, lambda _: None)
                incoming = await asyncio.wait_for(callee.incoming.get(), 2)
                incoming.answer(MEDIA, lambda _: None)
                await asyncio.wait_for(call.answered(), 2)
                await asyncio.wait_for(incoming.acknowledged.wait(), 2)
                await asyncio.wait_for(call.hangup(), 3)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


async def test_garbage_is_counted_and_harmless() -> None:
    async with pair() as (caller, callee):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for junk in (b"\r\n\r\n", b"junk", b"\xff" * 500, b"INVITE sip:a@b SIP/2.0\r\nVia: x\r\nCSeq: 1 INVITE\r\n\r\n"):
                sender.sendto(junk, callee.local)
        await asyncio.sleep(0.1)
        assert callee.malformed == 3
        call, _, _ = await talking(caller, callee)
        await call.hangup()


async def test_an_unreadable_invite_gets_400() -> None:
    async with pair() as (_, callee):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.bind(("127.0.0.1", 0))
            sender.settimeout(2)
            via = f"SIP/2.0/UDP 127.0.0.1:{sender.getsockname()[1]};branch=z9hG4bKx"
            lines = (
                f"INVITE sip:a@b SIP/2.0\r\nVia: {via}\r\nFrom: <sip:x@y>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n"
            )
            sender.sendto(lines.encode(), callee.local)
            answer = parse(await asyncio.to_thread(sender.recv, 4096))
        assert isinstance(answer, SipResponse)
        assert answer.status == 400  # no Contact


async def test_a_taken_port_is_named_with_the_remedy() -> None:
    async with await UserAgent.open(SipTarget("127.0.0.1", 9)) as first:
        with pytest.raises(SipError, match=f"cannot use 127.0.0.1:{first.local[1]} for SIP.*choose another port"):
            await UserAgent.open(SipTarget("127.0.0.1", 9), port=first.local[1])


async def test_closing_the_telephone_ends_its_calls() -> None:
    async with pair() as (caller, callee):
        _, incoming, _ = await talking(caller, callee)
        await caller.close()
        await asyncio.wait_for(incoming.ended.wait(), 2)
