"""What the media process says of itself, for /status and /metrics."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from prometheus_client import CollectorRegistry, Gauge

from agents.transcript import JsonValue
from ari_app.media.errors import MediaError
from ari_app.media.link import MediaLink

EVERY_S: Final = 2.0


class MediaGauges:
    """Asks every two seconds while there is a link; ``latest`` is empty while there is none."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.latest: Mapping[str, JsonValue] = {}
        self._gauges = {
            "lines": Gauge("patchcord_media_lines", "Lines open in the media process", registry=registry),
            "ports_used": Gauge("patchcord_media_ports_used", "RTP ports in use", registry=registry),
            "ports_total": Gauge("patchcord_media_ports", "RTP ports that there are", registry=registry),
            "rss_bytes": Gauge("patchcord_media_memory_bytes", "Resident memory of the media process", registry=registry),
            "cpu_s": Gauge("patchcord_media_cpu_seconds", "Processor time of the media process", registry=registry),
        }
        self._lateness = Gauge("patchcord_media_lateness_ms", "How late packets leave, in ms", ["figure"], registry=registry)

    async def run(self, link: Callable[[], MediaLink | None]) -> None:
        """Until cancelled."""
        while True:
            now = link()
            try:
                self.latest = await now.status() if now is not None and not now.lost.is_set() else {}
            except MediaError:
                self.latest = {}  # lost while it was asked: call control notices, says so and connects again
            self._publish(self.latest)
            await asyncio.sleep(EVERY_S)

    def _publish(self, status: Mapping[str, Any]) -> None:
        for name, gauge in self._gauges.items():
            gauge.set(float(status.get(name, 0)))
        for name, value in dict(status.get("lateness", {})).items():
            self._lateness.labels(name.removesuffix("_ms")).set(float(value))
