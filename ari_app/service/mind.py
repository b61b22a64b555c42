"""The mind process: joins Asterisk, the media process, speech, agents and records, and serves calls until told to end.

``python -m ari_app.service.mind --config FILE``; the supervisor writes the file.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import resource
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from agents.audio import silence
from agents.conversation import Conversation, Resume
from agents.flows.definition import AgentDefinition
from agents.library import load_agent, names
from agents.line import Line
from agents.stt.moonshine import MoonshineTranscriber
from agents.tools import Toolbox
from agents.transcript import JsonValue, Sink
from agents.tts.factory import open_speaker
from agents.tts.fallback import FallbackSpeaker
from agents.turns.knobs import TurnKnobs, WaitLimits
from ari_app.ami.client import AmiClient
from ari_app.ari.client import AriClient
from ari_app.calls.manager import CallManager, ManagerDeps
from ari_app.calls.metrics import CallMetrics
from ari_app.logs import configure
from ari_app.media.link import MediaLink
from ari_app.pbx.runtime import RuntimeRoot
from ari_app.service.http import build_app, serve
from ari_app.service.layout import Layout
from ari_app.service.media_gauges import MediaGauges
from ari_app.service.order_tools import OrderTools
from ari_app.settings import Settings
from handoff.records.migrate import migrate
from handoff.records.reader import PostgresReader
from handoff.records.store import CallReader
from handoff.records.writer import PostgresRecords

log = logging.getLogger(__name__)

DATABASE_RETRY_S = 0.5


@dataclass(frozen=True, slots=True)
class MindConfig:
    """What the supervisor hands over."""

    settings: Settings
    layout: Layout
    runtime_root: Path
    database_url: str
    ari: Mapping[str, str]
    ami: Mapping[str, str]
    asterisk_version: str

    @classmethod
    def read(cls, path: Path) -> "MindConfig":
        """Raises OSError, ValueError, KeyError: the file is the supervisor's own, a fault in it is a fault of ours."""
        tree: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            Settings.model_validate(tree["settings"]),
            Layout(Path(tree["data"])),
            Path(tree["runtime_root"]),
            tree["database_url"],
            tree["ari"],
            tree["ami"],
            tree["asterisk_version"],
        )


class Agents:
    """Makes conversations; call control asks for them by the agent's name."""

    def __init__(self, settings: Settings, transcriber: MoonshineTranscriber, speaker: FallbackSpeaker, tools: Toolbox) -> None:
        self._transcriber = transcriber
        self._speaker = speaker
        self._tools = tools
        self._library: dict[str, AgentDefinition] = {name: load_agent(name) for name in names()}
        turns = settings.turns
        self._knobs = TurnKnobs(
            end_of_turn_ms=turns.end_of_turn_ms,
            no_input_s=turns.no_input_s,
            max_utterance_s=turns.max_utterance_s,
            inter_digit_s=turns.inter_digit_s,
        )
        self._limits = WaitLimits(max_call_s=settings.calls.max_call_s)

    def __call__(self, *, agent: str, line: Line, sink: Sink, resume: Resume | None) -> Conversation:
        if agent not in self._library:
            raise KeyError(f"no agent '{agent}'; known: {', '.join(self._library)}")
        definition = self._library[agent]
        return Conversation(
            definition, line, self._transcriber, self._speaker, self._tools, sink, resume, knobs=self._knobs, limits=self._limits
        )

    def sentences(self) -> list[str]:
        """Everything that is said word for word: worth having ready."""
        return [sentence for agent in self._library.values() for sentence in agent.fixed_sentences()]


class Mind:
    """Owns the parts for the life of the process. ``tools`` makes what agents may use, over the records."""

    def __init__(self, config: MindConfig, tools: Callable[[CallReader], Toolbox] = OrderTools) -> None:
        self._config = config
        self._make_tools = tools
        self._registry = CollectorRegistry()
        self._database_up = False
        self._speech_ready = False
        self._manager: CallManager | None = None
        self._media = MediaGauges(self._registry)
        self._media_link: MediaLink | None = None
        self._records: PostgresRecords | None = None

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT; then callers go to the queue and everything is given back."""
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ended.set)
        config, settings = self._config, self._config.settings
        async with contextlib.AsyncExitStack() as stack:
            page = build_app(not_ready=self.not_ready, status=self.status, live=self.live, registry=self._registry)
            runner = await serve(page, settings.service.http_port)
            stack.push_async_callback(runner.cleanup)
            records, reader = await self._open_records(stack)
            transcriber, speaker = await self._open_speech(stack)
            agents = Agents(settings, transcriber, speaker, self._make_tools(reader))
            await self._prepare(speaker, agents)
            ari = await stack.enter_async_context(
                AriClient(f"http://127.0.0.1:{settings.asterisk.http_port}/ari", config.ari["user"], config.ari["password"])
            )
            ami = AmiClient("127.0.0.1", settings.asterisk.ami_port, config.ami["user"], config.ami["password"])
            await stack.enter_async_context(_background(ami.run(), "ami"))
            self._manager = manager = CallManager(
                ManagerDeps(
                    settings=settings,
                    ari=ari,
                    ami=ami,
                    connect_media=self._connect_media,
                    writer=records,
                    conversations=agents,
                    metrics=CallMetrics(self._registry),
                    reader=reader,
                    recordings=config.layout.recordings,
                )
            )
            await stack.enter_async_context(_background(self._media.run(lambda: self._media_link), "media-gauges"))
            # Everything made so far lives as long as the process: the collector need not look at it again and again.
            gc.collect()
            gc.freeze()
            serving = asyncio.create_task(manager.run(), name="calls")
            stopping = asyncio.create_task(ended.wait())
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if serving.done():
                await serving
            await manager.close()
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    async def _connect_media(self) -> MediaLink:
        self._media_link = await MediaLink.connect(self._config.layout.media_socket)
        return self._media_link

    async def _open_records(self, stack: contextlib.AsyncExitStack) -> tuple[PostgresRecords, PostgresReader]:
        url = self._config.database_url
        self._records = records = PostgresRecords(url, self._config.layout.journal)
        reader = PostgresReader(url)
        # The records keep themselves on disk until the database is there: calls are answered without it.
        await stack.enter_async_context(_background(self._migrate(url), "migrate"))
        await records.open()
        stack.push_async_callback(records.close)
        await reader.open()
        stack.push_async_callback(reader.close)
        return records, reader

    async def _migrate(self, url: str) -> None:
        while True:
            try:
                applied = await asyncio.to_thread(migrate, url)
            except Exception as error:
                log.warning("database_not_ready", extra={"error": str(error)})
                await asyncio.sleep(DATABASE_RETRY_S)
            else:
                log.info("database_ready", extra={"applied": applied})
                return

    async def _open_speech(self, stack: contextlib.AsyncExitStack) -> tuple[MoonshineTranscriber, FallbackSpeaker]:
        speech = self._config.settings.speech
        transcriber = MoonshineTranscriber(speech.threads)
        stack.push_async_callback(transcriber.close)
        tree = RuntimeRoot(self._config.runtime_root)
        speaker, _ = await asyncio.gather(open_speaker(speech.voice, tree, self._config.layout.speech_cache), transcriber.warm_up())
        stack.push_async_callback(speaker.close)
        await transcriber.transcribe(silence(1.0))
        return transcriber, speaker

    async def _prepare(self, speaker: FallbackSpeaker, agents: Agents) -> None:
        """Have the fixed sentences ready, so that the first caller waits no longer than the hundredth."""
        count = await speaker.prepare(agents.sentences())
        self._speech_ready = True
        log.info("sentences_ready", extra={"made": count})

    def not_ready(self) -> list[str]:
        reasons = [] if self._speech_ready else ["the voice and the recogniser are being loaded"]
        return [*reasons, *(self._manager.not_ready() if self._manager else ["call control has not started"])]

    def status(self) -> dict[str, JsonValue]:
        config = self._config
        settings = config.settings
        counts: dict[str, JsonValue] = self._manager.status() if self._manager else {}
        counts["rtp_ports"] = counts.pop("media_ports", 0)
        return {
            "versions": {"asterisk": config.asterisk_version, "python": sys.version.split()[0]},
            "ports": {
                "sip": settings.sip.port,
                "rtp": f"{settings.sip.rtp_first}-{settings.sip.rtp_last}",
                "media": f"{settings.media.first_port}-{settings.media.last_port}",
                "asterisk_http": settings.asterisk.http_port,
                "ami": settings.asterisk.ami_port,
                "status": settings.service.http_port,
            },
            "live_calls": sum(counts.get("calls", {}).values()),  # type: ignore[union-attr,arg-type]
            "counts": counts,
            "media": dict(self._media.latest),
            "records_pending": self._records.pending() if self._records else 0,
            "database": "up" if self._records is not None and self._records.away_s == 0 else "away",
            "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        }

    def live(self) -> dict[str, JsonValue]:
        return self._manager.live() if self._manager else {"calls": []}


@contextlib.asynccontextmanager
async def _background(work: Any, name: str) -> AsyncIterator[None]:
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def serve_calls(tools: Callable[[CallReader], Toolbox] = OrderTools) -> None:
    """The whole process, from its command line to its end."""
    parser = argparse.ArgumentParser(description="The mind process; started by patchcord up.")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    config = MindConfig.read(parser.parse_args().config)
    configure("mind", config.settings.service.log_level)
    asyncio.run(Mind(config, tools).run())


if __name__ == "__main__":
    serve_calls()
