"""The caller's words on their way to an answer: partly heard, heard to a pause, guessed at, over, answered."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from agents.conversation.attention import Advice, Attention, Heard
from agents.conversation.delivery import Delivery
from agents.conversation.dialogue_steps import DialogueSteps
from agents.conversation.ear import Ear, PendingTurn
from agents.conversation.floor import Floor
from agents.conversation.history import History
from agents.conversation.messages import SaidBefore, Transcribed, Unanswered
from agents.conversation.model_run import ModelRunner
from agents.conversation.mouth import Mouth
from agents.conversation.reply import Ahead, Answered
from agents.conversation.speculation import Speculation
from agents.conversation.understanding import ECHO_DELAY_S, LATELY_S, ONE_WORD_S, OwnWords, Understanding
from agents.endpointing.evidence import Grasp
from agents.flows.acts import Act, Handover, HangUp
from agents.line import DigitPressed, VoiceStarted
from agents.transcript import JsonValue, Turn
from agents.turns.events import Commit, CommitKeys, Discard, NothingSaid, PlaybackLeft, ResumePlayout, TurnEvent, Words
from agents.turns.machine import TurnMachine
from agents.turns.utterance import Utterance

STT_FAILURES: Final = 2
"""Failed transcriptions in a row after which a person takes over."""
SURVIVED: Final[Mapping[Words, str]] = {Words.NONE: "noise", Words.ECHO: "echo", Words.ACK: "backchannel", Words.SPEECH: "remark"}
"""Events: the agent went on after a sound of the caller that was no interruption (a remark: fewer words than ``bargein.min_words``)."""


class Listening:
    """``step`` tells the turn machine; ``machine`` is only looked at."""

    def __init__(
        self,
        *,
        machine: TurnMachine,
        ear: Ear,
        mouth: Mouth,
        steps: DialogueSteps,
        floor: Floor,
        history: History,
        delivery: Delivery,
        models: ModelRunner,
        attention: Attention,
        step: Callable[[TurnEvent], Awaitable[None]],
        clock: Callable[[], float],
    ) -> None:
        self._machine = machine
        self._ear = ear
        self._mouth = mouth
        self._steps = steps
        self._floor = floor
        self._history = history
        self._delivery = delivery
        self._step = step
        self._clock = clock
        self._attention = attention
        self._over_agent: set[int] = set()
        """Utterances that began while the agent was speaking."""
        self._understanding = Understanding(floor)
        self._speculation = Speculation(steps, mouth, models, history, clock)
        self._failures = 0
        self._late: list[SaidBefore] = []
        """Said while the caller was being put through: whoever is next on this line may answer."""

    # While the caller speaks

    async def voice_started(self, event: VoiceStarted) -> None:
        before = self._machine.utterance
        silent_s = event.at - before.ended_at if before and not before.voiced else None
        await self._step(PlaybackLeft(self._mouth.left_s(event.at)))
        await self._step(event)
        after = self._machine.utterance
        if event.playing and after and (before is None or after.id != before.id):
            self._over_agent.add(after.id)
        if silent_s is not None and before and after and after.id == before.id:
            self._understanding.went_on(silent_s)

    async def heard(self, message: Transcribed) -> None:
        await (self._heard_partly(message) if message.partial else self._heard_to_pause(message))

    def _own_words(self, started_at: float) -> OwnWords:
        """What the agent said before and during the words of the caller, who began at ``started_at``."""
        now = self._clock()
        if not self._mouth.said_since(started_at - ECHO_DELAY_S, now):
            return OwnWords()
        return OwnWords(
            self._mouth.said_since(started_at - LATELY_S, now), self._mouth.said_since(started_at - ECHO_DELAY_S - ONE_WORD_S, now)
        )

    async def _heard_partly(self, message: Transcribed) -> None:
        utterance = self._machine.utterance
        if message.transcript is None or utterance is None or utterance.id != message.utterance or not utterance.voiced:
            return
        text = message.transcript.text.strip()
        if text:
            self._history.partial(text, self._clock())
        await self._step(self._understanding.so_far(message, text, self._own_words(utterance.started_at)))

    async def _heard_to_pause(self, message: Transcribed) -> None:
        utterance = self._machine.utterance
        if not self._ear.accept(message) or message.transcript is None or utterance is None or utterance.id != message.utterance:
            return
        text = message.transcript.text.strip()
        grasp = self._steps.grasp(text, unheard=self._unheard()) if text and not self._ear.busy else Grasp.UNKNOWN
        pcm, voiced_s = self._ear.sound(utterance.id), utterance.voice_s(self._clock())
        await self._step(self._understanding.at_pause(message, text, self._own_words(utterance.started_at), pcm, voiced_s, grasp))
        if text:
            self._attention.glance(self._so_far(utterance, message.revision, text, message.transcript.confidence))
        settled = not self._machine.held and not self._ear.busy and self._delivery.final is None
        if text and settled and self._machine.utterance is utterance and not utterance.voiced:
            self._speculation.begin(message.utterance, message.revision, text, unheard=self._unheard())

    def pause(self, utterance: int, revision: int) -> None:
        """The voice paused: its sound can be judged while the words are being recognised."""
        now = self._machine.utterance
        if now is not None and now.id == utterance:
            self._attention.glance(self._so_far(now, revision, ""))

    def _so_far(self, utterance: Utterance, revision: int, text: str, confidence: float | None = None) -> Heard:
        return Heard(
            utterance.id,
            revision,
            text,
            self._ear.callers_own(utterance.id),
            utterance.started_at,
            self._clock() if utterance.voiced else utterance.ended_at,
            utterance.id in self._over_agent,
            confidence,
        )

    def _unheard(self) -> bool:
        return self._delivery.unheard(held=self._machine.held)

    def discard(self, action: Discard) -> None:
        """What was begun for these words is of no use any more; with ``whole`` neither are they."""
        self.forget()
        self._ear.discard(action.utterance, whole=action.whole)
        if action.whole:
            self._over_agent.discard(action.utterance)
            self._history.partial("", self._clock())

    def unanswered(self) -> list[Unanswered]:
        """What the caller has said or keyed and got no answer to: what is on record already, then the rest as the line reported it."""
        left: list[Unanswered] = [*self._late, *self._ear.unanswered()]
        if current := self._machine.utterance:
            left += self._ear.replay(current.id, current.started_at, None if current.voiced else current.ended_at)
        keypad = self._machine.keypad
        return [*left, *(DigitPressed(keypad.pressed_until, digit) for digit in keypad.keys)]

    def forget(self) -> None:
        """Throw away the answer that was guessed."""
        self._speculation.forget()

    def survived(self, action: ResumePlayout, speaking: Utterance | None) -> None:
        """The agent goes on after a sound of the caller, unless that is a turn to be answered when the agent is done."""
        if speaking is None or speaking.id != action.utterance or self._machine.utterance is speaking:
            return
        voice_s = speaking.voice_s(self._clock())
        self._history.event(SURVIVED.get(action.words, "noise"), speaking.started_at, {"ms": round(voice_s * 1000)})

    # When the caller has spoken

    def commit(self, commit: Commit) -> None:
        verdict = self._understanding.ended(commit.utterance, commit.revision)
        self._ear.commit(commit, self._clock(), verdict.wait_s if verdict else None)
        if verdict is not None:
            data: dict[str, JsonValue] = {"p": round(verdict.p_finished, 3), "wait_ms": round(verdict.wait_s * 1000)}
            self._history.event("end_of_turn", self._clock(), data)

    async def answer(self, turn: PendingTurn) -> None:
        commit, transcript = turn.commit, turn.result.transcript if turn.result else None
        text = transcript.text.strip() if transcript else ""
        echo = bool(text) and self._understanding.weigh(text, self._own_words(commit.started_at))[0] is Words.ECHO
        if transcript is not None:
            self._failures = 0
        advice = Advice()
        if text and not echo:
            sure = transcript.confidence if transcript is not None else None
            if sure is not None:
                self._history.event("recognised", self._clock(), {"confidence": round(sure, 3)})
            advice = await self._advice(turn, text, sure, self._history.caller(text, commit.started_at, commit.ended_at, "speech"))
        if self._delivery.final is not None:
            await self._answer_late("" if echo else text)
            return
        if transcript is None and not await self._excused():
            return
        if transcript is not None and (echo or not text) and await self._nothing_said(commit, echo=echo):
            return
        unheard = self._unheard()
        acts = self._counted(lambda: self._steps.heard(commit.utterance, commit.revision, text, unheard=unheard))
        if unheard or acts:
            await self._delivery.take_back(commit.utterance)
        first, voice_from = self._speculation.take(acts)
        acts = self._advised(acts, advice)
        latency = {
            "end_of_turn": (turn.committed_at - commit.ended_at) * 1000,
            "stt": transcript.took_s * 1000 if transcript else 0.0,
            "dialogue": self._steps.took_ms,
        }
        if turn.wait_s is not None:
            latency["wait"] = turn.wait_s * 1000
        ahead = Ahead(turn.result.begun_at, turn.result.done_at, turn.committed_at, voice_from) if turn.result else None
        await self._delivery.perform(acts, Answered(commit.ended_at, latency, ahead), first)

    async def _advice(self, turn: PendingTurn, text: str, confidence: float | None, said: Turn) -> Advice:
        """What follows from how the caller feels and what they said, besides the answer."""
        commit = turn.commit
        over_agent = commit.utterance in self._over_agent
        self._over_agent.discard(commit.utterance)
        heard = Heard(commit.utterance, commit.revision, text, turn.audio, commit.started_at, commit.ended_at, over_agent, confidence)
        return await self._attention.answer(heard, said, self._steps.known())

    def _advised(self, acts: list[Act], advice: Advice) -> list[Act]:
        """The answer, or the way to a person in its place; where the dialogue ends by itself, that stands."""
        if any(isinstance(act, Handover | HangUp) for act in acts):
            return acts
        if (pass_on := advice.pass_on) is not None:
            return self._steps.transfer(pass_on.queue, pass_on.reason, pass_on.say)
        return self._steps.preceded(advice.first, acts)

    def _counted(self, step: Callable[[], list[Act]]) -> list[Act]:
        """A step of the dialogue; what it could not make sense of, or had to take back, is on record."""
        before = {"no_match": self._steps.failures, "setback": self._steps.setbacks}
        acts = step()
        after = {"no_match": self._steps.failures, "setback": self._steps.setbacks}
        for kind, count in after.items():
            if count > before[kind]:
                self._history.event(kind, self._clock(), {"in_a_row": count})
        return acts

    async def _answer_late(self, text: str) -> None:
        """Words during the last sentence: a farewell is taken back for them; after a handover the person will answer."""
        acts = self._steps.reconsider(text) if text and self._delivery.final and self._delivery.final.kind == "goodbye" else []
        if acts:
            self._delivery.take_back_farewell()
            await self._delivery.perform(acts)
        elif text and self._delivery.final and self._delivery.final.kind == "handover":
            self._late.append(SaidBefore(text))

    async def _excused(self) -> bool:
        """A transcription failed. True: ask again; False: a person was called."""
        self._failures += 1
        self._history.event("transcription_failed", self._clock(), {"in_a_row": self._failures})
        if self._failures < STT_FAILURES:
            return True
        await self._delivery.perform(self._steps.trouble())
        return False

    async def _nothing_said(self, commit: Commit, *, echo: bool) -> bool:
        """A sound without words of the caller's. What it stopped is said after all; a short one is noise.

        False: somebody spoke, but could not be made out.
        """
        duration_s = commit.ended_at - commit.started_at
        stopped = self._delivery.stopped_by(commit.utterance)
        if not (stopped or echo or duration_s <= self._floor.knobs.listening.noise_below_s):
            return False
        self._history.event("echo" if echo else "noise", commit.started_at, {"ms": round(duration_s * 1000)})
        if stopped:
            await self._delivery.say_rest()
        else:
            await self._step(NothingSaid())
        return True

    async def keyed(self, action: CommitKeys) -> None:
        shown = "•" * len(action.keys) if self._delivery.secret else action.keys
        self._history.caller(shown, action.started_at, action.ended_at, "keypad")
        self.forget()
        if self._delivery.final is not None:
            self._late.append(SaidBefore(action.keys, keyed=True))
        else:
            acts = self._counted(lambda: self._steps.keyed(action.keys))
            latency = {"end_of_turn": (self._clock() - action.ended_at) * 1000, "dialogue": self._steps.took_ms}
            await self._delivery.perform(acts, Answered(action.ended_at, latency))
