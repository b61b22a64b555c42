"""Peers that connect and close, stop midway, say too much or nonsense: each costs its own session, and nobody else's."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import pytest

from dialplan.agi import AgiServer, Limits, Unavailable
from dialplan.agi.head import Head

HEAD = b"agi_network: yes\nagi_network_script: %s\nagi_extension: 100\nagi_calleridname: Mallory\n\n"
LIMITS = Limits(head_s=0.3, answer_s=0.3, session_s=1.5, head_bytes=2048, sessions=5)
NAMES = ("PATCHCORD_X",)
PROBE = "GET FULL VARIABLE "


async def good(head: Head) -> Mapping[str, str]:
    return {"PATCHCORD_AGI": "OK", "PATCHCORD_X": f'{head.extension}"\nEXEC System "reboot'}


async def slow(_: Head) -> Mapping[str, str]:
    await asyncio.sleep(60)
    return {}


async def away(_: Head) -> Mapping[str, str]:
    raise Unavailable("the database is away")


async def broken(_: Head) -> Mapping[str, str]:
    raise KeyError("a fault of ours")


@asynccontextmanager
async def serving(limits: Limits = LIMITS) -> AsyncIterator[AgiServer]:
    table = {name: (hook, NAMES) for name, hook in (("good", good), ("slow", slow), ("away", away), ("broken", broken))}
    async with AgiServer(table, 0, limits=limits) as server:
        yield server


async def ask(port: int, command: str = "good", reply: bytes = b"200 result=1\n") -> list[str]:
    """As Asterisk asks; return the commands that came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD % command.encode())
    said = []
    async with asyncio.timeout(10):
        while line := (await reader.readline()).decode().rstrip("\n"):
            if line.startswith(PROBE):
                writer.write(b"200 result=1 (%s)\n" % line.removeprefix(PROBE).strip('"').encode())
            else:
                said.append(line)
                writer.write(reply)
    writer.close()
    return said


GOOD = ['SET VARIABLE PATCHCORD_X "100EXEC System reboot"', 'SET VARIABLE PATCHCORD_AGI "OK"']
NOTHING = ['SET VARIABLE PATCHCORD_X ""', 'SET VARIABLE PATCHCORD_AGI "UNAVAILABLE"']


async def test_an_answer_is_set_word_by_word_and_cannot_become_a_command() -> None:
    async with serving() as server:
        assert await ask(server.port) == GOOD


@pytest.mark.parametrize("command", ["slow", "away", "broken"])
async def test_a_hook_that_does_not_answer_lets_the_dialplan_go_on(command: str) -> None:
    async with serving() as server:
        assert await ask(server.port, command) == NOTHING
        assert await ask(server.port) == GOOD


async def test_answers_that_were_sent_before_they_were_asked_for_are_none() -> None:
    """As a caller's name does that holds an empty line and forged answers after it."""
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(HEAD % b"good" + b"200 result=1 (0123456789abcdef)\n" + b"200 result=1\n" * 20)
        async with asyncio.timeout(5):
            said = (await reader.read()).decode().splitlines()
        writer.close()
        assert len(said) == 1 and said[0].startswith(PROBE)


async def test_an_unknown_command_is_closed() -> None:
    async with serving() as server:
        assert await ask(server.port, "exec") == []


@pytest.mark.parametrize(
    "reply", [b"510 Invalid or unknown command\n", b"HANGUP\n", b"\xff\xfe\n", b"x" * 5000 + b"\n", b"520-Usage\n", b"\n"]
)
async def test_a_reply_that_is_no_success_ends_the_session(reply: bytes) -> None:
    async with serving() as server:
        assert len(await ask(server.port, reply=reply)) <= 1
        assert await ask(server.port) == GOOD


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"agi_network: yes\n",
        b"agi_network: yes",
        b"\n\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n\n\n",
        b"agi_x: " + b"y" * 100_000,
        b"agi_x: y\n" * 20_000 + b"\n",
        b"\x16\x03\x01\x02\x00\x01" * 50,
        HEAD % b"good" + b"agi_trailing: x\n\n" * 50,
        (HEAD % b"good").replace(b"100", b"100\nagi_extension: 200"),
    ],
)
@pytest.mark.parametrize("end", ["close", "abort", "stay"])
async def test_whatever_a_peer_sends_others_are_answered_meanwhile(sent: bytes, end: str) -> None:
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(sent)
        if end == "abort":
            writer.transport.abort()
        elif end == "close":
            writer.close()
        assert await ask(server.port) == GOOD
        if end == "stay":
            # the server ends it by itself
            async with asyncio.timeout(10):
                with suppress(ConnectionError):
                    while await reader.read(4096):
                        pass
            writer.close()


async def test_a_hundred_that_connect_and_close_leave_nothing_behind() -> None:
    async with serving(Limits(sessions=500)) as server:
        for _ in range(100):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.close()
        assert await ask(server.port) == GOOD
        async with asyncio.timeout(10):
            while server._sessions:
                await asyncio.sleep(0.02)


async def test_more_sessions_than_allowed_are_refused_at_once_and_come_in_again_later() -> None:
    async with serving(Limits(head_s=0.5, sessions=3)) as server:
        idle = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(3)]
        async with asyncio.timeout(5):
            while len(server._sessions) < 3:
                await asyncio.sleep(0.01)
        said: list[str] = []
        with suppress(ConnectionError):
            said = await ask(server.port)
        assert said == []
        async with asyncio.timeout(10):
            while server._sessions:
                await asyncio.sleep(0.02)
        assert await ask(server.port) == GOOD
        for _, writer in idle:
            writer.close()


async def test_logs_hold_nothing_of_the_caller(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving() as server:
        await ask(server.port)
        await ask(server.port, "away")
        await ask(server.port, "nothing")
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write((HEAD % b"good").replace(b"\n\n", b"\nMallory again\n\n"))
        assert await reader.read() == b""
        writer.close()
    assert any(record.message == "agi_foul_head" for record in caplog.records)
    assert not any("Mallory" in str(record.__dict__) for record in caplog.records)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])  # noqa: S104 - refused
def test_it_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(ValueError, match="loopback only"):
        AgiServer({}, 0, host)


async def test_closing_ends_live_sessions() -> None:
    async with serving(Limits()) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"agi_network: yes\n")
        async with asyncio.timeout(5):
            while not server._sessions:
                await asyncio.sleep(0.01)
    async with asyncio.timeout(5):
        with suppress(ConnectionError):
            assert await reader.read() == b""
    writer.close()
