"""A conversation tells what it hears to whoever watches over the caller, and does what they say."""

from collections.abc import Callable, Mapping

import pytest

from agents.conversation.attention import Advice, Heard, PassOn
from agents.line import CallerAudio
from agents.transcript import Turn
from tests.agents.mind_doubles import Rig, converse


class Watcher:
    """Says ``advice`` after a turn with its words in it; keeps what it is told."""

    def __init__(self, advice: Mapping[str, Advice] | None = None, notice: str = "") -> None:
        self.advice = advice or {}
        self._notice = notice
        self.glances: list[Heard] = []
        self.answers: list[tuple[Heard, Turn, Mapping[str, str]]] = []
        self.told = 0
        self.told_at = 0.0

    def notice(self, language: str) -> str:
        assert language == "en"
        return "" if self.told else self._notice

    def announced(self, at: float) -> None:
        self.told += 1
        self.told_at = at

    def glance(self, heard: Heard) -> None:
        self.glances.append(heard)

    async def answer(self, heard: Heard, turn: Turn, known: Mapping[str, str]) -> Advice:
        self.answers.append((heard, turn, dict(known)))
        return next((advice for words, advice in self.advice.items() if words in turn.text), Advice())


def watched(watcher: Watcher, *, tagged: bool = True) -> Callable[[Rig], None]:
    def prepare(rig: Rig) -> None:
        rig.attention = watcher
        rig.line.caller_alone = tagged

    return prepare


async def asks_for_hours(rig: Rig) -> None:
    await rig.hears("help you")
    await rig.says("what are your opening hours")
    await rig.hears("open")
    rig.line.hang_up()


def test_each_turn_is_told_with_the_callers_own_sound() -> None:
    watcher = Watcher()
    converse(asks_for_hours, watched(watcher))
    [(heard, turn, _)] = watcher.answers
    assert turn.text == heard.text == "what are your opening hours"
    assert heard.audio
    assert all(type(piece) is CallerAudio for piece in heard.audio)
    assert (turn.started_at, turn.ended_at) == (heard.started_at, heard.ended_at)
    assert not heard.interrupting
    first, *_, last = watcher.glances
    assert (first.text, last.text) == ("", heard.text), "the sound could be judged at the pause, before the words were there"
    assert (first.utterance, first.revision) == (last.utterance, last.revision)
    assert (watcher.glances[-1].utterance, watcher.glances[-1].revision) == (heard.utterance, heard.revision)


def test_sound_that_is_not_tagged_as_the_callers_is_not_passed_on() -> None:
    watcher = Watcher()
    converse(asks_for_hours, watched(watcher, tagged=False))
    assert [heard.audio for heard, _, _ in watcher.answers] == [()]
    assert all(heard.audio == () for heard in watcher.glances)


def test_one_piece_that_is_not_tagged_spoils_the_utterance() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("help you")
        await rig.says("what are your")
        rig.line.caller_alone = False
        await rig.says("opening hours", after_s=0.05)
        await rig.hears("open")
        rig.line.hang_up()

    watcher = Watcher()
    converse(script, watched(watcher))
    assert [heard.text for heard, _, _ in watcher.answers] == ["what are your opening hours"]
    assert watcher.answers[0][0].audio == ()


def test_words_over_the_agent_are_told_as_such() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("help you")
        await rig.says("what are your opening hours")
        await rig.begins(0.4, "open")
        await rig.says("no stop I want to know where my order is", after_s=0.0)
        await rig.hears("number")
        rig.line.hang_up()

    watcher = Watcher()
    converse(script, watched(watcher))
    assert [heard.interrupting for heard, _, _ in watcher.answers] == [False, True]


def test_the_advised_sentence_comes_before_the_answer() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("help you")
        await rig.says("what are your opening hours")
        assert "I understand" in await rig.hears("")
        await rig.hears("open")
        rig.line.hang_up()

    _, rig = converse(script, watched(Watcher({"hours": Advice("I understand this is frustrating.")})))
    answer = rig.notes.turns[2]
    assert answer.text.startswith("I understand this is frustrating.")
    assert "open" in answer.text


@pytest.mark.parametrize("say", ["", "I can hear that this has gone on for too long."])
def test_a_caller_who_is_to_be_passed_on_is_put_through_in_place_of_the_answer(say: str) -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("help you")
        await rig.says("what are your opening hours")
        await rig.hears(say)

    outcome, rig = converse(script, watched(Watcher({"hours": Advice(pass_on=PassOn("frustrated", "care", say))})))
    assert (outcome.kind, outcome.reason, outcome.queue) == ("handover", "frustrated", "care")
    assert "9" not in rig.notes.turns[-1].text, "the hours are not told on the way"


def test_a_dialogue_that_ends_by_itself_is_left_to_it() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("help you")
        await rig.says("I want to speak to a person")
        await rig.hears("")

    outcome, _ = converse(script, watched(Watcher({"person": Advice(pass_on=PassOn("frustrated", "care"))})))
    assert (outcome.kind, outcome.reason) == ("handover", "caller_request")


def test_the_notice_is_heard_whole_and_told_once() -> None:
    notice = "A computer also judges the tone of your voice."

    async def script(rig: Rig) -> None:
        await rig.begins(0.2, "tone of your voice")
        await rig.says("what are your opening hours", after_s=0.0)
        await rig.hears("open")
        rig.line.hang_up()

    watcher = Watcher(notice=notice)
    _, rig = converse(script, watched(watcher))
    assert watcher.told == 1
    heard = next((turn for turn in rig.notes.turns if turn.who == "agent" and notice in turn.heard), None)
    assert heard is not None, "whoever speaks into it hears it all the same"
    assert heard.started_at < watcher.told_at <= heard.ended_at, "told when the last of it has left for them"


def test_a_caller_who_hangs_up_within_the_notice_has_not_been_told() -> None:
    async def script(rig: Rig) -> None:
        await rig.begins(0.2, "tone of your voice")
        rig.line.hang_up()

    watcher = Watcher(notice="A computer also judges the tone of your voice.")
    converse(script, watched(watcher))
    assert watcher.told == 0


def test_what_made_no_sense_is_on_record() -> None:
    async def script(rig: Rig) -> None:
        await rig.hears("help you")
        await rig.says("colourless green ideas sleep")
        await rig.hears("")
        await rig.says("furiously and at length")
        await rig.hears("")
        rig.line.hang_up()

    _, rig = converse(script, watched(Watcher()))
    assert [data["in_a_row"] for kind, _, data in rig.notes.events if kind == "no_match"] == [1, 2]
