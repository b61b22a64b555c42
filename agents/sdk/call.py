"""A call as the agent's own code sees it: who calls, what was said, and what can be done about it."""

import asyncio
import concurrent.futures
import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator, Mapping, MutableMapping
from typing import Any, Final, Protocol

from agents.sdk.manner_change import MannerChange
from agents.transcript import JsonValue, Turn

log = logging.getLogger(__name__)

AGENT_CODE: Final = "agent_code"
"""The reason of what nobody gave one for."""


class CallControl(Protocol):
    """What somebody outside the dialogue can have done. Used on the call's own event loop only; nothing happens when the call is over."""

    async def say(self, text: str) -> None:
        """As soon as the agent is between two sentences and the caller is not speaking."""
        ...

    async def transfer(self, queue: str, reason: str) -> None: ...

    def learn(self, facts: Mapping[str, str]) -> None:
        """Slots of the dialogue get these values."""
        ...

    def flag(self, reason: str) -> None:
        """Somebody should look at this call afterwards."""
        ...

    def manner(self, change: MannerChange, why: str) -> None:
        """Talk otherwise from the next sentence on."""
        ...

    def known(self) -> Mapping[str, str]:
        """Slots and facts of the dialogue as they are now. May be called from any thread."""
        ...


class LateControl:
    """Stands in for the control of a call that does not exist yet; what is asked before ``connect`` is done then."""

    def __init__(self) -> None:
        self._target: CallControl | None = None
        self._connected = asyncio.Event()
        self._waiting: list[Callable[[CallControl], None]] = []

    def connect(self, control: CallControl) -> None:
        self._target = control
        waiting, self._waiting = self._waiting, []
        for work in waiting:
            work(control)
        self._connected.set()

    async def say(self, text: str) -> None:
        await (await self._there()).say(text)

    async def transfer(self, queue: str, reason: str) -> None:
        await (await self._there()).transfer(queue, reason)

    def learn(self, facts: Mapping[str, str]) -> None:
        self._do(lambda control: control.learn(facts))

    def flag(self, reason: str) -> None:
        self._do(lambda control: control.flag(reason))

    def manner(self, change: MannerChange, why: str) -> None:
        self._do(lambda control: control.manner(change, why))

    def known(self) -> Mapping[str, str]:
        return self._target.known() if self._target is not None else {}

    async def _there(self) -> CallControl:
        await self._connected.wait()
        if self._target is None:
            raise RuntimeError("the call was given up before it began")
        return self._target

    def _do(self, work: Callable[[CallControl], None]) -> None:
        if self._target is not None:
            work(self._target)
        else:
            self._waiting.append(work)


class Pending:
    """Something that was asked of a call and is under way. ``await`` it to know that it was accepted; nobody has to."""

    def __init__(self, work: "concurrent.futures.Future[None]", call_id: str) -> None:
        self._work = work
        work.add_done_callback(lambda done: _report(done, call_id))

    def __await__(self) -> Generator[Any, None, None]:
        return asyncio.wrap_future(self._work).__await__()


def _report(done: "concurrent.futures.Future[None]", call_id: str) -> None:
    if not done.cancelled() and (error := done.exception()):
        log.error("call_control_failed", extra={"call_id": call_id, "error": repr(error)})


class Call:
    """One call. May be used from any thread: from sync handlers as well as from async ones.

    ``caller`` and ``number`` are digits as the telephone network gives them, empty when withheld. ``context`` holds slots and facts and is
    live: reading gives what is known now, writing a value tells it to the dialogue. ``turns`` are those that are over, oldest first.
    """

    def __init__(self, call_id: str, caller: str, number: str, control: CallControl, *, queue: str = "support", apology: str = "") -> None:
        """Make it on the event loop of the call. ``apology``: the usual one, in the agent's language."""
        self.id = call_id
        self.caller = caller
        self.number = number
        self.context: MutableMapping[str, str] = _Context(self, self._known)
        self.flags: list[str] = []
        """Reasons for which somebody should look at it."""
        self._control = control
        self._queue = queue
        self._apology = apology
        self._turns: list[Turn] = []
        self._told: dict[str, str] = {}
        """Facts that are on their way to the dialogue."""
        self._loop = asyncio.get_running_loop()

    def __repr__(self) -> str:
        return f"<Call {self.id}>"

    @property
    def turns(self) -> tuple[Turn, ...]:
        return tuple(self._turns)

    @property
    def heard(self) -> str:
        """The caller's latest words."""
        return next((turn.text for turn in reversed(self._turns) if turn.who == "caller"), "")

    def say(self, text: str) -> Awaitable[None]:
        """Have the agent say ``text``. Raises ValueError for text without words."""
        if not text.strip():
            raise ValueError("call.say needs words")
        return self._ask(self._control.say(text))

    def apologise(self, text: str = "") -> Awaitable[None]:
        """Have the agent say that it is sorry, in its own words unless ``text`` has better ones. Raises ValueError when there are none."""
        return self.say(text or self._apology)

    def manner(
        self,
        *,
        pace: float | None = None,
        slow_readback: bool | None = None,
        short: bool | None = None,
        tone: str | None = None,
        why: str = AGENT_CODE,
    ) -> None:
        """Talk otherwise from the next sentence on; what is left out stays as it is.

        ``pace`` of the voice: 0.7 (slow) to 1.1 (quick), 1 is usual. ``slow_readback``: numbers one by one, with pauses. ``short``: short
        forms of texts that have them, and a language model is told to be brief. ``tone``: for a language model, how to meet the caller.
        ``why``: a word for the records. What is said stays the same but for ``short`` and the model. Raises ValueError.
        """
        self._ask(self._manner(MannerChange(pace, slow_readback, short, tone), why))

    def slow_down(self, pace: float = 0.85) -> None:
        """Speak more slowly and read numbers back one by one: for a caller who is confused. Raises ValueError."""
        self.manner(pace=pace, slow_readback=True)

    def usual_manner(self) -> None:
        """Talk as at the beginning again."""
        self.manner(pace=1.0, slow_readback=False, short=False, tone="")

    def transfer(self, queue: str = "", reason: str = AGENT_CODE) -> Awaitable[None]:
        """Pass the caller to a person in ``queue`` (empty: the agent's own). ``reason``: a word for machines, such as caller_angry."""
        return self._ask(self._control.transfer(queue or self._queue, reason))

    def inject_context(self, **facts: JsonValue) -> None:
        """Tell the dialogue what is known from elsewhere; None makes it forget. Texts and models use it from the next turn on."""
        words = {name: _text(value) for name, value in facts.items()}
        self._told.update(words)
        self._ask(self._learn(words))

    def flag_for_review(self, reason: str) -> None:
        """Somebody should look at this call afterwards."""
        self.flags.append(reason)
        self._ask(self._flag(reason))

    def _ask(self, work: Coroutine[Any, Any, None]) -> Pending:
        return Pending(asyncio.run_coroutine_threadsafe(work, self._loop), self.id)

    async def _learn(self, facts: Mapping[str, str]) -> None:
        self._control.learn(facts)
        for name, value in facts.items():
            if self._told.get(name) == value:
                del self._told[name]

    async def _manner(self, change: MannerChange, why: str) -> None:
        self._control.manner(change, why)

    async def _flag(self, reason: str) -> None:
        self._control.flag(reason)

    def note_turn(self, turn: Turn) -> None:
        """For whoever runs the call: a turn is over."""
        self._turns.append(turn)

    def _known(self) -> Mapping[str, str]:
        return {name: value for name, value in {**self._control.known(), **self._told}.items() if value}


class _Context(MutableMapping[str, str]):
    """``call.context``: reads what is known, writes through ``inject_context``."""

    def __init__(self, call: Call, read: Callable[[], Mapping[str, str]]) -> None:
        self._call = call
        self._read = read

    def __getitem__(self, name: str) -> str:
        return self._read()[name]

    def __setitem__(self, name: str, value: str) -> None:
        self._call.inject_context(**{name: value})

    def __delitem__(self, name: str) -> None:
        self[name]
        self._call.inject_context(**{name: None})

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __repr__(self) -> str:
        return repr(dict(self))


def _text(value: JsonValue) -> str:
    if value is None:
        return ""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
