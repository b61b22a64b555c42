"""``Call``: what an agent's own code can do to a call, from the call's own loop and from any other thread."""

import asyncio
import threading
from collections.abc import Mapping

import pytest

from agents.manner import Manner
from agents.sdk.call import Call, LateControl
from agents.sdk.manner_change import MannerChange
from agents.transcript import Turn


class Control:
    """Notes what it is asked, and that it is asked on its own loop."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, object]] = []
        self.slots: dict[str, str] = {}
        self.talks = [Manner()]
        self.threads: set[int] = set()

    def _note(self, what: str, data: object) -> None:
        self.threads.add(threading.get_ident())
        self.asked.append((what, data))

    async def say(self, text: str) -> None:
        self._note("say", text)

    async def transfer(self, queue: str, reason: str) -> None:
        self._note("transfer", (queue, reason))

    def learn(self, facts: Mapping[str, str]) -> None:
        self._note("learn", dict(facts))
        self.slots.update(facts)

    def flag(self, reason: str) -> None:
        self._note("flag", reason)

    def manner(self, change: MannerChange, why: str) -> None:
        self.talks.append(change.over(self.talks[-1]))

    def known(self) -> Mapping[str, str]:
        return dict(self.slots)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_a_call_is_asked_reaches_its_control_in_order() -> None:
    control = Control()
    call = Call("c1", "5550101", "500", control, queue="orders")
    await call.say("One moment.")
    call.inject_context(tier="gold", vip=True, visits=3, note=None)
    call.flag_for_review("asked for a discount")
    await call.transfer(reason="caller_angry")
    await call.transfer("billing", "invoice")
    assert control.asked == [
        ("say", "One moment."),
        ("learn", {"tier": "gold", "vip": "yes", "visits": "3", "note": ""}),
        ("flag", "asked for a discount"),
        ("transfer", ("orders", "caller_angry")),
        ("transfer", ("billing", "invoice")),
    ]
    assert call.flags == ["asked for a discount"]


async def test_words_without_await_are_said_too() -> None:
    control = Control()
    Call("c1", "", "500", control).say("Hello.")
    await settled()
    assert control.asked == [("say", "Hello.")]


async def test_another_thread_may_use_it_and_the_control_stays_on_its_loop() -> None:
    control = Control()
    call = Call("c1", "", "500", control)

    def elsewhere() -> None:
        call.inject_context(city="Berlin")
        assert call.context["city"] == "Berlin"
        call.say("Hello.")
        call.flag_for_review("odd")

    await asyncio.to_thread(elsewhere)
    await settled()
    assert [what for what, _ in control.asked] == ["learn", "say", "flag"]
    assert control.threads == {threading.get_ident()}


async def test_another_loop_may_await_it() -> None:
    control = Control()
    call = Call("c1", "", "500", control)

    async def said() -> None:
        await call.say("Hello.")

    await asyncio.to_thread(lambda: asyncio.run(said()))
    assert control.asked == [("say", "Hello.")]


async def test_context_is_live_in_both_directions() -> None:
    control = Control()
    call = Call("c1", "", "500", control)
    control.slots["order"] = "10482"
    assert dict(call.context) == {"order": "10482"}
    call.context["tier"] = "gold"
    assert call.context["tier"] == "gold"
    assert "tier" not in control.slots
    await settled()
    assert control.slots["tier"] == "gold"
    control.slots["tier"] = "silver"
    assert call.context["tier"] == "silver"
    del call.context["order"]
    assert "order" not in call.context
    assert len(call.context) == 1
    with pytest.raises(KeyError):
        _ = call.context["order"]


async def test_turns_are_those_noted_and_the_latest_words_are_the_callers() -> None:
    call = Call("c1", "", "500", Control())
    assert call.heard == ""
    call.note_turn(Turn(1, "agent", "Hello.", "Hello.", 0, 1))
    call.note_turn(Turn(2, "caller", "hi", "hi", 1, 2))
    call.note_turn(Turn(3, "agent", "Well.", "Well.", 2, 3))
    assert call.heard == "hi"
    assert [turn.number for turn in call.turns] == [1, 2, 3]


async def test_words_without_letters_are_refused() -> None:
    with pytest.raises(ValueError, match="needs words"):
        Call("c1", "", "500", Control()).say("  ")


async def test_a_control_that_fails_is_logged_and_told_to_who_waits(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Control):
        async def say(self, text: str) -> None:
            raise OSError("line is gone")

    with pytest.raises(OSError, match="line is gone"):
        await Call("c1", "", "500", Broken()).say("Hello.")
    assert "call_control_failed" in caplog.text


async def test_what_is_asked_before_the_call_exists_is_done_when_it_does() -> None:
    late, control = LateControl(), Control()
    call = Call("c1", "", "500", late)
    call.inject_context(tier="gold")
    words = call.say("Hello.")
    await settled()
    assert dict(call.context) == {"tier": "gold"} or call.context.get("tier") is None
    late.connect(control)
    await words
    assert control.asked == [("learn", {"tier": "gold"}), ("say", "Hello.")]
    assert call.context["tier"] == "gold"
