"""One answer of the chain as it comes: sentences to be said, calls to be made."""

import logging
from collections.abc import AsyncGenerator, Sequence
from typing import Final

from agents.llm.accounting import Tally
from agents.llm.chain import Anew, Asking, ModelChain
from agents.llm.deadline import Deadline
from agents.llm.model import Call, CallDelta, Delta, Ended, Function, ModelUnavailable, TextDelta
from agents.llm.pump import Pump, StreamOver
from agents.llm.sentences import Sentences

log = logging.getLogger(__name__)

GRACE_S: Final = 0.05
"""The chain keeps the deadline too, and knows whose fault it is; this is for answers that trickle."""
MOST_CALLS: Final = 16


class Answer:
    """``said``: what was said of this answer, for the provider that has to go on with it; filled here."""

    def __init__(
        self,
        chain: ModelChain,
        ask: Asking,
        functions: Sequence[Function],
        *,
        sentences: Sentences,
        said: list[str],
        room: int,
        tally: Tally,
    ) -> None:
        """``room``: characters that may be said."""
        self._chain = chain
        self._ask = ask
        self._functions = functions
        self._sentences = sentences
        self._said = said
        self._room = room
        self._tally = tally
        self._calls: dict[int, Call] = {}
        self._taken_over = False

    @property
    def calls(self) -> list[Call]:
        """Complete once the answer is."""
        return [call for _, call in sorted(self._calls.items())]

    async def speak(self, deadline: Deadline) -> AsyncGenerator[str, None]:
        """Sentences. The deadline stands still while the taker has one. Raises ModelError when nobody can answer, or not in time."""
        pump = Pump(self._chain.stream(self._ask, self._functions, self._tally, deadline))
        try:
            while True:
                try:
                    piece = await pump.next(None if deadline.at is None else deadline.at + GRACE_S)
                except StreamOver:
                    return
                except TimeoutError:
                    ready = self._sentences.hurry()
                    if not ready:
                        raise ModelUnavailable("nothing to say before the deadline") from None
                else:
                    ready = self._take(piece)
                for sentence in ready:
                    if self._taken_over and sentence in self._said:
                        continue  # whoever took over began from the beginning
                    self._said.append(sentence)
                    deadline.stop()
                    yield sentence
                    deadline.renew()
                    self._room -= len(sentence)
                if self._room <= 0:
                    log.warning("model_answer_cut", extra={"sentences": len(self._said)})
                    self._calls.clear()
                    return
        finally:
            await pump.close()

    def _take(self, piece: Delta | Anew) -> list[str]:
        match piece:
            case TextDelta():
                return self._sentences.add(piece.text)
            case CallDelta():
                self._add(piece)
            case Anew():
                self._taken_over = True
                self._sentences.drop()
                self._calls.clear()
            case Ended():
                return self._sentences.end(whole=piece.reason != "length")
            case _:
                pass
        return []

    def _add(self, piece: CallDelta) -> None:
        before = self._calls.get(piece.index)
        if before is None and len(self._calls) >= MOST_CALLS:
            return
        before = before or Call(f"call_{piece.index}", "", "")
        self._calls[piece.index] = Call(piece.id or before.id, before.name or piece.name, before.arguments + piece.arguments)
