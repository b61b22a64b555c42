"""The watch over SIP: its questions to a real Asterisk, one that is stopped, and one that takes us for a stranger."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from ari_app.pbx.server import AsteriskServer
from ari_app.pbx.sip_options import answer_of
from ari_app.pbx.site import watch_word
from ari_app.service.sip_keeping import SipKeeping
from tests.ari_app.pbx.asterisk_tools import free_settings, running
from tests.ari_app.pbx.sip_probe import probe


def keeping(server: AsteriskServer, end: Callable[[], None] | None, *, word: str = "", ask_s: float = 0.2) -> SipKeeping:
    """Ten times as quick as in service."""
    port, word = server.settings.sip.port, word or watch_word(server.secrets.ami_password)
    return SipKeeping(
        lambda limit_s: answer_of("127.0.0.1", port, word, limit_s),
        lambda: server.pid,
        end,
        where=f"127.0.0.1 port {port}",
        ask_s=ask_s,
        limit_s=0.8,
    )


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


@pytest.mark.e2e
async def test_an_asterisk_that_stands_is_ended_and_its_successor_answers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with running(tmp_path, free_settings()) as server:
        kept = keeping(server, server.kill)
        watching = asyncio.create_task(kept.run())
        try:
            await asyncio.sleep(1.0)
            assert kept.reasons() == ()
            first = server.pid
            assert first is not None
            os.kill(first, signal.SIGSTOP)
            assert await asyncio.wait_for(server.exited(), 20) == -signal.SIGKILL
            assert "does not answer SIP" in kept.reasons()[0] and "being started again" in kept.reasons()[0]
            await server.start()
            await until(lambda: kept.reasons() == ())
            assert server.pid not in (None, first)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
    assert [record.message for record in caplog.records if record.message.startswith("sip_")] == ["sip_stands", "sip_answers_again"]


@pytest.mark.e2e
async def test_one_of_somebody_elses_is_only_told(tmp_path: Path) -> None:
    async with running(tmp_path, free_settings()) as server:
        kept = keeping(server, None)
        watching = asyncio.create_task(kept.run())
        try:
            await asyncio.sleep(1.0)
            assert server.pid is not None
            os.kill(server.pid, signal.SIGSTOP)
            await until(lambda: bool(kept.reasons()))
            assert "restart it" in kept.reasons()[0]
            await asyncio.sleep(1.0)
            os.kill(server.pid, signal.SIGCONT)
            await until(lambda: kept.reasons() == ())
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching


@pytest.mark.e2e
async def test_our_questions_are_no_attacks_and_a_strangers_end_at_once(tmp_path: Path) -> None:
    settings = free_settings()
    alone = settings.model_copy(update={"sip": settings.sip.model_copy(update={"trunk_match": ""})})
    async with running(tmp_path, alone) as server:
        word = watch_word(server.secrets.ami_password)
        for _ in range(6):
            assert await answer_of("127.0.0.1", alone.sip.port, word, 5) == 200
        await asyncio.sleep(0.2)
        assert "SECURITY" not in (server.paths.log / "security.log").read_text()
        await asyncio.wait_for(keeping(server, None, word="another").run(), 10)
        assert (server.paths.log / "security.log").read_text().count("InvalidAccountID") == 1
        async with probe("127.0.0.1", ("127.0.0.1", alone.sip.port)) as stranger:
            assert (await stranger.call("100", user="patchcord-watch")).final.status == 401, "its name opens nothing"


async def test_a_port_where_nobody_listens_gives_no_answer() -> None:
    assert await answer_of("127.0.0.1", free_settings().sip.port, "word", 1) is None


async def test_an_answer_to_somebody_else_is_none() -> None:
    class Liar(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.line = transport

        def datagram_received(self, data: bytes, addr: object) -> None:
            assert isinstance(self.line, asyncio.DatagramTransport)
            self.line.sendto(b"SIP/2.0 200 OK\r\nCall-ID: other\r\n\r\n", addr)  # type: ignore[arg-type]

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Liar, local_addr=("127.0.0.1", 0))
    try:
        assert await answer_of("127.0.0.1", transport.get_extra_info("sockname")[1], "word", 0.3) is None
    finally:
        transport.close()
