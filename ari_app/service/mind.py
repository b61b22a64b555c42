"""The mind process: joins Asterisk, the media process, speech, agents and records, and serves calls until told to end.

``python -m ari_app.service.mind --config FILE``; the supervisor writes the file.
"""

import argparse
import asyncio
import contextlib
import functools
import gc
import logging
import os
import resource
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from prometheus_client import CollectorRegistry

from agents.audio import Pcm, silence
from agents.conversation.company import BRIEFING, COMPANY
from agents.conversation.manners import MURMURS
from agents.endpointing.judge import EndOfTurnJudge
from agents.flows.definition import AgentDefinition
from agents.llm.config import open_first_model, open_models
from agents.llm.task import ModelTurns
from agents.sdk.models import opened_model
from agents.sdk.serving import Registration
from agents.stt.factory import open_transcribers
from agents.stt.languages import LanguageTranscribers
from agents.tools import ToolSet
from agents.tools.tool_set import Part as ToolPart
from agents.tools.webhooks import open_webhooks
from agents.transcript import JsonValue
from agents.tts.factory import Places, open_speakers
from ari_app.ami.client import AmiClient
from ari_app.ari.client import AriClient
from ari_app.calls.callback_briefs import CallbackBriefs
from ari_app.calls.live_control import LiveControl
from ari_app.calls.live_feed import LiveFeed
from ari_app.calls.manager import DEFAULT_ROUTE, CallManager, ManagerDeps
from ari_app.calls.metrics import CallMetrics
from ari_app.calls.recording_question import QUESTION
from ari_app.logs import configure
from ari_app.media.hold_music import hold_music
from ari_app.media.hold_music_file import HoldMusicUnusable, read_hold_music
from ari_app.media.link import MediaLink
from ari_app.pbx.runtime import RuntimeRoot
from ari_app.service.attending import Attending
from ari_app.service.catalogue import AgentCatalogue
from ari_app.service.control import add_control
from ari_app.service.demo_shop import webhook_files
from ari_app.service.desk_links import desk_secret, link_base
from ari_app.service.drain import Ending
from ari_app.service.http import build_app, serve_at
from ari_app.service.maintenance import MaintenanceNotice
from ari_app.service.media_gauges import MediaGauges
from ari_app.service.mind_config import MindConfig
from ari_app.service.own_agents import agent_folders
from ari_app.service.spare import GO
from ari_app.service.telemetry import open_telemetry
from ari_app.service.voice_bank import VoiceBank
from ari_app.service.watching import Watching
from handoff.card import Card, Summary
from handoff.desk.knobs.draft_calls import CALLED, DraftCalls
from handoff.desk.links import CardLinks
from handoff.model_summary import ModelOnce, summarise_with
from handoff.records.agent_versions import AgentVersions
from handoff.records.migrate import migrate
from handoff.records.reader import PostgresReader
from handoff.records.writer import PostgresRecords

log = logging.getLogger(__name__)

DATABASE_RETRY_S = 0.5
MIGRATE_AFTER_S = 2.0
SETTLE_S = 5.0
"""After a start callers may be waiting already: what none of them needs has to wait too."""


class Loaded(NamedTuple):
    """What takes long and needs neither Asterisk nor calls."""

    tools: ToolSet
    transcriber: LanguageTranscribers
    voices: VoiceBank
    catalogue: AgentCatalogue


class Mind:
    """Owns the parts for the life of the process.

    ``tools``: what agents may use in place of the webhooks of the settings. ``library``: agents by name in place of all files. ``scripts``:
    agents in Python by the number that they serve.
    """

    def __init__(
        self,
        config: MindConfig,
        tools: Sequence[ToolPart] | None = None,
        library: Mapping[str, AgentDefinition] | None = None,
        scripts: Mapping[str, Registration] | None = None,
    ) -> None:
        self._config = config
        self._library = library
        self._tool_parts = tools
        self._scripts = scripts or {}
        self._music: Pcm | None = None
        self._feed = LiveFeed()
        self._control = LiveControl()
        self._registry = CollectorRegistry()
        self._database_up = False
        self._speech_ready = False
        self._manager: CallManager | None = None
        self._media = MediaGauges(self._registry)
        self._media_link: MediaLink | None = None
        self._records: PostgresRecords | None = None

    async def run(self, *, spare: bool = False) -> None:
        """Serve until SIGTERM or SIGINT, see ``Ending``; then callers go to the queue and everything is given back.

        ``spare``: load all that can be loaded beforehand, and begin when told so, see ``ari_app.service.spare``.
        """
        config, settings = self._config, self._config.settings
        async with contextlib.AsyncExitStack() as stack:
            loaded: Loaded | None = None
            if spare:
                loaded = await self._load(stack)
                for definition in loaded.catalogue.definitions():
                    await asyncio.to_thread(definition.warm)
                log.info("spare_ready")
                if not await _told_to_begin():
                    return
            ending = Ending(settings.service.drain_s)
            page = build_app(not_ready=self.not_ready, status=self.status, live=self.live, registry=self._registry)
            if config.control_token:
                add_control(page, self._control, self._feed, config.control_token)
            runner = await serve_at(page, config.files.page_socket)
            stack.push_async_callback(runner.cleanup)
            records, reader = await self._open_records(stack)
            tools, transcriber, voices, catalogue = loaded or await self._load(stack)
            if loaded:
                await self._look(catalogue)
            writer = await open_telemetry(
                stack,
                self._registry,
                settings.telemetry,
                records,
                tools,
                ready=lambda: not self.not_ready(),
                worker=settings.asterisk.app,
            )
            watching = self._open_watching(stack)
            await self._open_agents(stack, catalogue, voices, watching)
            agents = Attending(
                settings=settings,
                catalogue=catalogue,
                transcriber=transcriber,
                voices=voices,
                tools=tools,
                models=await self._open_models(stack, catalogue),
                scripts=self._scripts,
                script_models=await self._open_script_models(stack),
            )
            self._speech_ready = True
            asterisk = settings.asterisk
            ari = await stack.enter_async_context(
                AriClient(f"http://{asterisk.host}:{asterisk.http_port}/ari", config.ari["user"], config.ari["password"])
            )
            ami = AmiClient(asterisk.host, asterisk.ami_port, config.ami["user"], config.ami["password"], events="agent,user")
            await stack.enter_async_context(_background(ami.run(), "ami"))
            self._manager = manager = CallManager(
                ManagerDeps(
                    settings=settings,
                    ari=ari,
                    ami=ami,
                    connect_media=self._connect_media,
                    writer=writer,
                    conversations=agents,
                    talks=agents,
                    recording_questions=agents,
                    feed=self._feed,
                    music=lambda: self._music,
                    summarise=self._open_summaries(stack),
                    card_url=_card_urls(config) if settings.desk.enabled else str,
                    watch=watching,
                    recogniser=transcriber.for_language if settings.transfer.transcribe else None,
                    metrics=CallMetrics(self._registry),
                    reader=reader,
                    maintenance=MaintenanceNotice(config.layout).holds,
                    # An Asterisk elsewhere, or under another account, cannot read our files.
                    callback_briefs=None
                    if asterisk.source == "external"
                    else CallbackBriefs(config.layout.callback_briefs, voices.service.for_language),
                    recordings=config.layout.recordings,
                    workers=config.workers,
                )
            )
            self._control.connect(manager.switchboard)
            await stack.enter_async_context(_background(self._media.run(lambda: self._media_link), "media-gauges"))
            # Everything made so far lives as long as the process: the collector need not look at it again and again.
            gc.collect()
            gc.freeze()
            gc.enable()
            serving = asyncio.create_task(manager.run(), name="calls")
            await stack.enter_async_context(_background(self._make_music(), "music"))
            await stack.enter_async_context(_background(_after(SETTLE_S, watching.warm()), "word-lists"))
            await ending.after(serving, manager)
            await manager.close()
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    async def _load(self, stack: contextlib.AsyncExitStack) -> Loaded:
        """One after the other: threads that contend for the interpreter take longer than both in turn."""
        tools = await self._open_tools(stack)
        transcriber, voices = await self._open_speech(stack)
        catalogue = self._open_catalogue(tools)
        await self._look(catalogue)
        await asyncio.to_thread(EndOfTurnJudge)  # its word lists and trees are read once, and not in the first call
        return Loaded(tools, transcriber, voices, catalogue)

    async def _connect_media(self) -> MediaLink:
        self._media_link = await MediaLink.connect(self._config.files.media_socket)
        return self._media_link

    async def _open_records(self, stack: contextlib.AsyncExitStack) -> tuple[PostgresRecords, PostgresReader]:
        url = self._config.database_url
        self._records = records = PostgresRecords(url, self._config.layout.journal)
        reader = PostgresReader(url)
        # The records keep themselves on disk until the database is there: calls are answered without it.
        await stack.enter_async_context(_background(_after(MIGRATE_AFTER_S, self._migrate(url)), "migrate"))
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

    async def _open_speech(self, stack: contextlib.AsyncExitStack) -> tuple[LanguageTranscribers, VoiceBank]:
        config, speech = self._config, self._config.settings.speech
        layout = config.layout
        places = Places(RuntimeRoot(config.runtime_root), layout.speech_cache, layout.models, os.environ)
        transcriber, speakers = await asyncio.gather(
            open_transcribers(speech.recognisers, layout.models, os.environ), open_speakers(speech.voices, places)
        )
        stack.push_async_callback(transcriber.close)
        voices = VoiceBank(speech.voices, places, speakers)
        stack.push_async_callback(voices.close)
        await transcriber.transcribe(silence(1.0))
        return transcriber, voices

    def _open_catalogue(self, tools: ToolSet) -> AgentCatalogue:
        config = self._config
        folders = [] if self._library is not None else agent_folders(config.settings, config.layout)
        fixed = dict(self._library or {}) | {entry.agent.name: entry.agent.definition for entry in self._scripts.values()}
        return AgentCatalogue(
            folders, AgentVersions(config.database_url), fixed, tools.describe, DraftCalls(config.layout.desk_drafts / CALLED)
        )

    async def _look(self, catalogue: AgentCatalogue) -> None:
        """Only at the agents that are called: the first caller waits for no others."""
        await asyncio.to_thread(catalogue.look, self._called(catalogue.fixed_names))

    async def _make_music(self) -> None:
        """Beside the first calls: it takes a moment, and none of them waits for a person yet."""
        self._music = await asyncio.to_thread(waiting_music, self._config.settings.transfer.music)

    def _called(self, fixed: Collection[str] = ()) -> set[str]:
        """Agents that a number leads to."""
        calls = self._config.settings.calls
        company = (COMPANY, BRIEFING) if self._library is None else ()
        question = (QUESTION,) if calls.record and calls.record_consent == "asked" and self._library is None else ()
        return {DEFAULT_ROUTE, *company, *question, *self._config.settings.agent_numbers().values(), *fixed}

    async def _open_agents(
        self, stack: contextlib.AsyncExitStack, catalogue: AgentCatalogue, voices: VoiceBank, watching: Watching
    ) -> None:
        """Have the fixed sentences of agents that are called ready, so that the first caller waits no longer than the hundredth."""
        called = self._make_ready(catalogue.definitions(), voices, watching.sentences)
        if any(self._config.layout.speech_cache.iterdir()):
            # They were made by an earlier process, and are there for the asking.
            await stack.enter_async_context(_background(_after(SETTLE_S, called), "sentences"))
        else:
            await called
        catalogue.called = frozenset(self._called(catalogue.fixed_names))
        loop = asyncio.get_running_loop()

        def prepare(definition: AgentDefinition) -> None:
            if definition.name not in catalogue.called:
                return
            asyncio.run_coroutine_threadsafe(voices.ready(definition), loop)

        catalogue.on_new = prepare
        await stack.enter_async_context(_background(_after(SETTLE_S, catalogue.run()), "agents"))

    async def _make_ready(self, definitions: Sequence[AgentDefinition], voices: VoiceBank, besides: Callable[[str], Sequence[str]]) -> None:
        """For their first call: what is lazy, and the sentences that never change, ``besides`` those of a language."""
        count = 0
        for definition in definitions:
            await asyncio.to_thread(definition.warm)
            count += await voices.ready(definition, MURMURS, besides)
        log.info("sentences_ready", extra={"agents": len(definitions), "made": count})

    async def _open_tools(self, stack: contextlib.AsyncExitStack) -> ToolSet:
        parts = self._tool_parts
        if parts is None:
            parts = [open_webhooks(*webhook_files(self._config.settings))]
        tools = ToolSet(parts)
        stack.push_async_callback(tools.close)
        return tools

    async def _open_models(self, stack: contextlib.AsyncExitStack, catalogue: AgentCatalogue) -> ModelTurns | None:
        languages = {language for definition in catalogue.definitions() for language in definition.languages}
        models = await asyncio.to_thread(open_models, self._config.settings.llm, os.environ, sorted(languages))
        if models is not None:
            stack.push_async_callback(models.close)
        return models

    def _open_watching(self, stack: contextlib.AsyncExitStack) -> Watching:
        settings = self._config.settings
        watching = Watching(settings, self._scripts, lambda queue: self._manager.queue_line.facts(queue) if self._manager else {})
        stack.callback(watching.close)
        return watching

    def _open_summaries(self, stack: contextlib.AsyncExitStack) -> Callable[[Card], Awaitable[Summary]] | None:
        model = open_first_model(self._config.settings.llm)
        if model is None:
            return None
        stack.push_async_callback(model.close)
        return functools.partial(summarise_with, ModelOnce(model))

    async def _open_script_models(self, stack: contextlib.AsyncExitStack) -> Mapping[str, ModelTurns | None]:
        """Of agents in Python that name one; the others use that of the settings."""
        found: dict[str, ModelTurns | None] = {}
        for entry in self._scripts.values():
            if entry.agent.model is not None:
                found[entry.agent.name] = await stack.enter_async_context(opened_model(entry.agent))
        return found

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


def _card_urls(config: MindConfig) -> Callable[[str], str]:
    """Links to cards that are good for some minutes, for the desk of this instance."""
    links = CardLinks(desk_secret(config.layout), link_base(config.settings))
    return lambda card_id: links.card_url(card_id, time.time())


def waiting_music(file: str) -> Pcm:
    """What callers hear while they wait. A file that cannot be used is told of, and our own music plays."""
    if file:
        try:
            return read_hold_music(Path(file).expanduser())
        except HoldMusicUnusable as error:
            log.error("hold_music_unusable", extra={"error": str(error)})
    return hold_music()


async def _after(seconds: float, work: Coroutine[Any, Any, None]) -> None:
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        work.close()
        raise
    await work


@contextlib.asynccontextmanager
async def _background(work: Any, name: str) -> AsyncIterator[None]:
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _told_to_begin() -> bool:
    """False when whoever would tell has gone."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return await reader.readline() == GO


def serve_calls(
    tools: Sequence[ToolPart] | None = None,
    library: Mapping[str, AgentDefinition] | None = None,
    scripts: Mapping[str, Registration] | None = None,
) -> None:
    """The whole process, from its command line to its end; the arguments are those of ``Mind``."""
    parser = argparse.ArgumentParser(description="The mind process; started by patchcord up.")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    parser.add_argument("--spare", action="store_true", help="load, and begin when standard input says so")
    options = parser.parse_args()
    config = MindConfig.read(options.config)
    configure("mind", config.settings.service.log_level)
    asyncio.run(Mind(config, tools, library, scripts).run(spare=options.spare))


if __name__ == "__main__":
    serve_calls()
