"""What was said and what happened, numbered and handed to the sink."""

from collections.abc import Mapping, Sequence
from typing import Literal

from agents.conversation.messages import ToolDone
from agents.conversation.reply import Reply
from agents.conversation.tool_runner import ToolRunner
from agents.llm.task import ToolUsed, Usage
from agents.transcript import JsonValue, Sink, Turn


class History:
    def __init__(self, sink: Sink, earlier: Sequence[Turn]) -> None:
        self._sink = sink
        self._partial = ""
        self._number = max((turn.number for turn in earlier), default=0)
        self.turns: list[Turn] = list(earlier)
        """Everything that was said and heard so far."""

    def partial(self, text: str, at: float) -> None:
        """The caller's words so far, for whoever watches; empty: they came to nothing. No record of them stays."""
        if text != self._partial:
            self._partial = text
            self._sink.partial(text, at)

    def listens(self, node: str, question: str) -> None:
        """The caller has the floor."""
        self._sink.listens(node, question)

    def caller(self, text: str, started_at: float, ended_at: float, via: Literal["speech", "keypad"]) -> Turn:
        self._partial = ""
        return self._put(Turn(self._next(), "caller", text, text, started_at, ended_at, via))

    def agent(self, reply: Reply) -> None:
        """A reply of which the caller heard nothing leaves only an event: it was never said."""
        started = reply.started_at
        if started is None:
            self.event("reply_dropped", reply.ended_at, {})
            return
        self._put(
            Turn(
                self._next(),
                "agent",
                reply.text,
                reply.heard,
                started,
                max(started, reply.ended_at),
                interrupted=not reply.whole,
                latency_ms=reply.latency(),
            )
        )

    def tool(self, runner: ToolRunner, done: ToolDone, at: float) -> None:
        data: dict[str, JsonValue] = {"name": runner.name, "ok": done.result is not None, "ms": round(runner.took_s * 1000)}
        self.event("tool", at, data | ({"error": runner.error} if done.result is None else {}))

    def model_tool(self, used: ToolUsed, at: float) -> None:
        self.event("tool", at, {"name": used.name, "ok": used.result is not None, "ms": round(used.took_s * 1000)})

    def model(self, usage: Usage, way_out: str, at: float) -> None:
        """What a turn of a language model cost."""
        self.event(
            "model",
            at,
            {
                "model": usage.model,
                "exit": way_out,
                "input_tokens": usage.input_tokens,
                "cached_tokens": usage.cached_tokens,
                "output_tokens": usage.output_tokens,
                "cost": round(usage.cost, 6),
                "first_token_ms": round(usage.first_token_s * 1000),
                "ms": round(usage.took_s * 1000),
                "attempts": usage.attempts,
            },
        )

    def note(self, kind: str, data: Mapping[str, JsonValue], at: float) -> None:
        """What a flow wants to be known, with the number of the caller's turn that led to it (0: none did)."""
        turn = next((turn.number for turn in reversed(self.turns) if turn.who == "caller"), 0)
        self.event(kind, at, {**data, "turn": turn})

    def event(self, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        self._sink.event(kind, at, data)

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _put(self, turn: Turn) -> Turn:
        self.turns.append(turn)
        self._sink.turn(turn)
        return turn
