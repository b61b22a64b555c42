"""Telephones that are not ours: SIPp and baresip, as Debian ships them."""

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest

from ari_app.caller.calling import Manner
from ari_app.caller.script import read_wav
from ari_app.media.g711 import PAYLOAD_TYPE, Law
from ari_app.pbx.runtime import RuntimeRoot
from tests.e2e.instance import Instance
from tests.e2e.people import phone, settled
from tests.e2e.side_by_side import callers, histories
from tests.e2e.tools import tools
from tests.free_ports import free_block


@pytest.fixture(scope="module")
def others() -> RuntimeRoot:
    return tools()


async def run(command: list[str], folder: Path, limit_s: float) -> tuple[int, str]:
    """Exit status and output of a program; TimeoutError after ``limit_s``, with the program ended."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), limit_s)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, output.decode(errors="replace")


@pytest.mark.parametrize("laws", [("ulaw", "alaw"), ("alaw",)])
async def test_a_phone_gets_its_own_law_from_the_first_packet_on(instance: Instance, laws: tuple[Law, ...]) -> None:
    """Phones restart their decoder, audibly, when the payload type changes."""
    async with callers(instance) as people:

        async def types_heard(index: int) -> set[int]:
            async with people.line("101", caller_id=f"55505{index:02d}", manner=Manner(laws=laws)) as line:
                await line.leg.answered()
                await asyncio.sleep(0.4)
                return {packet.payload_type for packet in line.session.log.received}

        for batch in range(3):
            heard = await asyncio.gather(*(types_heard(4 * batch + index) for index in range(4)))
            assert heard == [{PAYLOAD_TYPE[laws[0]]}] * 4
    await settled(instance)


async def test_sipp_places_forty_calls_and_leaves_nothing_behind(instance: Instance, others: RuntimeRoot, tmp_path: Path) -> None:
    sip, media = free_block(2), free_block(4)
    scenario = ["-sn", "uac", "-s", "101", "-m", "40", "-r", "10", "-d", "800", "-l", "20"]
    local = ["-i", "127.0.0.1", "-p", str(sip), "-mi", "127.0.0.1", "-mp", str(media), "-nostdin", "-timeout", "30s", "-timeout_error"]
    command = others.command("sipp", *scenario, *local, f"127.0.0.1:{instance.sip_port}")
    status, output = await run(command, tmp_path, 40)
    assert status == 0, output[-3000:]
    await settled(instance)


async def test_baresip_hears_the_greeting_whole(instance: Instance, others: RuntimeRoot, tmp_path: Path) -> None:
    """A registered phone with its own jitter buffer and clock; it records what it heard."""
    heard = tmp_path / "heard.wav"
    configure_baresip(instance, others, tmp_path, heard)
    command = others.command("baresip", "-f", str(tmp_path), "-e", f"/dial sip:100@127.0.0.1:{instance.sip_port}", "-t", "7")
    status, output = await run(command, tmp_path, 20)
    assert status == 0, output[-3000:]
    assert "Call established" in output or "call established" in output.lower(), output[-3000:]
    await settled(instance)
    call = (await asyncio.to_thread(histories, instance, ["1001"]))["1001"]
    greeting = call["turns"][0]
    assert greeting["heard"] == greeting["text"], call["turns"]
    assert call["outcome"] == "caller_left"
    assert "decoder changed" not in output, output[-3000:]
    levels = np.abs(read_wav(heard).astype(np.int32))
    assert float((levels > 500).mean()) > 0.1, "baresip recorded hardly any speech"


def configure_baresip(instance: Instance, others: RuntimeRoot, folder: Path, heard: Path) -> None:
    account = phone(instance, "1001")
    silence = folder / "silence.wav"
    with wave.open(str(silence), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16_000 * 20))
    modules = next((others.path / "usr/lib").rglob("baresip/modules"))
    lines = [
        "sip_listen 127.0.0.1:0",
        f"module_path {modules}",
        *(f"module {name}.so" for name in ("g711", "aufile")),
        *(f"module_app {name}.so" for name in ("account", "menu")),
        f"audio_source aufile,{silence}",
        f"audio_player aufile,{heard}",
        f"audio_alert aufile,{silence}",
        "rtp_ports 30100-30200",
    ]
    (folder / "config").write_text("\n".join(lines) + "\n")
    address = f"sip:{account.user}@127.0.0.1:{instance.sip_port}"
    (folder / "accounts").write_text(f"<{address}>;auth_pass={account.password};regint=60;audio_codecs=PCMA/8000/1\n")
    (folder / "contacts").write_text("")
