"""What somebody outside the talk wants of it: the agent's own code, a transfer under way, a supervisor."""

from collections.abc import Awaitable, Callable

from agents.conversation.delivery import Delivery
from agents.conversation.dialogue_steps import DialogueSteps
from agents.conversation.history import History
from agents.conversation.instructions import Order, SayAloud, order_in
from agents.conversation.messages import AnnounceThis, EndNow, FromOutside, InstructThis, LearnThis, SayThis, TransferNow
from agents.conversation.model_run import ModelRunner
from agents.conversation.mouth import Mouth
from agents.conversation.reply import Clip
from agents.flows.acts import Say
from agents.transcript import JsonValue, Outcome

BY_SUPERVISOR = "ended_by_supervisor"
TRANSFERRED = "supervisor"


class Outside:
    """``stop`` silences the agent, ``end`` ends the conversation. ``patience_s``: how long beyond its length a sentence is waited for."""

    def __init__(
        self,
        *,
        mouth: Mouth,
        models: ModelRunner,
        steps: DialogueSteps,
        delivery: Delivery,
        history: History,
        stop: Callable[[], Awaitable[None]],
        end: Callable[[Outcome], None],
        clock: Callable[[], float],
        patience_s: float,
    ) -> None:
        self._mouth = mouth
        self._models = models
        self._steps = steps
        self._delivery = delivery
        self._history = history
        self._stop = stop
        self._end = end
        self._clock = clock
        self._patience_s = patience_s
        self._announcements: dict[str, None] = {}
        """Names of those still to be made, the oldest first."""
        self._urgent = False
        """The first of them does not wait for the end of what the caller is saying."""
        self._last: tuple[str, Clip] | None = None
        """Why the conversation ends, and the sentence after which it does."""
        self.deadline: float | None = None
        """When it ends at the latest, whatever is reported of that sentence."""

    async def wanted(self, message: FromOutside) -> None:
        match message:
            case SayThis():
                await self._delivery.perform([Say(message.text)])
            case LearnThis():
                self._steps.learn(message.facts)
            case TransferNow():
                await self._transfer(message.queue, message.reason, message.say)
            case AnnounceThis():
                await self._announce(message)
            case InstructThis():
                await self._instruct(message.text)
            case EndNow():
                await self._end_soon(message)

    async def catch_up(self, *, caller_busy: bool) -> None:
        """Make the next announcement when its moment has come; end when the last sentence is over."""
        if self._last is not None:
            reason, clip = self._last
            if clip.ended_at is not None or (self.deadline is not None and self._clock() >= self.deadline):
                await self._finish(reason)
            return
        while self._announcements and (self._urgent or not caller_busy) and self._free:
            name = next(iter(self._announcements))
            del self._announcements[name]
            self._urgent = False
            await self._delivery.perform(self._steps.announce(name))

    @property
    def _free(self) -> bool:
        return self._delivery.final is None and not self._delivery.secret and not self._mouth.active and self._steps.can_announce

    async def _announce(self, message: AnnounceThis) -> None:
        if not self._steps.has_announcement(message.name):
            self._event("announcement_not_possible", {"name": message.name, "reason": "unknown"})
            return
        if message.facts:
            self._steps.learn(message.facts)
        if message.at_once and self._delivery.final is None:
            self._announcements, self._urgent = {message.name: None}, True
            await self._stop()
        else:
            self._announcements[message.name] = None

    async def _transfer(self, queue: str, reason: str, say: str = "") -> None:
        if self._delivery.final is None:
            await self._stop()
            await self._delivery.perform(self._steps.transfer(queue, reason, say))

    # A supervisor

    async def _instruct(self, text: str) -> None:
        modelled = self._models.available and self._steps.has_model_nodes
        order = order_in(text, modelled=modelled)
        if self._delivery.final is not None or self._last is not None:
            self._event("instruction_not_possible", {"text": text, "reason": "call_is_ending"})
            return
        if order is None and not modelled:
            self._event("instruction_not_possible", {"text": text, "reason": "no_model"})
            return
        self._event("instructed", {"text": text, "as": order.value if order else "model"})
        match order:
            case None:
                self._steps.instruct(text)
            case SayAloud(words=words):
                await self._delivery.perform([Say(words)])
            case Order.TRANSFER:
                await self._transfer("", TRANSFERRED)
            case Order.END:
                await self._end_soon(EndNow(BY_SUPERVISOR, after_sentence=True))

    # The end

    async def _end_soon(self, message: EndNow) -> None:
        clip = self._mouth.sounding if message.after_sentence else None
        if clip is None:
            await self._finish(message.reason)
        else:
            self._last = message.reason, clip
            now = self._clock()
            self.deadline = now + max(0.0, clip.length_s - clip.heard_by(now)) + self._patience_s

    async def _finish(self, reason: str) -> None:
        self._announcements.clear()
        await self._stop()
        self._end(self._steps.outcome("goodbye", reason, ""))

    def _event(self, kind: str, data: dict[str, JsonValue]) -> None:
        self._history.event(kind, self._clock(), data)
