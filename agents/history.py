"""What was said and what happened, numbered and handed to the sink."""

from collections.abc import Mapping, Sequence
from typing import Literal

from agents.messages import ToolDone
from agents.reply import Reply
from agents.tool_runner import ToolRunner
from agents.transcript import JsonValue, Sink, Turn


class History:
    def __init__(self, sink: Sink, earlier: Sequence[Turn]) -> None:
        self._sink = sink
        self._number = max((turn.number for turn in earlier), default=0)

    def caller(self, text: str, started_at: float, ended_at: float, via: Literal["speech", "keypad"]) -> None:
        self._put(Turn(self._next(), "caller", text, text, started_at, ended_at, via))

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
        self.event("tool", at, {"name": runner.name, "ok": done.result is not None, "ms": round(runner.took_s * 1000)})

    def event(self, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        self._sink.event(kind, at, data)

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _put(self, turn: Turn) -> None:
        self._sink.turn(turn)
