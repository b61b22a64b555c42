"""Agents in Python. Ten lines make one, and it runs alike in the terminal, on a WAV file and on the telephone:

.. code-block:: python

    from agents import Agent, tool

    @tool
    def order_status(number: str) -> dict:
        \"\"\"Where an order is. number: the five digits of the order.\"\"\"
        return {"status": "on its way", "arrives": "tomorrow"}

    agent = Agent("orders", instructions="You tell callers where their orders are.", tools=[order_status], model="gpt-4o-mini")

    @agent.intent("opening_hours", examples=["when are you open", "what are your opening hours", "how late are you open today"])
    def hours(call, text):
        return "We are open from nine to five, Monday to Friday."

    @agent.on("turn")
    def log(call, turn):
        print(call.id, turn.who, turn.text)

    agent.chat()                     # or agent.run_wav("caller.wav", "call.wav"), or agent.serve(number="500", queue="support")

Feelings of the caller, where the service judges them, can be met before anybody has to be called: ``@agent.on_emotion("frustrated")`` with
``call.apologise()``, ``call.slow_down()`` and ``call.manner(…)`` (``agents.sdk.agent_events`` has an example).

Without ``model`` the agent works offline from its intents. Whatever tools and handlers do, slow or broken, the call goes on.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from agents.flows.definition import AgentDefinition
from agents.llm.task import ModelTurns
from agents.sdk.agent_events import AgentEvents, takes
from agents.sdk.agent_tools import AgentToolbox
from agents.sdk.bases import base_of, languages
from agents.sdk.call import Call, LateControl
from agents.sdk.compiling import AgentSpec, IntentSpec, compile_agent
from agents.sdk.observing import ObservedSink
from agents.sdk.triggers import EmotionTrigger, IntentTrigger, Trigger, check_name
from agents.tools import CallFacts, Toolbox, ToolSet
from agents.tools.tool_set import Part
from agents.transcript import Outcome, Sink
from agents.turns.knobs import Layer

if TYPE_CHECKING:
    from agents.sdk.wav_call import WavCall

Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Attendance:
    """What an agent brings to one call. Whoever runs the call connects ``control``, and tells ``sink`` of start and end."""

    call: Call
    sink: ObservedSink
    tools: Toolbox
    control: LateControl


class Agent:
    """An agent with its instructions, tools, code and knobs.

    ``name``: small letters, digits and ``-``. ``tools``: ``@tool`` functions, plain functions or webhooks. ``model``: a language model by
    name (``agents.sdk.models``), or a ModelTurns of your own; None: then intents answer. ``voice``: such as ``rhvoice:bdl``; empty: that
    of the service. ``turns``: knobs of turn taking that differ for this agent, such as ``{"endpointing": {"max_delay_s": 1.5}}``.
    ``queue``: where its callers find a person.
    """

    def __init__(
        self,
        name: str,
        *,
        instructions: str = "",
        tools: Sequence[Part] = (),
        model: str | ModelTurns | None = None,
        voice: str = "",
        turns: Layer | None = None,
        language: str = "en",
        greeting: str = "",
        triggers: Sequence[Trigger] = (),
        queue: str = "support",
    ) -> None:
        """Raises ValueError for names that cannot be used, ToolDefinitionError for functions that cannot be tools."""
        check_name(name.replace("-", "_"), "agent")
        self.name = name
        self.instructions = instructions
        self.model = model
        self.voice = voice
        self.queue = queue
        self.language = language
        self.triggers = tuple(triggers)
        self.events = AgentEvents(name)
        self.tools = ToolSet(tools)
        self._greeting = greeting
        self._turns = dict(turns or {})
        self._code: dict[str, tuple[IntentSpec, Callable[..., Any]]] = {}

    def __repr__(self) -> str:
        return f"<Agent {self.name}>"

    # Code of one's own

    def on(self, event: str) -> Callable[[Handler], Handler]:
        """Have a function told of a moment of every call; ``agents.sdk.agent_events`` lists them. Raises ValueError, TypeError."""
        return self.events.on(event)

    def on_emotion(self, name: str, above: float = 0.6, turns: int = 1) -> Callable[[Handler], Handler]:
        """Have a function ``(call, emotion)`` or ``(call)`` told when a feeling of the caller has reached ``above`` (0 to 1) in so many
        of their turns in a row; again only after it was weaker.

        ``name``: frustrated, confused, urgent or satisfied, or a word for one of them such as anger (``agents.sdk.emotion_names``). The
        level is the one smoothed over the call. Feelings are judged on calls (setting ``emotion.mode``), not in ``chat`` and ``run_wav``.
        Raises ValueError, TypeError.
        """
        return self.events.on_emotion(name, above, turns)

    def intent(
        self, name: str, examples: Sequence[str] = (), *, phrases: Sequence[str] = (), limit_s: float = 5.0
    ) -> Callable[[Handler], Handler]:
        """Answer callers who say something like ``examples`` with a function: ``(call, text)`` or ``(call)``, returning the words to say.

        Five examples that share some words are enough; a few that share none make the agent hear this in everything.
        Raises ValueError, TypeError.
        """
        check_name(name, "intent")
        if not examples and not phrases:
            raise ValueError(f"the intent {name!r} has no examples; write a handful of sentences that callers would say")
        if name in self._code:
            raise ValueError(f"agent {self.name!r} has the intent {name!r} already; give this one another name")

        def attach(handler: Handler) -> Handler:
            takes(handler, name, most=2)
            self._code[name] = (IntentSpec(name, tuple(examples), tuple(phrases), limit_s), handler)
            self.__dict__.pop("definition", None)
            return handler

        return attach

    # The same agent as data

    @cached_property
    def definition(self) -> AgentDefinition:
        """What the dialogue runs. Raises AgentIncomplete, AgentError, ValueError."""
        return compile_agent(
            AgentSpec(
                name=self.name,
                instructions=self.instructions,
                language=self.language,
                greeting=self._greeting,
                queue=self.queue,
                voice=self.voice,
                with_model=self.model is not None,
                tools=tuple(self.tools.names),
                intents=tuple(intent for intent, _ in self._code.values()),
                triggers=self.triggers,
                turns=self._turns,
            )
        )

    @property
    def emotion_triggers(self) -> tuple[EmotionTrigger, ...]:
        """For the escalation rules."""
        return tuple(trigger for trigger in self.triggers if isinstance(trigger, EmotionTrigger))

    @property
    def intent_triggers(self) -> tuple[IntentTrigger, ...]:
        return tuple(trigger for trigger in self.triggers if isinstance(trigger, IntentTrigger))

    def attend(self, facts: CallFacts, sink: Sink | None = None, *, queue: str = "") -> Attendance:
        """Everything for one call; on the event loop that runs it. ``queue``: where its people are, empty: the agent's own."""
        control = LateControl()
        apology = base_of(self.language)["texts"]["apology"][0] if self.language in languages() else ""
        call = Call(facts.call_id, facts.caller, facts.number, control, queue=queue or self.queue, apology=apology)
        tools = AgentToolbox(call, self.tools.for_call(facts), self._code, self.tools)
        return Attendance(call, ObservedSink(sink, self.events, call), tools, control)

    # Where it runs

    def chat(
        self,
        *,
        caller: str = "",
        model: ModelTurns | None = None,
        lines: Callable[[], str] | None = None,
        write: Callable[[str], None] | None = None,
        verbose: bool = False,
    ) -> Outcome:
        """One call in the terminal. ``lines`` (a readline) and ``write`` stand in for it; ``model`` for the one that was named.

        Raises AgentIncomplete, AgentError, ModelUnavailable.
        """
        from agents.sdk.terminal_call import terminal_call

        return asyncio.run(terminal_call(self, caller=caller, model=model, lines=lines, write=write or _print, verbose=verbose))

    def run_wav(self, path: str | Path, out: str | Path | None = None, **parts: Any) -> "WavCall":
        """One call with a recording as the caller, its pauses marking the turns; takes as long as the call. ``out``: a WAV file of it,
        caller left and agent right. ``parts``: ``transcriber``, ``speaker``, ``model`` of your own instead of the offline ones.

        Raises WavUnusable, SpeechError.
        """
        from agents.sdk.wav_call import wav_call

        return asyncio.run(wav_call(self, Path(path), Path(out) if out else None, **parts))

    def serve(self, *, number: str, queue: str = "", max_concurrent_calls: int = 10) -> None:
        """Answer calls to ``number``. Starts the service when this is the script that was run, and returns when that ends; inside the
        service it registers the agent and returns at once. Raises ServeError.
        """
        from agents.sdk.serving import serve

        _ = self.definition
        serve(self, number, queue or self.queue, max_concurrent_calls)


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
