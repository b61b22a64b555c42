import asyncio
import sys
from pathlib import Path

from prometheus_client import CollectorRegistry

from ari_app.media.link import MediaLink
from ari_app.service.child import Child
from ari_app.service.media_gauges import MediaGauges
from tests.free_ports import free_block


async def test_figures_of_a_real_media_process_are_published(tmp_path: Path) -> None:
    first, socket = free_block(8), tmp_path / "media.sock"
    command = [sys.executable, "-m", "ari_app.media", "--socket", str(socket), "--first-port", str(first), "--last-port", str(first + 7)]
    child = Child("media", command, tmp_path / "media.log", environment={"PYTHONPATH": str(Path(__file__).parents[3])})
    await child.start()
    registry = CollectorRegistry()
    gauges = MediaGauges(registry)
    link = await MediaLink.connect(socket)
    line = await link.open("call", law="ulaw")
    watching = asyncio.create_task(gauges.run(lambda: link))
    try:
        async with asyncio.timeout(5):
            while not gauges.latest:
                await asyncio.sleep(0.02)
        assert registry.get_sample_value("patchcord_media_lines") == 1
        assert registry.get_sample_value("patchcord_media_ports_used") == 1
        assert (registry.get_sample_value("patchcord_media_memory_bytes") or 0) > 1e6
    finally:
        watching.cancel()
        await line.close()
        await link.close()
        await child.stop()
