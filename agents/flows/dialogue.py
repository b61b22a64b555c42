"""The dialogue engine: what was heard or keyed goes in, acts come out. No I/O; time comes in as ``now``."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from agents.flows.acts import Act, CallTool, Handover, HangUp, Listen, Say
from agents.flows.definition import (
    AgentDefinition,
    AskNode,
    CallNode,
    ChooseNode,
    CollectNode,
    HandoverNode,
    HangUpNode,
    Reprompts,
    SayNode,
)
from agents.flows.intents import best_intent
from agents.flows.number_entry import Entry, corrected, is_unfinished, judge, spoken
from agents.flows.state import State, facts
from agents.flows.template import render
from agents.transcript import JsonValue

ENOUGH_DIGITS: Final = 3
"""Digits in a request ("where is order four five six…") from which on they count as the beginning of the number."""


class Dialogue:
    """One conversation with one agent. Every method returns the acts to perform, in order; the last one tells what comes next:

    ``Listen``, ``CallTool``, ``Handover`` or ``HangUp``. No acts at all means: go on with what is under way.
    """

    def __init__(self, agent: AgentDefinition, state: State | None = None) -> None:
        self.agent = agent
        self.state = state or State()

    def copy(self) -> "Dialogue":
        """An independent dialogue at the same point, to try out what an answer would be."""
        return Dialogue(self.agent, self.state.copy())

    def start(self, now: datetime) -> list[Act]:
        return self._enter(self.agent.start, now)

    def resume(self, slots: Mapping[str, str], queue_status: str, now: datetime) -> list[Act]:
        """The caller is back from the queue; ``slots`` are those of the earlier Outcome."""
        self.state.slots.update(slots)
        self.state.queue_status, self.state.came_back = queue_status, True
        return self._enter(self.agent.resume, now)

    def heard(self, text: str, now: datetime) -> list[Act]:
        """The caller said ``text``; empty text is speech that nobody could make out."""
        if self.state.ended:
            return []
        node = self.agent.nodes[self.state.node]
        if self.state.waiting_for:
            return self._heard_while_waiting(text, now)
        if isinstance(node, CollectNode):
            return self._heard_confirmation(node, text, now) if self.state.confirming else self._heard_number(node, text, now)
        assert isinstance(node, AskNode)  # noqa: S101 - _enter stops only at ask, collect, call and the two ends
        return self._heard_choice(node, text, now)

    def keyed(self, keys: str, now: datetime) -> list[Act]:
        """The caller pressed ``keys`` (the ``#`` that ends an entry left out)."""
        if self.state.ended:
            return []
        if keys == "0":
            return self._to_person(now)
        if self.state.waiting_for:
            return []
        node = self.agent.nodes[self.state.node]
        if isinstance(node, CollectNode):
            return self._keyed_number(node, keys, now)
        assert isinstance(node, AskNode)  # noqa: S101 - see heard
        if keys in node.keys:
            return self._understood(node.keys[keys], now)
        if node.keyed and len(keys) > 1:
            target = self.agent.nodes[node.keyed]
            assert isinstance(target, CollectNode)  # noqa: S101 - checked when the agent is loaded
            self._begin(node.keyed)
            return self._keyed_number(target, keys, now)
        return self._failed(node, now, silent=False)

    def silent(self, now: datetime) -> list[Act]:
        """The caller said nothing for the no-input time."""
        if self.state.ended or self.state.waiting_for:
            return []
        return self._failed(self._reprompts(), now, silent=True)

    def tool_result(self, result: Mapping[str, JsonValue] | None, now: datetime) -> list[Act]:
        """The tool answered; ``None``: it failed or took too long."""
        node = self.agent.nodes.get(self.state.node)
        if self.state.ended or not self.state.waiting_for or not isinstance(node, CallNode):
            return []
        self.state.waiting_for = ""
        if result is None:
            self.state.reason = "tool_error"
            return self._enter(node.failed, now)
        self.state.result = {name: _plain(result.get(name)) for name in node.returns}
        return self._enter(node.next, now)

    def still_working(self, now: datetime) -> list[str]:
        """What to say when a tool keeps the caller waiting."""
        texts = self.agent.everywhere.still_working
        return [self._draw(texts, "everywhere.still_working", now)] if self.state.waiting_for and texts else []

    def time_up(self, now: datetime) -> list[Act]:
        """The call has lasted long enough: a polite handover."""
        return [] if self.state.ended else self._leave(self.agent.everywhere.time_up, "time_limit", now)

    def trouble(self, now: datetime) -> list[Act]:
        """Recogniser or another part of the machinery failed for good: a handover."""
        return [] if self.state.ended else self._leave(self.agent.everywhere.tool_trouble, "pipeline_error", now)

    def is_unfinished(self, text: str) -> bool:
        """True when ``text`` looks like the first half of a number, so that its end deserves patience."""
        node = self.agent.nodes.get(self.state.node)
        if isinstance(node, CollectNode) and not self.state.confirming:
            return is_unfinished(self.agent.slots[node.slot], text, self.state.partial)
        if isinstance(node, AskNode):
            intent = best_intent(text, self.agent.compiled, node.on)
            target = self.agent.nodes[node.on[intent]] if intent else None
            if isinstance(target, CollectNode):
                return judge(self.agent.slots[target.slot], spoken(self.agent.slots[target.slot], text, "").digits).verdict == "partial"
        return False

    # What was heard, by kind of node

    def _heard_choice(self, node: AskNode, text: str, now: datetime) -> list[Act]:
        intent = self._intent(text, list(node.on))
        if intent in node.on:
            return self._follow(intent, node.on[intent], text, now)
        return self._heard_anywhere(intent, now) or self._heard_whole_number(node, text, now) or self._failed(node, now, silent=False)

    def _heard_whole_number(self, node: AskNode, text: str, now: datetime) -> list[Act]:
        """A number that nobody asked for yet, said instead of the request it belongs to."""
        target = self.agent.nodes.get(node.keyed or "")
        entry = spoken(self.agent.slots[target.slot], text, "") if isinstance(target, CollectNode) else Entry("none")
        if node.keyed is None or not isinstance(target, CollectNode) or entry.verdict != "complete":
            return []
        self._begin(node.keyed)
        return self._read_back(target, entry.digits, now)

    def _heard_number(self, node: CollectNode, text: str, now: datetime) -> list[Act]:
        intent = self._intent(text, [*node.on, *node.set])
        entry = spoken(self.agent.slots[node.slot], text, self.state.partial)
        if entry.verdict == "complete" and intent != self.agent.everywhere.person:
            return self._read_back(node, entry.digits, now)
        if intent in node.on:
            return self._follow(intent, node.on[intent], text, now)
        if intent in node.set:
            self.state.slots[node.slot] = node.set[intent]
            return self._understood(node.next, now)
        return self._heard_anywhere(intent, now) or self._take(node, entry, now)

    def _heard_confirmation(self, node: CollectNode, text: str, now: datetime) -> list[Act]:
        everywhere = self.agent.everywhere
        intent = self._intent(text, [everywhere.yes, everywhere.no, *node.on])
        entry = corrected(self.agent.slots[node.slot], self.state.candidate, text, intent == everywhere.no)
        if entry.verdict == "complete" and intent != everywhere.person:
            if entry.digits == self.state.candidate and intent != everywhere.no:
                return self._confirmed(node, now)
            if entry.digits != self.state.candidate:
                return self._read_back(node, entry.digits, now, again=True)
        if intent == everywhere.yes:
            return self._confirmed(node, now)
        if intent == everywhere.no:
            return self._rejected(node, entry, now)
        if intent in node.on:
            return self._follow(intent, node.on[intent], text, now)
        return self._heard_anywhere(intent, now) or self._failed(node.confirm, now, silent=False)

    def _heard_while_waiting(self, text: str, now: datetime) -> list[Act]:
        """Only what ends the call is obeyed while a tool works; the answer is on its way."""
        intent = self._intent(text, [])
        return self._heard_anywhere(intent, now) if intent != self.agent.everywhere.repeat else []

    def _intent(self, text: str, own: list[str]) -> str:
        everywhere = self.agent.everywhere
        return best_intent(text, self.agent.compiled, [*own, everywhere.person, everywhere.repeat, everywhere.goodbye]) or ""

    def _heard_anywhere(self, intent: str, now: datetime) -> list[Act]:
        everywhere = self.agent.everywhere
        if intent == everywhere.person:
            return self._to_person(now)
        if intent == everywhere.goodbye:
            return self._understood(everywhere.to_goodbye, now)
        if intent == everywhere.repeat:
            self.state.failures = 0
            return [Say(self._draw(everywhere.repeat_with, "everywhere.repeat", now)), *map(Say, self.state.last), self._listen()]
        return []

    # Numbers

    def _keyed_number(self, node: CollectNode, keys: str, now: datetime) -> list[Act]:
        slot = self.agent.slots[node.slot]
        if self.state.confirming:
            if keys == "1":
                return self._confirmed(node, now)
            if keys == "2":
                return self._rejected(node, Entry("none"), now)
            entry = judge(slot, keys)
            return self._read_back(node, keys, now) if entry.verdict == "complete" else self._failed(node.confirm, now, silent=False)
        entry = judge(slot, keys)
        if entry.verdict == "partial" and self.state.partial:
            entry = judge(slot, self.state.partial + keys)
        return self._take(node, entry, now)

    def _take(self, node: CollectNode, entry: Entry, now: datetime) -> list[Act]:
        if entry.verdict == "complete":
            return self._read_back(node, entry.digits, now)
        if entry.verdict == "partial" and entry.digits != self.state.partial:
            self.state.partial = entry.digits
            self._progress()
            return self._question(node.partial, "partial", now)
        if entry.verdict == "too_many":
            self.state.partial = ""
            return self._failed(node, now, silent=False, text=self._draw(node.too_many, f"{self.state.node}.too_many", now))
        return self._failed(node, now, silent=False)

    def _read_back(self, node: CollectNode, digits: str, now: datetime, *, again: bool = False) -> list[Act]:
        self.state.candidate, self.state.partial, self.state.confirming = digits, "", True
        self._progress()
        return self._question(node.confirm.corrected if again else node.confirm.ask, "corrected" if again else "confirm", now)

    def _confirmed(self, node: CollectNode, now: datetime) -> list[Act]:
        self.state.slots[node.slot] = self.state.candidate
        return self._understood(node.next, now)

    def _rejected(self, node: CollectNode, entry: Entry, now: datetime) -> list[Act]:
        self.state.confirming, self.state.candidate = False, ""
        self._progress()
        if self._set_back():
            return self._give_up(now)
        if entry.verdict == "partial":
            return self._take(node, entry, now)
        return self._question(node.confirm.rejected, "rejected", now)

    # Moving on

    def _follow(self, intent: str, target: str, text: str, now: datetime) -> list[Act]:
        if intent not in (self.agent.everywhere.yes, self.agent.everywhere.no):
            self.state.intent = intent
        return self._understood(target, now, text)

    def _understood(self, target: str, now: datetime, text: str = "") -> list[Act]:
        self._progress()
        return self._enter(target, now, text)

    def _progress(self) -> None:
        self.state.failures, self.state.only_silence = 0, True

    def _set_back(self) -> bool:
        """Count a vain attempt; True when there were too many."""
        self.state.setbacks += 1
        return self.state.setbacks >= self.agent.give_up_after

    def _begin(self, name: str) -> None:
        self.state.node, self.state.confirming, self.state.candidate, self.state.partial = name, False, "", ""

    def _enter(self, name: str, now: datetime, text: str = "") -> list[Act]:
        """Go to a node and on from there until the caller or a tool has to do something."""
        said: list[str] = []
        while True:
            self._begin(name)
            node = self.agent.nodes[name]
            if isinstance(node, SayNode):
                said.append(self._draw(node.say, f"{name}.say", now))
                if node.setback and self._set_back():
                    return self._spoken(said, self._give_up(now))
                name = node.next
            elif isinstance(node, ChooseNode):
                known = facts(self.agent, self.state, now)
                name = next(case.next for case in node.cases if all(known.get(key) == value for key, value in case.when.items()))
            elif isinstance(node, CollectNode):
                return self._spoken(said, self._open_collect(node, text, now))
            elif isinstance(node, AskNode):
                self.state.setbacks = 0
                return self._spoken(said, self._question(node.ask, "ask", now))
            elif isinstance(node, CallNode):
                return self._spoken(said, self._call(node, now))
            else:
                return self._spoken(said, self._end(node, now))

    def _spoken(self, before: list[str], acts: list[Act]) -> list[Act]:
        """``acts`` with the sentences of the nodes passed on the way in front; they share the fate of the last one."""
        final = any(isinstance(act, Handover | HangUp) for act in acts)
        says = [act.text for act in acts if isinstance(act, Say)]
        self.state.last = (*before, *says)
        return [*(Say(text, interruptible=not final) for text in before), *acts]

    def _open_collect(self, node: CollectNode, text: str, now: datetime) -> list[Act]:
        entry = spoken(self.agent.slots[node.slot], text, "") if text else Entry("none")
        if entry.verdict != "complete" and (value := best_intent(text, self.agent.compiled, node.set)):
            self.state.slots[node.slot] = node.set[value]
            return self._enter(node.next, now)
        if entry.verdict == "complete" or (entry.verdict == "partial" and len(entry.digits) >= ENOUGH_DIGITS):
            return self._take(node, entry, now)
        return self._question(node.ask, "ask", now)

    def _question(self, texts: tuple[str, ...], field: str, now: datetime) -> list[Act]:
        text = self._draw(texts, f"{self.state.node}.{field}", now)
        self.state.last = (text,)
        return [Say(text), self._listen()]

    def _call(self, node: CallNode, now: datetime) -> list[Act]:
        self.state.waiting_for = node.tool
        known = self._values(now)
        arguments: dict[str, JsonValue] = {key: render(text, known) for key, text in node.arguments.items()}
        says: list[Act] = [Say(self._draw(node.say, f"{self.state.node}.say", now))] if node.say else []
        return [*says, CallTool(node.tool, arguments, node.limit_s)]

    def _end(self, node: HandoverNode | HangUpNode, now: datetime) -> list[Act]:
        self.state.ended, self.state.waiting_for = True, ""
        text = Say(self._draw(node.say, f"{self.state.node}.say", now), interruptible=False)
        if isinstance(node, HangUpNode):
            return [text, HangUp(node.reason)]
        return [text, Handover(node.reason or self.state.reason or "caller_request", self.agent.queue)]

    # Failing

    def _reprompts(self) -> Reprompts:
        node = self.agent.nodes[self.state.node]
        if isinstance(node, CollectNode):
            return node.confirm if self.state.confirming else node
        assert isinstance(node, AskNode)  # noqa: S101 - see heard
        return node

    def _failed(self, prompts: Reprompts, now: datetime, *, silent: bool, text: str = "") -> list[Act]:
        self.state.failures += 1
        self.state.only_silence = self.state.only_silence and silent
        if self.state.failures >= self.agent.give_up_after:
            return self._give_up(now)
        texts = prompts.silent if silent else prompts.again
        said = text or render(texts[min(self.state.failures, len(texts)) - 1], self._values(now))
        self.state.last = (said,)
        return [Say(said), self._listen()]

    def _give_up(self, now: datetime) -> list[Act]:
        silent = self.state.failures > 0 and self.state.only_silence
        return self._leave(self.agent.everywhere.give_up, "no_input" if silent else "repeated_failure", now)

    def _to_person(self, now: datetime) -> list[Act]:
        self.state.intent = self.state.intent or self.agent.everywhere.person
        return self._leave(self.agent.everywhere.to_person, "caller_request", now)

    def _leave(self, target: str, reason: str, now: datetime) -> list[Act]:
        self.state.reason = reason
        return self._enter(target, now)

    # Words

    def _listen(self) -> Listen:
        node = self.agent.nodes[self.state.node]
        if isinstance(node, CollectNode):
            longest, partial = self.agent.slots[node.slot].longest, self.state.partial
            if self.state.confirming:
                return Listen(longest, "", "012")
            return Listen(longest, "", "0", enough=longest - len(partial) if partial else 0, digits=True)
        if isinstance(node, AskNode) and node.keyed:
            target = self.agent.nodes[node.keyed]
            assert isinstance(target, CollectNode)  # noqa: S101 - checked when the agent is loaded
            return Listen(self.agent.slots[target.slot].longest, "0", "".join(node.keys))
        return Listen(1, "0")

    def _draw(self, texts: tuple[str, ...], key: str, now: datetime) -> str:
        """The next of several wordings, with its names filled in."""
        count = self.state.used.get(key, 0)
        self.state.used[key] = count + 1
        return render(texts[count % len(texts)], self._values(now))

    def _values(self, now: datetime) -> Mapping[str, str]:
        return {name: "" if isinstance(value, bool) else str(value) for name, value in facts(self.agent, self.state, now).items()}


def _plain(value: JsonValue) -> str | int | bool:
    return value if isinstance(value, str | int | bool) else "" if value is None else str(value)
