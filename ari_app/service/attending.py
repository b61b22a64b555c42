"""Who answers a call: the version of an agent that is its turn, with its voices, tools and language models, or an agent in Python."""

import asyncio
from collections.abc import Mapping
from typing import Final

from agents.conversation import Conversation, Resume
from agents.conversation.attention import NOBODY
from agents.conversation.company import BRIEFING, COMPANY, LIMITS, brief
from agents.conversation.control import ConversationControl
from agents.flows.definition import AgentDefinition
from agents.line import Line
from agents.llm.task import ModelTurns
from agents.rehearsal.scripted_tools import ScriptedTools
from agents.sdk.observing import ObservedSink
from agents.sdk.serving import Registration
from agents.stt.transcriber import Transcriber
from agents.tools import CallFacts, Toolbox, ToolSet
from agents.transcript import Outcome, Sink
from agents.turns.knobs import WaitLimits
from ari_app.calls import conversations
from ari_app.calls.recording_question import QUESTION
from ari_app.service.catalogue import UNPUBLISHED, AgentCatalogue
from ari_app.service.voice_bank import VoiceBank
from ari_app.settings import Settings
from dialplan.words import DRAFT_ROUTE

NO_DRAFT: Final = "There is no draft to be heard with this code, or not any more. Please begin again on the page of the agent."
VERSION: Final = "agent_version"
"""Event: which version of which agent a call got."""


class Attending:
    """A ConversationFactory. ``scripts``: agents in Python by the number that they serve, with their models by agent."""

    def __init__(
        self,
        *,
        settings: Settings,
        catalogue: AgentCatalogue,
        transcriber: Transcriber,
        voices: VoiceBank,
        tools: ToolSet,
        models: ModelTurns | None,
        scripts: Mapping[str, Registration] | None = None,
        script_models: Mapping[str, ModelTurns | None] | None = None,
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._transcriber = transcriber
        self._voices = voices
        self._tools = tools
        self._models = models
        self._scripts = scripts or {}
        self._script_models = script_models or {}
        self._limits = WaitLimits(max_call_s=settings.calls.max_call_s)

    def __call__(
        self,
        *,
        agent: str,
        number: str,
        caller: str,
        call_id: str,
        line: Line,
        sink: Sink,
        resume: Resume | None,
        watch: conversations.Watch | None = None,
        language: str = "",
    ) -> conversations.Conversation:
        """Raises UnknownAgent."""
        if (script := self._scripts.get(number)) is not None and script.agent.name == agent:
            return self._script(
                script, CallFacts(call_id, caller, number, agent, script.agent.language), line, sink, resume, watch, language
            )
        if agent == DRAFT_ROUTE:
            return self._rehearsed(call_id, number, caller, line, sink, language)
        served = self._catalogue.serve(agent, call_id)
        definition = served.definition
        if served.version != UNPUBLISHED:
            sink.event(VERSION, asyncio.get_running_loop().time(), {"agent": agent, "version": served.version})
        facts = CallFacts(call_id, caller, number, agent, definition.language)
        return self._conversation(
            definition, facts, line, self._tools.for_call(facts), sink, resume, self._models, watch=watch, language=language
        )

    def _rehearsed(self, call_id: str, number: str, caller: str, line: Line, sink: Sink, language: str) -> conversations.Conversation:
        """With an agent as it is in a draft: its tools answer from scripts, and it leads to nobody."""
        served = self._catalogue.draft(number)
        if served is None or served.scripts is None:
            return _Rehearsed(self.briefing(call_id=call_id, language="en", line=line, sink=sink, text=NO_DRAFT, choice=False))
        definition = served.definition
        facts = CallFacts(call_id, caller, number, definition.name, definition.language)
        tools = ScriptedTools(served.scripts)
        return _Rehearsed(self._conversation(definition, facts, line, tools, sink, None, self._models, language=language))

    def recording_question(
        self, *, agent: str, number: str, caller: str, call_id: str, line: Line, sink: Sink, language: str
    ) -> Conversation:
        """The talk that asks whether the call may be recorded. Raises UnknownAgent."""
        definition = self._catalogue.serve(QUESTION, call_id).definition
        script = self._scripts.get(number)
        called = (
            script.agent.definition
            if script is not None and script.agent.name == agent
            else self._catalogue.serve(agent, call_id).definition
        )
        facts = CallFacts(call_id, caller, number, agent, definition.language)
        return self._conversation(
            definition, facts, line, self._tools.for_call(facts), sink, None, None, language=language or called.language
        )

    def company(
        self, *, agent: str, number: str, caller: str, call_id: str, line: Line, sink: Sink, resume: Resume
    ) -> conversations.Company:
        """The talk with a caller who waits for a person. Raises UnknownAgent."""
        definition = self._catalogue.serve(COMPANY, call_id).definition
        facts = CallFacts(call_id, caller, number, agent, definition.language)
        return self._conversation(definition, facts, line, self._tools.for_call(facts), sink, resume, self._models, LIMITS)

    def briefing(self, *, call_id: str, language: str, line: Line, sink: Sink, text: str, choice: bool) -> Conversation:
        """The talk with the person who picked up. Raises UnknownAgent."""
        definition = self._catalogue.serve(BRIEFING, call_id).definition
        facts = CallFacts(call_id, "", "", BRIEFING, definition.language)
        talk = self._conversation(definition, facts, line, self._tools.for_call(facts), sink, None, None)
        talk.learn(brief(text, announced=not choice, language=language))
        return talk

    def _conversation(
        self,
        definition: AgentDefinition,
        facts: CallFacts,
        line: Line,
        tools: Toolbox,
        sink: Sink,
        resume: Resume | None,
        models: ModelTurns | None,
        limits: WaitLimits | None = None,
        watch: conversations.Watch | None = None,
        language: str = "",
    ) -> Conversation:
        dialled = self._settings.numbers.get(facts.number)
        return Conversation(
            definition,
            line,
            self._transcriber,
            self._voices.of(definition),
            tools,
            sink,
            resume,
            layers=(self._settings.turns.model_dump(), dialled.turns if dialled else {}, definition.turns),
            limits=limits or self._limits,
            models=models,
            caller=facts.caller,
            attention=watch.attention if watch is not None else NOBODY,
            manner=watch.manner if watch is not None else None,
            language=language,
        )

    def _script(
        self,
        script: Registration,
        facts: CallFacts,
        line: Line,
        sink: Sink,
        resume: Resume | None,
        watch: conversations.Watch | None,
        language: str,
    ) -> conversations.Conversation:
        attendance = script.agent.attend(facts, sink, queue=script.queue)
        models = self._script_models.get(script.agent.name, self._models)
        talk = self._conversation(
            script.agent.definition, facts, line, attendance.tools, attendance.sink, resume, models, watch=watch, language=language
        )
        attendance.control.connect(ConversationControl(talk, attendance.sink))
        return _Observed(talk, attendance.sink)


class _Around:
    """A conversation with something done before or after it."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk
        self.unanswered, self.say, self.instruct = talk.unanswered, talk.say, talk.instruct
        self.transfer, self.end, self.held = talk.transfer, talk.end, talk.held

    @property
    def uptake(self) -> tuple[bool, int]:
        return self._talk.uptake


class _Rehearsed(_Around):
    """Whatever it comes to, nobody's phone rings and nobody is to call back: the call ends."""

    async def run(self) -> Outcome:
        outcome = await self._talk.run()
        return (
            outcome
            if outcome.kind == "caller_left"
            else Outcome("goodbye", f"draft_{outcome.kind}", intent=outcome.intent, slots=outcome.slots)
        )


class _Observed(_Around):
    """A conversation whose beginning and end its agent's code is told of."""

    def __init__(self, talk: Conversation, sink: ObservedSink) -> None:
        super().__init__(talk)
        self._sink = sink

    async def run(self) -> Outcome:
        self._sink.started()
        outcome = await self._talk.run()
        self._sink.ended(outcome)
        return outcome
