"""Calls that the pages are tried on: an ordinary one that went to a person, one whose caller says hostile things, one that goes on."""

import time
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from agents.transcript import Outcome, Turn
from handoff.card import Card, CardSource, EmotionPoint, make_card
from handoff.records.store import CallEnded, CallStarted
from handoff.records.writer import PostgresRecords

RATE = 8000
CALL = "0f8f6f5e4d3c4b2a9f8e7d6c5b4a3928"
HOSTILE_CALL = "1f8f6f5e4d3c4b2a9f8e7d6c5b4a3928"
LIVE_CALL = "2f8f6f5e4d3c4b2a9f8e7d6c5b4a3928"
CARD = "card-of-the-ordinary-call"
MEMBER = "Local/2001@patchcord-members"
HOSTILE = (
    "<script>window.hacked = 1</script>",
    '"onerror="window.hacked = 1" <img src=x onerror=window.hacked=1>',
    "javascript:window.hacked=1 </textarea></title><svg onload=window.hacked=1>",
    "pay \u202e001 \u2066euros\u2069 now",
    "w" * 10_000,
    "{{ 7 * 7 }} {% raw %} ${window.hacked=1}",
)


class Script:
    """Writes one call; times are seconds from its start."""

    def __init__(self, records: PostgresRecords, call_id: str, *, ago_s: float, caller: str = "+15550100") -> None:
        self.records, self.call_id, self.caller = records, call_id, caller
        self.began = time.monotonic() - ago_s
        self.at = datetime.now(UTC) - timedelta(seconds=ago_s)
        self.turns: list[Turn] = []
        self.events: list[tuple[str, float, dict[str, object]]] = []
        records.call_started(
            CallStarted(call_id, self.at, self.began, caller=caller, number="100", route="front-desk", channel="PJSIP/1001-1")
        )

    def says(self, who: str, text: str, start: float, end: float, heard: str | None = None, **latency: float) -> None:
        turn = Turn(
            len(self.turns) + 1,
            "caller" if who == "caller" else "agent",
            text,
            text if heard is None else heard,
            self.began + start,
            self.began + end,
            interrupted=heard is not None,
            latency_ms=latency,
        )
        self.turns.append(turn)
        self.records.turn(self.call_id, turn)

    def event(self, kind: str, at: float, **data: str | float | bool) -> None:
        self.events.append((kind, self.began + at, dict(data)))
        self.records.event(self.call_id, kind, self.began + at, dict(data))

    def card(self, card_id: str, intent: str, slots: dict[str, str]) -> Card:
        source = CardSource(
            card_id=card_id,
            call_id=self.call_id,
            created_at=self.at + timedelta(seconds=40),
            reason="caller_request",
            queue="support",
            outcome=Outcome("handover", "caller_request", "support", intent, slots),
            turns=self.turns,
            started_monotonic=self.began,
            events=self.events,  # type: ignore[arg-type]
            caller_number=self.caller,
            agent="front-desk",
            number="100",
            emotion=(EmotionPoint(4000, "calm", 0.1), EmotionPoint(15000, "impatient", -0.3), EmotionPoint(28000, "angry", -0.7)),
            recording_state="on",
        )
        card = make_card(source)
        self.records.card(card)
        return card

    def ends(self, outcome: str, reason: str, after_s: float) -> None:
        stats = {"packets": 2050, "lost": 3, "jitter_ms": 1.5}
        self.records.call_ended(CallEnded(self.call_id, self.at + timedelta(seconds=after_s), outcome, reason, stats))


def ordinary_call(records: PostgresRecords) -> Script:
    call = Script(records, CALL, ago_s=600)
    call.event("recording_started", 0.2)
    call.says("agent", "Hello, this is the automated assistant of Harbor Home. How can I help?", 0.5, 4.0)
    call.says("caller", "My order has not come and I want my money back.", 4.6, 8.0)
    call.says(
        "agent", "I am sorry to hear that. What is the number of your order?", 8.7, 11.5, gap=702.0, end_of_turn=310.0, stt=95.0, tts=140.0
    )
    call.says("caller", "One zero four eight two.", 12.0, 14.5)
    call.event("tool", 15.0, name="orders.find", ok=True, ms=84)
    call.says(
        "agent",
        "Your brass desk lamp was shipped on Monday and should be with you on Thursday. Shall I send you the link to follow it?",
        15.3,
        19.0,
        heard="Your brass desk lamp was shipped on Monday",
        gap=812.0,
        end_of_turn=340.0,
        stt=101.0,
        tts=188.0,
    )
    call.says("caller", "No, I want to talk to a person.", 18.6, 21.0)
    call.event("noise", 22.0, ms=120)
    call.event("handover", 22.4, reason="caller_request", queue="support", turn=6)
    call.says(
        "agent", "Of course. I get somebody for you and tell them what we talked about.", 22.6, 26.0, gap=655.0, end_of_turn=300.0, stt=90.0
    )
    call.event("joined", 31.0, member=MEMBER, attempt=1)
    call.card(CARD, "refund_request", {"order": "10482"})
    call.ends("handover", "caller_request", 95.0)
    return call


def hostile_call(records: PostgresRecords) -> Script:
    call = Script(records, HOSTILE_CALL, ago_s=300, caller='"><script>window.hacked=1</script>')
    for place, text in enumerate(HOSTILE):
        call.says("caller", text, place * 2.0, place * 2.0 + 1.0)
        call.says("agent", text, place * 2.0 + 1.0, place * 2.0 + 1.9, heard=text[:5])
        call.event(text[:60], place * 2.0 + 1.0, reason=text, **{text[:40]: text})
    call.card("card-of-the-hostile-call", HOSTILE[0], {HOSTILE[1]: HOSTILE[2], "name": HOSTILE[0]})
    call.ends(HOSTILE[0], HOSTILE[1], 30.0)
    return call


def live_call(records: PostgresRecords) -> Script:
    call = Script(records, LIVE_CALL, ago_s=20, caller="+15550142")
    call.says("agent", "Hello, how can I help?", 0.5, 2.0)
    return call


def write_recording(folder: Path, call_id: str, seconds: float = 30.0) -> None:
    """Two legs: the caller's tone in the first third of every six seconds, the agent's in the last; the agent's a little shorter."""
    for leg, hertz, phase, length in (("caller", 220.0, 0, seconds), ("agent", 330.0, 3, seconds - 0.5)):
        moments = np.arange(int(length * RATE)) / RATE
        on = (moments % 6 >= phase) & (moments % 6 < phase + 2.5)
        loud = 0.3 + 0.5 * np.abs(np.sin(moments * 2.1))
        samples = (np.sin(2 * np.pi * hertz * moments) * on * loud * 20000).astype("<i2")
        with wave.open(str(folder / f"{call_id}-{leg}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(samples.tobytes())
