"""Whose turn it is: line events and passing time go in, decisions come out. No clock, no I/O.

An utterance opens with VoiceStarted and closes with one Commit or one Discard(whole=True). Between its pauses it may be
transcribed many times; each transcript is a new revision, and asking for one gives up those before it. While the voice is on they are
partial and end no turn.

When the caller speaks over something interruptible the line is held, and the utterance either interrupts (StopPlayout; it goes on as an
ordinary turn) or does not (Discard, then ResumePlayout). Only when something protected waits behind what is held does an interruption
end in ResumePlayout without a Discard: all is heard to the end, then the caller is answered.
"""

import math

from agents.line import (
    DigitPressed,
    LineClosed,
    PlaybackFinished,
    PlaybackPaused,
    PlaybackResumed,
    PlaybackStarted,
    PlaybackStopped,
    VoicePaused,
    VoiceStarted,
)
from agents.turns import interruption
from agents.turns.bargein import Verdict, by_words
from agents.turns.events import (
    Backchannel,
    ClipQueued,
    Commit,
    Discard,
    FloorGiven,
    NoInput,
    NothingSaid,
    PlaybackLeft,
    TurnAction,
    TurnEvent,
    Understood,
)
from agents.turns.keypad import Entry
from agents.turns.playout import Playout
from agents.turns.state import TurnState
from agents.turns.timers import Timer
from agents.turns.utterance import Utterance


class TurnMachine(TurnState):
    """One per call. ``step`` is total: any event is accepted in any state."""

    def step(self, event: TurnEvent, now: float) -> list[TurnAction]:
        """Decisions, in the order in which they are to be carried out. Deadlines that passed before the event happened count first."""
        if self.closed:
            return []
        if isinstance(event, PlaybackLeft):
            # It comes ahead of a VoiceStarted that happened earlier: no deadline may pass on its account.
            self.left_s = event.seconds
            return []
        actions: list[TurnAction] = []
        happened = min(now, event.at) if isinstance(event, VoiceStarted | DigitPressed) else now
        while (timer := self.timers.pop_due(happened)) is not None:
            actions += self._fire(timer, now)
        actions += self._take(event, now)
        if self.timers.take_due(Timer.END_OF_TURN, now):
            actions += self._end_of_turn()
        return actions

    def _take(self, event: TurnEvent, now: float) -> list[TurnAction]:
        match event:
            case VoiceStarted():
                return self._voice_started(event)
            case VoicePaused():
                return self._voice_paused(event, now)
            case DigitPressed():
                return self._digit(event, now)
            case Understood():
                return self._understood(event, now)
            case ClipQueued():
                return self._queued(event, now)
            case PlaybackStarted() | PlaybackPaused() | PlaybackResumed():
                if event.clip in self.clips:
                    self.await_clip(now)
            case PlaybackFinished() | PlaybackStopped():
                return self._clip_ended(event.clip, event.at, now)
            case FloorGiven():
                return self._floor_given(event, now)
            case NothingSaid():
                self.floor = self.floor or self.asked
                self.await_input(now)
            case LineClosed():
                return self._close()
            case _:
                pass
        return []

    def _fire(self, timer: Timer, now: float) -> list[TurnAction]:
        match timer:
            case Timer.END_OF_TURN:
                return self._end_of_turn()
            case Timer.PARTIAL:
                return [self.utterance.transcribe(now)] if self.utterance else []
            case Timer.DECISION:
                return interruption.decide(self, now)
            case Timer.MAX_UTTERANCE:
                return self._cut(now)
            case Timer.INTER_DIGIT:
                return self._end_keys()
            case Timer.NO_INPUT:
                self.floor = None
                return [NoInput()]
            case Timer.PLAYBACK:
                self.playout.forget_clips()
                self.quiet_since = now
                return self._after_playback(now)

    # Voice

    def _voice_started(self, event: VoiceStarted) -> list[TurnAction]:
        self.timers.cancel(Timer.NO_INPUT)
        current = self.utterance
        if current is None:
            return interruption.hold_for_voice(self, self.open(event.at), event)
        if current.voiced:
            return []
        self.timers.cancel(Timer.END_OF_TURN)
        self.timers.arm(Timer.PARTIAL, event.at + self.knobs.listening.partial_every_s)
        current.go_on(event.at)
        return [Discard(current.id, current.revision, whole=False), *interruption.hold_for_voice(self, current, event)]

    def _voice_paused(self, event: VoicePaused, now: float) -> list[TurnAction]:
        current = self.utterance
        if current is None or not current.voiced:
            return []
        current.pause(event.at)
        self.timers.cancel(Timer.PARTIAL)
        if self.playout.undecided:
            interruption.decide_after_pause(self, current)
        else:
            self.await_end()
        return [current.transcribe(now)]

    def _understood(self, event: Understood, now: float) -> list[TurnAction]:
        current = self.utterance
        if current is None or (current.id, current.revision) != (event.utterance, event.revision):
            return []
        if current.voiced and not current.asking:
            return []
        current.understand(event)
        if current.voiced:
            self.timers.arm(Timer.PARTIAL, now + self.knobs.listening.partial_every_s)
        answering = self.floor is not None and self.left_s <= self.knobs.bargein.answer_window_s
        verdict = by_words(current, answering=answering, knobs=self.knobs)
        actions: list[TurnAction] = []
        if self.playout.undecided or self.playout.interruptible:
            actions = interruption.carry_out(self, verdict, now)
        current.real = current.real or verdict is Verdict.YIELD
        if self.utterance is not current or current.voiced or self.playout.undecided:
            return actions
        self.await_end()
        return actions + self._nod(current, now)

    def _nod(self, current: Utterance, now: float) -> list[TurnAction]:
        """A moment for the agent's own "mm-hm": the caller has spoken for long and is not near the end."""
        wait_s, voice_s = current.wait_s or 0.0, current.voice_s(now)
        goes_on = wait_s > self.knobs.endpointing.max_delay_s and current.ended_at + wait_s > now
        due = self.knobs.speaking.backchannel and voice_s - current.nodded_s >= self.knobs.speaking.backchannel_after_s
        if not due or not goes_on or not current.real or self.clips:
            return []
        current.nodded_s = voice_s
        return [Backchannel()]

    def _end_of_turn(self) -> list[TurnAction]:
        if self.protected and self.utterance:
            self.utterance.overdue = True
            return []
        return self._commit()

    def _commit(self, *, cut: bool = False) -> list[TurnAction]:
        """Keys go first when both are there: they were begun before the words ended."""
        current = self.shut()
        if current is None:
            return []
        actions = self._flush_keys() if self.keys else []
        self.floor, self.asked = None, self.floor
        self.timers.cancel(Timer.NO_INPUT)
        revision = current.revision + 1 if cut else current.revision
        return [*actions, Commit(current.id, revision, current.started_at, current.ended_at, cut)]

    def _cut(self, now: float) -> list[TurnAction]:
        """Too long: answer what there is. A voice that goes on opens the next utterance, so no word is lost."""
        current = self.utterance
        if current is None:
            return []
        voiced = current.voiced
        if voiced:
            current.ended_at = now
        actions = interruption.yield_floor(self) if self.playout.undecided else []
        actions += self._commit(cut=voiced)
        if voiced:
            self.open(now)
        return actions

    # Keys

    def _digit(self, event: DigitPressed, now: float) -> list[TurnAction]:
        begun = bool(self.keys)
        entry = self.keypad.press(event.digit, event.at, self.floor)
        if entry is Entry.IGNORED:
            return []
        self.timers.cancel(Timer.NO_INPUT, Timer.INTER_DIGIT)
        actions = interruption.yield_floor(self)
        if not begun and (current := self.shut()):
            # A caller who keys has chosen the keypad; what the recogniser would make of the tones must not count.
            actions.append(Discard(current.id, current.revision, whole=True))
        match entry:
            case Entry.ENDED:
                actions += self._end_keys()
            case Entry.CLEARED:
                self.await_input(now)
            case Entry.OPEN:
                self._await_key(now)
        return actions

    def _await_key(self, now: float) -> None:
        self.timers.arm(Timer.INTER_DIGIT, now + self.keypad.patience_s(self.floor, self.knobs.keypad))

    def _end_keys(self) -> list[TurnAction]:
        """Commit the keys, unless a protected sentence is playing: then its end does it."""
        self.timers.cancel(Timer.INTER_DIGIT)
        return [] if self.protected and self.keys else self._flush_keys()

    def _flush_keys(self) -> list[TurnAction]:
        self.timers.cancel(Timer.INTER_DIGIT, Timer.NO_INPUT)
        self.floor = None
        return [self.keypad.flush()]

    # Playback

    def _queued(self, event: ClipQueued, now: float) -> list[TurnAction]:
        self.clips[event.clip] = event.interruptible
        self.left_s = math.inf
        self.timers.cancel(Timer.NO_INPUT)
        self.await_clip(now)
        return interruption.hold_for_clip(self, now) if event.interruptible else []

    def _floor_given(self, event: FloorGiven, now: float) -> list[TurnAction]:
        self.floor, self.quiet_since = event, now
        self.knobs = event.knobs or self.knobs
        if self.keys and self.keypad.complete(event):
            return self._end_keys()
        if Timer.INTER_DIGIT in self.timers.due:
            self._await_key(now)
        self.await_input(now)
        return []

    def _clip_ended(self, clip: str, at: float, now: float) -> list[TurnAction]:
        if not self.playout.ended(clip):
            return []
        if not self.clips:
            self.timers.cancel(Timer.PLAYBACK)
            self.quiet_since = at
        return self._after_playback(now)

    def _after_playback(self, now: float) -> list[TurnAction]:
        """Answer what was kept while a protected sentence played, else wait for the caller."""
        actions = interruption.settle(self)
        if self.protected:
            return actions
        if self.keys and Timer.INTER_DIGIT not in self.timers.due:
            actions += self._flush_keys()
        if self.utterance and self.utterance.overdue:
            actions += self._commit()
        self.await_input(now)
        return actions

    def _close(self) -> list[TurnAction]:
        self.closed = True
        current = self.shut()
        self.timers.cancel(*tuple(self.timers.due))
        self.floor, self.playout = None, Playout()
        self.keypad.keys = ""
        return [Discard(current.id, current.revision, whole=True)] if current else []
