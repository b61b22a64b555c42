"""Call control in memory: notes what was asked for, and refuses as it is told to."""

from handoff.desk.floor.actions import ControlAway, NoSuchCall, NotPossible


class MemoryLiveControl:
    def __init__(self, calls: set[str]) -> None:
        self.calls = calls
        self.refusals: dict[str, str] = {}
        """Reasons by action."""
        self.away = ""
        """Why nothing can be done at all."""
        self.done: list[tuple[str, str, dict[str, str], str]] = []

    def _do(self, action: str, call_id: str, by: str, **values: str) -> str:
        if call_id not in self.calls:
            raise NoSuchCall(call_id)
        if self.away:
            raise ControlAway(self.away)
        if action in self.refusals:
            raise NotPossible(self.refusals[action])
        self.done.append((action, call_id, {name: value for name, value in values.items() if value}, by))
        return f"{action} done"

    async def say(self, call_id: str, text: str, *, by: str) -> str:
        return self._do("say", call_id, by, text=text)

    async def instruct(self, call_id: str, text: str, *, by: str) -> str:
        return self._do("instruct", call_id, by, text=text)

    async def transfer(self, call_id: str, *, queue: str = "", phone: str = "", by: str) -> str:
        return self._do("transfer", call_id, by, queue=queue, phone=phone)

    async def end(self, call_id: str, *, by: str) -> str:
        return self._do("end", call_id, by)

    async def pause_recording(self, call_id: str, *, by: str) -> str:
        return self._do("pause_recording", call_id, by)

    async def resume_recording(self, call_id: str, *, by: str) -> str:
        return self._do("resume_recording", call_id, by)

    async def listen(self, call_id: str, phone: str, *, by: str) -> str:
        return self._do("listen", call_id, by, phone=phone)

    async def whisper(self, call_id: str, phone: str, *, by: str) -> str:
        return self._do("whisper", call_id, by, phone=phone)

    async def barge(self, call_id: str, phone: str, *, by: str) -> str:
        return self._do("barge", call_id, by, phone=phone)

    async def take_over(self, call_id: str, phone: str, *, by: str) -> str:
        return self._do("take_over", call_id, by, phone=phone)
