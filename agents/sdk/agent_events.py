"""The moments of a call to which an agent's own code can be attached with ``@agent.on(…)``, and what it is told of each.

============================  =================================  =====================================================
event                         handler(call, …)                   when
============================  =================================  =====================================================
``call_started``              nothing more                       the call is answered, before the agent's first words
``turn``                      :class:`~agents.transcript.Turn`   the caller or the agent has said something
``emotion_detected``          :class:`Emotion`                   a turn of the caller was judged
``escalation_requested``      :class:`Escalation`                the caller is to be passed to a person
``tool_failed``               :class:`ToolFailure`               a tool failed, was too slow or was not allowed
``call_ended``                :class:`~agents.transcript.Outcome` the conversation with the agent is over
============================  =================================  =====================================================

Handlers may leave out the second parameter. They run beside the call (``agents.sdk.handlers``), which never waits for them.

``@agent.on_emotion(…)`` waits for one feeling to become strong, instead of hearing of every turn:

.. code-block:: python

    @agent.on_emotion("frustrated", above=0.6)
    def calm(call, emotion):
        call.apologise()
        call.slow_down()

    @agent.on_emotion("anger", above=0.8, turns=2)
    async def give_up(call):
        call.flag_for_review("angry twice in a row")
        await call.transfer(reason="caller_angry")
"""

import inspect
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, TypeVar

from agents.sdk.call import Call
from agents.sdk.emotion_watch import EmotionWish
from agents.sdk.handlers import HandlerPool
from agents.tools.names import nearest
from agents.transcript import Outcome, Turn


@dataclass(frozen=True, slots=True)
class Emotion:
    """How the caller feels after one of their turns, smoothed over the call."""

    label: str
    """The strongest state that holds: frustrated, confused, urgent, satisfied or calm."""
    level: float
    """Of it, 0 to 1; 0 for calm."""
    at: float
    """End of the turn, in seconds on ``time.monotonic()``."""
    valence: float = 0.0
    """-1 (unpleasant) to 1 (pleasant)."""
    arousal: float = 0.5
    """0 to 1; 0.5 is this caller's usual."""
    states: Mapping[str, float] = field(default_factory=dict)
    """Level of every state, 0 to 1."""
    method: str = ""
    """``text``: from words and behaviour. ``audio``: the sound of the voice had a part in it."""


@dataclass(frozen=True, slots=True)
class Escalation:
    reason: str
    """For machines: caller_request, repeated_failure, no_input, tool_error, a trigger's name, …"""
    queue: str


@dataclass(frozen=True, slots=True)
class ToolFailure:
    name: str
    took_s: float
    error: str = ""


EventData: TypeAlias = Turn | Emotion | Escalation | ToolFailure | Outcome | None
EVENTS: Final = ("call_started", "turn", "emotion_detected", "escalation_requested", "tool_failed", "call_ended")
Handler = TypeVar("Handler", bound=Callable[..., Any])


class AgentEvents:
    """Who is to be told of what."""

    def __init__(self, agent: str, pool: HandlerPool | None = None) -> None:
        self.pool = pool or HandlerPool()
        self._agent = agent
        self._handlers: dict[str, list[tuple[Callable[..., Any], bool]]] = defaultdict(list)
        self._wishes: list[EmotionWish] = []
        self._wishing: list[tuple[Callable[..., Any], bool]] = []
        """Of the same places."""

    def on(self, event: str) -> Callable[[Handler], Handler]:
        """Decorator. Raises ValueError for an unknown event, TypeError for a function with other parameters."""
        if event not in EVENTS:
            raise ValueError(f"no event {event!r}; {nearest(event, EVENTS)}")

        def attach(handler: Handler) -> Handler:
            self._handlers[event].append((handler, takes(handler, event, most=1 if event == "call_started" else 2) == 2))
            return handler

        return attach

    def on_emotion(self, name: str, above: float = 0.6, turns: int = 1) -> Callable[[Handler], Handler]:
        """Decorator. Raises ValueError for an unknown feeling or a level out of range, TypeError for a function with other parameters."""
        wish = EmotionWish.checked(name, above, turns)

        def attach(handler: Handler) -> Handler:
            whole = takes(handler, "on_emotion", most=2) == 2
            self._wishes.append(wish)
            self._wishing.append((handler, whole))
            return handler

        return attach

    @property
    def wishes(self) -> Sequence[EmotionWish]:
        """What ``on_emotion`` waits for."""
        return tuple(self._wishes)

    def emit_emotion(self, place: int, call: Call, emotion: Emotion) -> None:
        """The wish at ``place`` of ``wishes`` is met. As ``emit``."""
        handler, whole = self._wishing[place]
        name = f"{self._agent}.{getattr(handler, '__name__', 'handler')}[on_emotion]"
        self.pool.run(name, call.id, handler, *((call, emotion) if whole else (call,)))

    def emit(self, event: str, call: Call, data: EventData = None) -> None:
        """From any thread; returns at once and never raises."""
        for handler, whole in self._handlers[event]:
            name = f"{self._agent}.{getattr(handler, '__name__', 'handler')}[{event}]"
            self.pool.run(name, call.id, handler, *((call, data) if whole else (call,)))

    def wanted(self) -> Collection[str]:
        return [event for event, handlers in self._handlers.items() if handlers]


def takes(handler: Callable[..., Any], what: str, *, most: int) -> int:
    """How many of ``most`` positional arguments ``handler`` wants. Raises TypeError."""
    name = getattr(handler, "__name__", repr(handler))
    shape = "(call)" if most == 1 else "(call) or (call, data)"
    signature = inspect.signature(handler)
    for count in range(most, 0, -1):
        try:
            signature.bind(*range(count))
        except TypeError:
            continue
        return count
    raise TypeError(f"{name} is called with {shape} for {what!r}, but its parameters are {signature}; write it as def {name}{shape[:6]}")
