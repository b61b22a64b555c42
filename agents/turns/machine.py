"""Whose turn it is: line events and passing time go in, decisions come out. No clock, no I/O.

An utterance opens with VoiceStarted and closes with one Commit or one Discard(whole=True). Between its pauses it may be
transcribed many times; each pause is a new revision.
"""

from dataclasses import dataclass

from agents.line import DigitPressed, LineClosed, PlaybackFinished, PlaybackStarted, PlaybackStopped, VoicePaused, VoiceStarted
from agents.turns.events import (
    ClipQueued,
    Commit,
    CommitKeys,
    Discard,
    FloorGiven,
    NoInput,
    NothingSaid,
    StopPlayout,
    Transcribe,
    TurnAction,
    TurnEvent,
    Understood,
)
from agents.turns.knobs import TurnKnobs
from agents.turns.timers import Timer, Timers


@dataclass(slots=True)
class Utterance:
    id: int
    started_at: float
    ended_at: float
    voiced: bool = True
    revision: int = 0
    unfinished: bool = False
    overdue: bool = False
    """Its end of turn has passed while a sentence that must not be interrupted was playing."""


class TurnMachine:
    """One per call. ``step`` is total: any event is accepted in any state."""

    def __init__(self, knobs: TurnKnobs) -> None:
        self.knobs = knobs
        self.timers = Timers()
        self.utterance: Utterance | None = None
        self.clips: dict[str, bool] = {}
        """Queued or playing, to whether they may be interrupted."""
        self.floor: FloorGiven | None = None
        """What is asked of the caller; None while the agent works on an answer."""
        self._asked: FloorGiven | None = None
        self.keys = ""
        self.closed = False
        self._utterances = 0
        self._keyed_from = 0.0
        self._keyed_until = 0.0
        self._quiet_since = 0.0

    @property
    def deadline(self) -> float | None:
        """When the next Tick is due; None: no timer runs."""
        return self.timers.next()

    @property
    def protected(self) -> bool:
        """A sentence that must be heard to its end is queued or playing."""
        return not all(self.clips.values())

    @property
    def voiced(self) -> bool:
        """The caller's voice is on."""
        return self.utterance is not None and self.utterance.voiced

    def step(self, event: TurnEvent, now: float) -> list[TurnAction]:
        """Decisions, in the order in which they are to be carried out. Deadlines that passed before the event happened count first."""
        if self.closed:
            return []
        actions: list[TurnAction] = []
        happened = min(now, event.at) if isinstance(event, VoiceStarted | DigitPressed) else now
        while (timer := self.timers.pop_due(happened)) is not None:
            actions += self._fire(timer, now)
        actions += self._take(event, now)
        return actions

    def _take(self, event: TurnEvent, now: float) -> list[TurnAction]:
        match event:
            case VoiceStarted():
                return self._voice_started(event)
            case VoicePaused():
                return self._voice_paused(event)
            case DigitPressed():
                return self._digit(event, now)
            case Understood():
                self._understood(event)
            case ClipQueued():
                self.clips[event.clip] = event.interruptible
                self.timers.cancel(Timer.NO_INPUT)
                self.timers.arm(Timer.PLAYBACK, now + self.knobs.playback_limit_s)
            case PlaybackStarted():
                if event.clip in self.clips:
                    self.timers.arm(Timer.PLAYBACK, now + self.knobs.playback_limit_s)
            case PlaybackFinished() | PlaybackStopped():
                return self._clip_ended(event.clip, event.at, now)
            case FloorGiven():
                self.floor, self._quiet_since = event, now
                if self.keys and self._complete():
                    return self._end_keys()
                if Timer.INTER_DIGIT in self.timers.due:
                    self._wait_for_key(now)
                self._wait_for_input(now)
            case NothingSaid():
                self.floor = self.floor or self._asked
                self._wait_for_input(now)
            case LineClosed():
                return self._close()
            case _:
                pass
        return []

    # Voice

    def _voice_started(self, event: VoiceStarted) -> list[TurnAction]:
        self.timers.cancel(Timer.NO_INPUT)
        actions: list[TurnAction] = [StopPlayout()] if self.clips and not self.protected else []
        current = self.utterance
        if current is None:
            self._open(event.at)
        elif not current.voiced:
            self.timers.cancel(Timer.END_OF_TURN)
            current.voiced, current.overdue, current.unfinished = True, False, False
            actions.append(Discard(current.id, current.revision, whole=False))
        return actions

    def _open(self, at: float) -> None:
        self._utterances += 1
        self.utterance = Utterance(self._utterances, at, at)
        self.timers.arm(Timer.MAX_UTTERANCE, at + self.knobs.max_utterance_s)

    def _voice_paused(self, event: VoicePaused) -> list[TurnAction]:
        current = self.utterance
        if current is None or not current.voiced:
            return []
        current.voiced, current.ended_at = False, max(current.ended_at, event.at)
        current.revision += 1
        self.timers.arm(Timer.END_OF_TURN, self._end_of_turn(current))
        return [Transcribe(current.id, current.revision)]

    def _end_of_turn(self, utterance: Utterance) -> float:
        extra = self.knobs.numbers_extra_ms if utterance.unfinished else 0
        return utterance.ended_at + (self.knobs.end_of_turn_ms + extra) / 1000

    def _understood(self, event: Understood) -> None:
        current = self.utterance
        if current is None or (current.id, current.revision) != (event.utterance, event.revision) or current.voiced:
            return
        current.unfinished = event.unfinished
        if Timer.END_OF_TURN in self.timers.due:
            self.timers.arm(Timer.END_OF_TURN, self._end_of_turn(current))

    def _commit(self, *, cut: bool = False) -> list[TurnAction]:
        """Keys go first when both are there: they were begun before the words ended."""
        current = self.utterance
        if current is None:
            return []
        actions = self._flush_keys() if self.keys else []
        self.utterance, self.floor, self._asked = None, None, self.floor
        for timer in (Timer.END_OF_TURN, Timer.MAX_UTTERANCE, Timer.NO_INPUT):
            self.timers.cancel(timer)
        revision = current.revision + 1 if cut else current.revision
        return [*actions, Commit(current.id, revision, current.started_at, current.ended_at, cut)]

    # Keys

    def _digit(self, event: DigitPressed, now: float) -> list[TurnAction]:
        if event.digit not in "0123456789*#":
            return []
        self.timers.cancel(Timer.NO_INPUT)
        actions: list[TurnAction] = [StopPlayout()] if self.clips and not self.protected else []
        actions += self._drop_words()
        if event.digit == "#":
            self._keyed_until = event.at
            self._keyed_from = self._keyed_from if self.keys else event.at
            return actions + self._end_keys()
        if event.digit == "*":
            self.keys = ""
            self.timers.cancel(Timer.INTER_DIGIT)
            self._wait_for_input(now)
            return actions
        self._keyed_from = self._keyed_from if self.keys else event.at
        self.keys, self._keyed_until = self.keys + event.digit, event.at
        self._wait_for_key(now)
        return actions + (self._end_keys() if self._complete() else [])

    def _wait_for_key(self, now: float) -> None:
        floor = self.floor
        soon = floor is not None and ((len(self.keys) == 1 and self.keys in floor.menu) or len(self.keys) == floor.enough)
        self.timers.arm(Timer.INTER_DIGIT, now + (self.knobs.menu_key_s if soon else self.knobs.inter_digit_s))

    def _drop_words(self) -> list[TurnAction]:
        """A caller who keys has chosen the keypad; what the recogniser would make of the tones must not count."""
        current = self.utterance
        if current is None or self.keys:
            return []
        self.utterance = None
        self.timers.cancel(Timer.END_OF_TURN)
        self.timers.cancel(Timer.MAX_UTTERANCE)
        return [Discard(current.id, current.revision, whole=True)]

    def _complete(self) -> bool:
        """Before the floor is given nobody knows what is expected: only the pause or ``#`` ends the keys then."""
        if self.floor is None:
            return self.keys == "0"
        return len(self.keys) >= self.floor.max_keys or (len(self.keys) == 1 and self.keys in self.floor.at_once)

    def _end_keys(self) -> list[TurnAction]:
        """Commit the keys, unless a protected sentence is playing: then its end does it."""
        self.timers.cancel(Timer.INTER_DIGIT)
        return [] if self.protected and self.keys else self._flush_keys()

    def _flush_keys(self) -> list[TurnAction]:
        self.timers.cancel(Timer.INTER_DIGIT)
        self.timers.cancel(Timer.NO_INPUT)
        keys, self.keys, self.floor = self.keys, "", None
        return [CommitKeys(keys, self._keyed_from, self._keyed_until)]

    # Playback and waiting

    def _clip_ended(self, clip: str, at: float, now: float) -> list[TurnAction]:
        if self.clips.pop(clip, None) is None:
            return []
        if not self.clips:
            self.timers.cancel(Timer.PLAYBACK)
            self._quiet_since = at
        return self._after_playback(now)

    def _after_playback(self, now: float) -> list[TurnAction]:
        """Answer what was kept while a protected sentence played, else wait for the caller."""
        if self.protected:
            return []
        actions: list[TurnAction] = []
        if self.keys and Timer.INTER_DIGIT not in self.timers.due:
            actions += self._flush_keys()
        if self.utterance and self.utterance.overdue:
            actions += self._commit()
        self._wait_for_input(now)
        return actions

    def _wait_for_input(self, now: float) -> None:
        """Arm no-input when the caller has the floor and everything is quiet; counted from the end of the playback."""
        if self.floor is None or self.clips or self.utterance or self.keys:
            return
        due = self._quiet_since + self.knobs.no_input_s
        self.timers.arm(Timer.NO_INPUT, max(due, now + self.knobs.noise_grace_s))

    def _fire(self, timer: Timer, now: float) -> list[TurnAction]:
        match timer:
            case Timer.END_OF_TURN:
                if self.protected and self.utterance:
                    self.utterance.overdue = True
                    return []
                return self._commit()
            case Timer.MAX_UTTERANCE:
                return self._cut(now)
            case Timer.INTER_DIGIT:
                return self._end_keys()
            case Timer.NO_INPUT:
                self.floor = None
                return [NoInput()]
            case Timer.PLAYBACK:
                self.clips.clear()
                self._quiet_since = now
                return self._after_playback(now)

    def _cut(self, now: float) -> list[TurnAction]:
        """Too long: answer what there is. A voice that goes on opens the next utterance, so no word is lost."""
        current = self.utterance
        if current is None:
            return []
        voiced = current.voiced
        if voiced:
            current.ended_at = now
        actions = self._commit(cut=voiced)
        if voiced:
            self._open(now)
        return actions

    def _close(self) -> list[TurnAction]:
        self.closed = True
        for timer in tuple(self.timers.due):
            self.timers.cancel(timer)
        current, self.utterance = self.utterance, None
        self.keys, self.floor = "", None
        self.clips.clear()
        return [Discard(current.id, current.revision, whole=True)] if current else []
