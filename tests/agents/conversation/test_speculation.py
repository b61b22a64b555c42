"""What is done before the turn is over: transcripts in the middle of the voice, answers that may never be given, the time that saves."""

import asyncio

import pytest

from agents.audio import RATE, Pcm
from agents.conversation.reply import Ahead
from agents.stt.transcriber import Hint, Transcript
from agents.transcript import Turn
from tests.agents.mind_doubles import HonestTranscriber, Rig, converse, sound_of


def answers(rig: Rig) -> list[Turn]:
    return [turn for turn in rig.notes.turns if turn.who == "agent" and turn.latency_ms]


async def up_to_confirmation(rig: Rig) -> None:
    await rig.hears("How can I help")
    await rig.says("my order four five six seven eight")
    await rig.hears("Is that right?")


def test_an_answer_thought_of_too_early_leaves_nothing_behind() -> None:
    async def script(rig: Rig) -> None:
        await up_to_confirmation(rig)
        await rig.says("yes")
        await rig.says("no that is wrong", after_s=0.08)  # 180 ms after the yes: before the shortest wait is over
        await rig.hears("say the number again")
        rig.line.hang_up()

    _, rig = converse(script)
    assert "Thank you." in " ".join(rig.speaker.asked), "the answer to the yes was on its way"
    assert rig.orders.asked == [], "no tool runs on a guess"
    said = rig.notes.said()
    assert said[-3:-1] == ["agent: I heard four, five, six, seven, eight. Is that right?", "caller: yes no that is wrong"]
    assert not any("Thank you" in line for line in said)
    assert "reply_dropped" not in rig.notes.kinds()
    assert [kind for kind in rig.notes.kinds() if kind == "tool"] == []
    played = " ".join(rig.text_of(clip) for clip in rig.line.given)
    assert "Thank you" not in played


def test_the_dialogue_is_where_it_would_be_without_the_guess() -> None:
    async def script(rig: Rig) -> None:
        await up_to_confirmation(rig)
        await rig.says("yes")
        await rig.says("no that is wrong", after_s=0.08)
        await rig.hears("say the number again")
        await rig.says("seven four five one two")
        await rig.hears("seven, four, five, one, two")
        await rig.says("yes")
        await rig.hears("kettle")
        rig.line.hang_up()

    outcome, rig = converse(script)
    assert outcome.slots == {"order_number": "74512"}
    assert rig.orders.asked == [("orders.find", {"number": "74512"})]


def test_every_spoken_turn_tells_what_was_saved_and_how_the_wait_was_decided() -> None:
    async def script(rig: Rig) -> None:
        await up_to_confirmation(rig)
        await rig.says("yes")
        await rig.hears("desk lamp")
        rig.line.hang_up()

    _, rig = converse(script)
    ends = [dict(data) for kind, _, data in rig.notes.events if kind == "end_of_turn"]
    assert len(ends) == len(answers(rig)) == 2
    for turn, end in zip(answers(rig), ends, strict=True):
        figures = turn.latency_ms
        assert end["wait_ms"] == pytest.approx(figures["wait"], abs=1)
        assert isinstance(end["p"], float)
        assert 0 <= end["p"] <= 1
        assert figures["end_of_turn"] == pytest.approx(figures["wait"], abs=5)
        work = figures["stt"] + figures["tts"]
        spare = figures["end_of_turn"] - 100  # the pause is noticed 100 ms after its beginning
        assert figures["speculation"] == pytest.approx(min(work, spare), abs=5)
        assert figures["gap"] == pytest.approx(max(figures["end_of_turn"], 100 + work), abs=10)


def test_a_slow_recogniser_saves_no_more_than_there_was_time_for() -> None:
    def prepare(rig: Rig) -> None:
        rig.transcriber.takes_s = 1.5

    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("what are your opening hours")
        await rig.hears("We are open now")
        rig.line.hang_up()

    _, rig = converse(script, prepare)
    [turn] = answers(rig)
    assert "wait" not in turn.latency_ms, "the words came after the end"
    assert turn.latency_ms["speculation"] == pytest.approx(turn.latency_ms["end_of_turn"] - 100, abs=5)


@pytest.mark.parametrize(
    ("ahead", "first_audio_s", "saved_s"),
    [
        (Ahead(10.0, 10.05, 10.5, voice_from=10.05), 0.1, 0.15),
        (Ahead(10.0, 10.05, 10.1, voice_from=10.05), 0.1, 0.1),
        (Ahead(10.0, 10.05, 10.5), 0.1, 0.05),
        (Ahead(10.0, 10.05, 10.5, voice_from=10.05), None, 0.05),
        (Ahead(10.5, 10.6, 10.5), 0.1, 0.0),
    ],
)
def test_time_saved_is_the_work_done_before_the_turn_was_over(ahead: Ahead, first_audio_s: float | None, saved_s: float) -> None:
    assert ahead.saved_s(first_audio_s) == pytest.approx(saved_s)


def test_what_the_caller_says_can_be_watched_and_is_not_recorded() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("what are your opening hours", seconds=3.0)
        await rig.hears("We are open now")
        rig.line.hang_up()

    _, rig = converse(script)
    assert "what are your opening hours" in rig.notes.partials
    assert not any("opening" in str(data) for _, _, data in rig.notes.events)
    assert rig.notes.said().count("caller: what are your opening hours") == 1


def test_what_came_to_nothing_vanishes_from_the_screen() -> None:
    async def script(rig: Rig) -> None:
        await rig.begins(after_s=1.0)
        await rig.line.speak(sound_of("mm hmm", 0.5))
        await rig.hears("How can I help")
        rig.line.hang_up()

    _, rig = converse(script)
    assert rig.notes.partials[-1] == ""


class CountingTranscriber(HonestTranscriber):
    """Knows how many utterances are with it at the same time, and how long they were."""

    def __init__(self) -> None:
        super().__init__(takes_s=2.0)
        self.at_work = self.most = 0
        self.lengths_s: list[float] = []

    async def transcribe(self, pcm: Pcm, hint: Hint = Hint.SPEECH) -> Transcript:
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        self.lengths_s.append(len(pcm) / RATE)
        try:
            return await super().transcribe(pcm, hint)
        finally:
            self.at_work -= 1


def test_a_slow_recogniser_has_one_piece_of_work_at_a_time_and_the_pause_comes_first() -> None:
    counting = CountingTranscriber()

    def prepare(rig: Rig) -> None:
        rig.transcriber = counting

    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("what are your opening hours", seconds=15.0)
        await rig.hears("We are open now")
        rig.line.hang_up()

    _, rig = converse(script, prepare)
    assert counting.most == 1
    assert len(counting.lengths_s) >= 5
    assert max(counting.lengths_s[:-1]) <= 8.0, "a partial transcript looks at the latest seconds only"
    assert counting.lengths_s[-1] == pytest.approx(15.0, abs=0.01)
    [turn] = answers(rig)
    assert turn.latency_ms["stt"] == pytest.approx(2000)
    assert turn.latency_ms["gap"] == pytest.approx(2000 + 100 + turn.latency_ms["tts"], abs=20), (
        "the pause did not wait for the partial one"
    )


def test_hanging_up_in_the_middle_of_a_guess_ends_cleanly() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("How can I help")
        await rig.says("what are your opening hours")
        await asyncio.sleep(0.06)
        rig.line.hang_up()

    outcome, _ = converse(script)
    assert outcome.kind == "caller_left"
