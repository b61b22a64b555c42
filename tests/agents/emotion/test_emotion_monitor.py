import asyncio
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from agents.conversation.attention import Heard
from agents.emotion.course import calm
from agents.emotion.fusion import neutral
from agents.emotion.monitor import EmotionMonitor, Reader
from agents.emotion.signs import Feeling, Mode, Mood, VoiceSigns, WordSigns
from agents.emotion.voice.baseline import Baseline
from agents.emotion.voice.default import DefaultJudge
from agents.emotion.voice.features import VoiceFeatures
from agents.emotion.words.reading import WordReader
from agents.line import CallerAudio, VoiceAudio
from tests.agents.emotion.calling import heard, tagged, turn_of, voice

ANGRY = "This is ridiculous, I am fed up with your terrible service!"


class Judge:
    """Waits to be let go, and then says what it was told to; remembers the baselines it was given."""

    name = "test"

    def __init__(self, signs: VoiceSigns | Exception | None = None) -> None:
        self._signs = signs or VoiceSigns(0.9, -0.5, 0.9, 0.9, 2.0)
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.begun = threading.Event()
        self.baselines: list[Baseline] = []

    def judge(self, features: VoiceFeatures, baseline: Baseline) -> VoiceSigns:
        self.baselines.append(baseline)
        self.begun.set()
        assert self.may_go_on.wait(20)
        if isinstance(self._signs, Exception):
            raise self._signs
        return self._signs


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def monitor(mode: Mode, executor: Executor, judge: Judge | DefaultJudge | None = None) -> EmotionMonitor:
    made = EmotionMonitor(mode, readers=WordReader, judge=judge or Judge(), executor=executor)
    made.voice_allowed = True
    return made


async def answer(watching: EmotionMonitor, said: Heard, within_s: float = 20.0) -> tuple[Feeling, Mood]:
    return await watching.answer(said, turn_of(said), "en", within_s)


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [cast(Any, record).reason for record in caplog.records if record.msg == "feeling_incomplete"]


class Untouchable(tuple[CallerAudio, ...]):
    """Sound that nobody may look at, not even whether there is any."""

    def __len__(self) -> int:
        raise AssertionError("the sound was looked at")

    def __iter__(self) -> Iterator[CallerAudio]:
        raise AssertionError("the sound was looked at")

    def __getitem__(self, key: object) -> Any:
        raise AssertionError("the sound was looked at")


def with_sound(said: Heard, audio: tuple[CallerAudio, ...]) -> Heard:
    return replace(said, audio=audio)


async def test_audio_hears_the_voice(executor: Executor) -> None:
    judge = Judge()
    watching = monitor("audio", executor, judge)
    said = heard(audio=tagged(voice()))
    watching.glance(said)
    feeling, mood = await answer(watching, said)
    assert feeling.method == "audio"
    assert feeling.arousal > 0.7
    assert watching.mood == mood
    assert len(judge.baselines) == 1, "judged once, although glanced at before"


async def test_the_shipped_judge_hears_too(executor: Executor) -> None:
    watching = monitor("audio", executor, DefaultJudge())
    for turn in range(3):
        feeling, mood = await answer(watching, heard(f"number {turn}", number=turn, at=10.0 * turn, audio=tagged(voice(seed=turn))))
    assert feeling.method == "audio"
    assert not mood.on, "always the same voice"


@pytest.mark.parametrize("mode", ["off", "text"])
async def test_without_audio_mode_the_sound_is_never_looked_at(mode: Mode, executor: Executor) -> None:
    judge = Judge()
    watching = monitor(mode, executor, judge)
    said = with_sound(heard(ANGRY), Untouchable())
    watching.glance(said)
    await watching.foresee(said, "en")
    feeling, _ = await answer(watching, said)
    assert feeling.method == "text"
    assert not judge.baselines


async def test_before_the_notice_was_heard_the_sound_is_never_looked_at(executor: Executor) -> None:
    watching = monitor("audio", executor)
    watching.voice_allowed = False
    said = with_sound(heard(ANGRY), Untouchable())
    watching.glance(said)
    await watching.foresee(said, "en")
    assert (await answer(watching, said))[0].method == "text"
    watching.voice_allowed = True
    assert (await answer(watching, heard(number=2, at=20, audio=tagged(voice()))))[0].method == "audio"


async def test_off_says_nothing_whatever_happens(executor: Executor) -> None:
    def nobody_reads(_: str) -> Reader:
        raise AssertionError("the words were read")

    watching = EmotionMonitor("off", readers=nobody_reads, judge=Judge(), executor=executor)
    watching.happened("no_input", 1.0, {})
    for number in range(3):
        assert await answer(watching, heard(ANGRY, number=number, interrupting=True)) == (neutral(), calm())
    assert await watching.foresee(heard(ANGRY), "en") == (neutral(), calm())


async def test_angry_words_are_frustrated_in_mode_text(executor: Executor) -> None:
    watching = monitor("text", executor)
    feeling, mood = await answer(watching, heard(ANGRY))
    assert mood.on == {"frustrated"}
    assert feeling.reasons[0].signal.startswith("words.")


async def test_an_unknown_language_has_no_words(executor: Executor) -> None:
    said = heard(ANGRY)
    feeling, mood = await monitor("text", executor).answer(said, turn_of(said), "xx")
    assert (feeling.states, mood.on) == (neutral().states, frozenset())


async def test_what_is_foreseen_is_what_is_answered_and_changes_nothing(executor: Executor) -> None:
    judge = Judge()
    watching = monitor("audio", executor, judge)
    await answer(watching, heard("I want to know where my parcel is", number=1, at=0.0, audio=tagged(voice())))
    watching.happened("no_match", 3.0, {"in_a_row": 1})
    before = watching.mood
    said = heard("This is annoying, I said: where is my parcel?", number=2, audio=tagged(voice(level=0.3)), interrupting=True)
    foreseen = await watching.foresee(said, "en")
    assert await watching.foresee(said, "en") == foreseen
    assert watching.mood == before
    assert await answer(watching, said) == foreseen
    assert len(judge.baselines) == 2, "one for each utterance"
    assert "behaviour.repeats" in [reason.signal for reason in foreseen[0].reasons]


async def test_a_foresight_that_is_given_up_leaves_the_judgement_to_the_answer(executor: Executor) -> None:
    judge = Judge()
    judge.may_go_on.clear()
    watching = monitor("audio", executor, judge)
    said = heard(audio=tagged(voice()))
    foresight = asyncio.create_task(watching.foresee(said, "en"))
    await asyncio.sleep(0)
    foresight.cancel()
    with pytest.raises(asyncio.CancelledError):
        await foresight
    asyncio.get_running_loop().call_later(0.05, judge.may_go_on.set)
    assert (await answer(watching, said))[0].method == "audio"
    assert len(judge.baselines) == 1


async def test_a_late_voice_is_left_out_and_logged_once(executor: Executor, caplog: pytest.LogCaptureFixture) -> None:
    judge = Judge()
    judge.may_go_on.clear()
    watching = monitor("audio", executor, judge)
    with caplog.at_level(logging.WARNING):
        for number in range(3):
            feeling, mood = await answer(watching, heard(ANGRY, number=number, at=5.0 * number, audio=tagged(voice())), within_s=0.01)
            assert feeling.method == "text"
            assert mood.on == {"frustrated"}
    judge.may_go_on.set()
    assert reasons(caplog) == ["voice_late"]


async def test_what_was_late_still_teaches_how_the_caller_sounds(executor: Executor) -> None:
    judge = Judge(VoiceSigns(0.5, 0.0, 0.1, 0.9, 2.0))
    judge.may_go_on.clear()
    watching = monitor("audio", executor, judge)
    await answer(watching, heard(audio=tagged(voice())), within_s=0.01)
    judge.may_go_on.set()
    executor.submit(int).result()
    await answer(watching, heard(number=2, at=20, audio=tagged(voice())))
    assert judge.baselines[0].heard == 0
    assert judge.baselines[1].heard > 0


async def test_what_is_said_angrily_hardly_becomes_the_usual(executor: Executor) -> None:
    learned = []
    for text in ("where is my parcel", ANGRY):
        judge = Judge(VoiceSigns(0.5, 0.0, 0.1, 0.9, 2.0))
        watching = monitor("audio", executor, judge)
        for number in range(2):
            await answer(watching, heard(text, number=number, at=10.0 * number, audio=tagged(voice())))
        learned.append(judge.baselines[1].heard)
    assert 0 < learned[1] < 0.3 * learned[0]


async def test_a_judge_that_fails_costs_the_voice_and_not_the_call(executor: Executor, caplog: pytest.LogCaptureFixture) -> None:
    watching = monitor("audio", executor, Judge(ValueError(ANGRY)))
    with caplog.at_level(logging.WARNING):
        for number in range(3):
            feeling, mood = await answer(watching, heard(ANGRY, number=number, audio=tagged(voice())))
    assert feeling.method == "text"
    assert mood.on == {"frustrated"}
    assert reasons(caplog) == ["voice_failed"]
    assert cast(Any, caplog.records[-1]).error == "ValueError"
    assert "ridiculous" not in caplog.text


@pytest.mark.parametrize("sound", [VoiceAudio(0.0, voice()), voice(), "sound"])
async def test_sound_of_another_leg_is_refused(sound: object, executor: Executor, caplog: pytest.LogCaptureFixture) -> None:
    judge = Judge()
    watching = monitor("audio", executor, judge)
    with caplog.at_level(logging.WARNING):
        feeling, _ = await answer(watching, heard(audio=cast(Any, [*tagged(voice()), sound])))
    assert feeling.method == "text"
    assert not judge.baselines, "nobody has judged it"
    assert [cast(Any, record).error for record in caplog.records] == ["TypeError"]


async def test_readers_that_fail_cost_the_words_and_not_the_call(executor: Executor, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: str) -> Reader:
        raise OSError("no such list")

    watching = EmotionMonitor("text", readers=broken, judge=Judge(), executor=executor)
    with caplog.at_level(logging.WARNING):
        assert await answer(watching, heard(ANGRY)) == (neutral(), calm())
    assert reasons(caplog) == ["words_failed"]


async def test_an_executor_that_is_closed_costs_the_voice_and_not_the_call(caplog: pytest.LogCaptureFixture) -> None:
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    with caplog.at_level(logging.WARNING):
        feeling, mood = await answer(monitor("audio", pool), heard(ANGRY, audio=tagged(voice())))
    assert feeling.method == "text"
    assert mood.on == {"frustrated"}
    assert reasons(caplog) == ["voice_not_begun"]


async def test_a_later_pause_takes_the_place_of_an_earlier_one(executor: Executor) -> None:
    judge = Judge()
    judge.may_go_on.clear()
    watching = monitor("audio", executor, judge)
    first, second = (heard(revision=revision, audio=tagged(voice(1.0 + revision))) for revision in range(2))
    watching.glance(first)
    judge.begun.wait(20)
    foresight = asyncio.create_task(watching.foresee(first, "en"))
    await asyncio.sleep(0)
    watching.glance(second)
    judge.may_go_on.set()
    assert (await answer(watching, second))[0].method == "audio"
    assert (await foresight)[0].method == "text", "what it waited for is over"


async def test_a_voice_that_was_never_glanced_at_is_judged_when_the_turn_is_over(executor: Executor) -> None:
    watching = monitor("audio", executor)
    watching.glance(heard(revision=0, audio=tagged(voice())))
    assert (await answer(watching, heard(revision=3, audio=tagged(voice()))))[0].method == "audio"


async def test_numbers_that_begin_anew_with_a_conversation_are_told_apart(executor: Executor) -> None:
    judge = Judge()
    watching = monitor("audio", executor, judge)
    watching.glance(heard(number=1, at=10.0, audio=tagged(voice())))
    await answer(watching, heard(number=1, at=70.0, audio=tagged(voice())))
    assert len(judge.baselines) == 2


async def test_too_little_voice_is_no_voice(executor: Executor) -> None:
    watching = monitor("audio", executor)
    hiss = (np.random.default_rng(1).standard_normal(8000) * 30).astype(np.int16)
    assert (await answer(watching, heard(ANGRY, audio=tagged(hiss))))[0].method == "text"


async def test_once_stopped_the_voice_is_not_heard_again_and_the_words_are(executor: Executor) -> None:
    judge = Judge()
    judge.may_go_on.clear()
    watching = monitor("audio", executor, judge)
    said = heard(ANGRY, audio=tagged(voice()))
    watching.glance(said)
    pending = asyncio.create_task(answer(watching, said))
    await asyncio.sleep(0)
    watching.stop_voice()
    judge.may_go_on.set()
    feeling, mood = await pending
    assert feeling.method == watching.mode == "text"
    assert mood.on == {"frustrated"}
    later = with_sound(heard(ANGRY, number=2, at=20), Untouchable())
    watching.glance(later)
    assert (await answer(watching, later))[0].method == "text"


async def test_stopping_the_voice_turns_nothing_on(executor: Executor) -> None:
    modes: tuple[Mode, ...] = ("off", "text")
    for mode in modes:
        watching = monitor(mode, executor)
        watching.stop_voice()
        assert watching.mode == mode


async def test_what_happened_counts(executor: Executor) -> None:
    watching = monitor("text", executor)
    for at in (1.0, 4.0, 7.0):
        watching.happened("no_input", at, {})
    feeling, _ = await answer(watching, heard("hm", at=8))
    assert feeling.states["confused"].level > 0.3
    assert [reason.signal for reason in feeling.reasons] == ["behaviour.silences"]


async def test_badly_recognised_words_count_less_and_only_those(executor: Executor) -> None:
    watching = monitor("text", executor)
    first, second = heard(ANGRY, number=1, at=10.0, confidence=0.35), heard(ANGRY, number=2, at=30.0)
    foreseen, _ = await watching.foresee(first, "en")
    unsurely, mood = await answer(watching, first)
    assert foreseen == unsurely, "the same at the pause as when the turn is over"
    assert unsurely.states["frustrated"].level < 0.3
    assert not mood.on
    feeling, mood = await answer(watching, second)
    assert feeling.states["frustrated"].level > 0.8, "the recogniser said nothing of these"
    assert mood.on == {"frustrated"}


async def test_words_of_a_sure_recogniser_count_in_full(executor: Executor) -> None:
    sure, silent = heard(ANGRY, confidence=0.95), heard(ANGRY)
    assert (await answer(monitor("text", executor), sure))[0] == (await answer(monitor("text", executor), silent))[0]


async def test_no_words_in_what_comes_out(executor: Executor) -> None:
    watching = monitor("audio", executor)
    said = heard(f"{ANGRY} My account is Snowdrop.", audio=tagged(voice()))
    watching.glance(said)
    feeling, mood = await answer(watching, said)
    shown = repr((feeling, mood)).lower()
    assert "snowdrop" not in shown
    assert "your" not in shown


def test_a_reader_is_what_the_monitor_needs() -> None:
    reader: Reader = WordReader("en")
    assert isinstance(reader.read(ANGRY), WordSigns)
