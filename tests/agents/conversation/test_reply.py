"""What of a reply was heard, is left and may be stopped."""

import pytest

from agents.conversation.reply import CHARACTERS_PER_S, Reply, first_sentence
from agents.flows.acts import Listen, Say
from agents.line import PlaybackFinished, PlaybackPaused, PlaybackResumed, PlaybackStarted, PlaybackStopped

TEXT = "I can tell you where your order is. I can also tell you when we open."


def spoken(*says: Say, interruptible: bool = True) -> Reply:
    return Reply.of(1, [*says, Listen()], None, interruptible=interruptible)


def test_a_sentence_that_must_be_heard_protects_those_before_it_and_not_those_behind() -> None:
    reply = spoken(Say("Welcome to the shop."), Say("This call is recorded.", interruptible=False), Say("How can I help you?"))
    assert [(clip.interruptible, clip.due) for clip in reply.clips] == [(False, True), (False, True), (True, False)]


def test_what_only_the_knobs_protect_is_not_due() -> None:
    reply = spoken(Say(TEXT), interruptible=False)
    assert [(clip.interruptible, clip.due) for clip in reply.clips] == [(False, False), (False, False)]


def test_what_is_left_is_counted_through_pauses() -> None:
    reply = spoken(Say(TEXT))
    first, second = reply.clips
    whole_s = len(TEXT.replace(". I", ".I")) / CHARACTERS_PER_S
    assert reply.left_s(10.0) == pytest.approx(whole_s)
    first.note(PlaybackStarted("1.1", 10.0))
    assert reply.left_s(10.5) == pytest.approx(whole_s - 0.5)
    first.note(PlaybackPaused("1.1", 11.0, 1.0))
    assert reply.left_s(15.0) == pytest.approx(whole_s - 1.0)
    first.note(PlaybackResumed("1.1", 16.0))
    assert reply.left_s(16.5) == pytest.approx(whole_s - 1.5)
    first.note(PlaybackFinished("1.1", 17.5))
    assert reply.left_s(20.0) == pytest.approx(second.length_s)
    second.note(PlaybackStopped("1.2", 18.0, 0.4))
    assert reply.left_s(20.0) == 0.0


def test_a_reply_ends_when_its_last_sound_left_not_when_it_was_given_up() -> None:
    reply = spoken(Say(TEXT))
    first, second = reply.clips
    first.note(PlaybackStarted("1.1", 10.0))
    first.note(PlaybackPaused("1.1", 11.0, 1.0))
    first.note(PlaybackStopped("1.1", 12.5, 1.0))
    second.note(PlaybackStopped("1.2", 12.5, 0.0))
    assert (reply.started_at, reply.ended_at, reply.heard_s) == (10.0, 11.0, 1.0)


def test_what_nobody_reports_any_more_was_heard_up_to_now() -> None:
    reply = spoken(Say(TEXT))
    reply.clips[0].note(PlaybackStarted("1.1", 10.0))
    reply.leave(11.2)
    assert reply.clips[0].heard_s == pytest.approx(1.2)
    assert reply.heard.startswith("I can")
    assert not reply.whole


def test_the_unsaid_rest_begins_with_the_sentence_that_was_cut() -> None:
    reply = spoken(Say("This is said. " + TEXT))
    reply.clips[0].note(PlaybackStarted("1.1", 10.0))
    reply.clips[0].note(PlaybackFinished("1.1", 11.0))
    reply.clips[1].note(PlaybackStarted("1.2", 11.0))
    reply.clips[1].note(PlaybackStopped("1.2", 11.5, 0.5))
    reply.clips[2].note(PlaybackStopped("1.3", 11.5, 0.0))
    assert reply.unsaid() == [Say("I can tell you where your order is."), Say("I can also tell you when we open."), Listen()]


def test_the_words_of_the_last_moments_are_those_that_can_echo() -> None:
    clip = spoken(Say(TEXT)).clips[0]
    assert clip.said_since(0.0, 9.0) == ""
    clip.note(PlaybackStarted("1.1", 10.0))
    clip.note(PlaybackPaused("1.1", 11.5, 1.5))
    everything = clip.said_since(0.0, 14.0)
    lately = clip.said_since(11.2, 14.0)
    assert TEXT.startswith(everything.split()[0])
    assert everything.endswith(lately)
    assert len(lately.split()) < len(everything.split())
    assert clip.said_since(11.6, 14.0) == "", "nothing left since"


def test_the_first_sentence_of_acts_is_found_behind_other_acts() -> None:
    assert first_sentence([Listen(), Say(TEXT)]) == Say("I can tell you where your order is.")
    assert first_sentence([Listen()]) is None
