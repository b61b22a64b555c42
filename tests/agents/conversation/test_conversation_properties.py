"""Whatever a caller does and whenever: what must hold of every conversation. Random callers in virtual time."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.audio import RATE
from agents.conversation.heard import heard_words
from tests.agents.mind_doubles import Rig, converse, sound_of

LONGEST_HOLD_S = 3.0
"""Voice that decides (0.9 s), the wait for its words (1.0 s), a pause and the recogniser in between."""
INSTANT_S = 1 / RATE
OPEN_S = 0.9
"""``bargein.min_voice_s``: before this only words decide."""

WORDS = [
    "mm hmm",
    "yes",
    "no",
    "stop",
    "okay great",
    "what are your opening hours",
    "where is my order",
    "four five six",
    "seven eight",
    "four five six seven eight",
    "this is the automated",
    "i would like to",
    "purple elephants dance",
    "let me talk to a person",
]


@dataclass(frozen=True)
class Step:
    """After ``after_s`` the caller does one thing for ``for_s``: says ``words``, coughs (no words) or presses ``keys``."""

    after_s: float
    for_s: float
    words: str
    keys: str
    click: bool

    async def do(self, rig: Rig) -> None:
        await asyncio.sleep(self.after_s)
        if self.keys:
            await rig.keys(self.keys, gap_s=0.2)
        elif self.click:
            await rig.line.click(self.for_s / 10)
        elif self.words:
            await rig.line.speak(sound_of(self.words, self.for_s))
        else:
            await rig.coughs(self.for_s)


steps = st.builds(
    Step,
    after_s=st.one_of(st.floats(0.0, 0.5), st.floats(0.0, 5.0)),
    for_s=st.floats(0.1, 3.0),
    words=st.sampled_from(["", *WORDS]),
    keys=st.sampled_from(["", "", "", "", "1", "45678", "0", "#"]),
    click=st.sampled_from([False, False, False, True]),
)


@dataclass(frozen=True)
class Conditions:
    recogniser_s: float
    voice_s: float
    tool_s: float
    greeting: bool
    min_words: int
    murmurs: bool

    def prepare(self, rig: Rig) -> None:
        rig.transcriber.takes_s, rig.speaker.first_s, rig.orders.takes_s = self.recogniser_s, self.voice_s, self.tool_s
        rig.layers = [
            {"bargein": {"greeting_interruptible": self.greeting, "min_words": self.min_words}},
            {"speaking": {"backchannel": self.murmurs, "backchannel_after_s": 2.0}},
        ]


conditions = st.builds(
    Conditions,
    recogniser_s=st.sampled_from([0.0, 0.05, 0.4, 1.5]),
    voice_s=st.sampled_from([0.0, 0.1, 0.6]),
    tool_s=st.sampled_from([0.02, 1.0, 2.9]),
    greeting=st.booleans(),
    min_words=st.sampled_from([1, 2]),
    murmurs=st.booleans(),
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(steps, max_size=8), conditions)
def test_every_conversation_keeps_its_promises(script: list[Step], under: Conditions) -> None:
    async def caller(rig: Rig) -> None:
        for step in script:
            await step.do(rig)

    outcome, rig = converse(caller, under.prepare)  # comes back at all: whoever falls silent is asked and in the end passed on
    assert outcome.kind in ("goodbye", "handover")
    clips_leave_in_order_and_without_a_gap(rig)
    nothing_leaves_after_a_stop(rig)
    nobody_is_talked_over(rig)
    every_hold_ends(rig)
    history_holds_what_left_the_line(rig)
    every_turn_is_answered(rig)


def clips_leave_in_order_and_without_a_gap(rig: Rig) -> None:
    for clip in {stretch.clip for stretch in rig.line.sounded}:
        left = rig.line.left(clip)
        assert np.array_equal(left, rig.line.source(clip)[: len(left)])
    order = [tuple(map(int, stretch.clip.split("."))) for stretch in rig.line.sounded if not stretch.clip.startswith("murmur")]
    assert order == sorted(order)


def nothing_leaves_after_a_stop(rig: Rig) -> None:
    for told, at in rig.line.told:
        if told == "stop":
            begun = {stretch.clip for stretch in rig.line.sounded if stretch.begun_at < at - INSTANT_S}
            assert all(stretch.ended_at <= at + INSTANT_S for stretch in rig.line.sounded if stretch.clip in begun)


def nobody_is_talked_over(rig: Rig) -> None:
    """While it is open what the caller's voice will be, what may be interrupted begins only if the mind has let the line go."""
    for begun, ended in rig.line.voices:
        let_go = [at for told, at in rig.line.told if told == "resume" and at >= begun]
        until = min([ended, begun + OPEN_S, *let_go])
        for stretch in rig.line.sounded:
            assert stretch.clip in rig.line.must_be_heard or not begun + INSTANT_S < stretch.begun_at < until - INSTANT_S


def every_hold_ends(rig: Rig) -> None:
    assert not rig.line.held or rig.line.quiet
    for held_at, free_at in rig.line.holds:
        assert free_at - held_at <= LONGEST_HOLD_S


def history_holds_what_left_the_line(rig: Rig) -> None:
    replies: dict[str, dict[str, None]] = defaultdict(dict)
    for stretch in rig.line.sounded:
        if not stretch.clip.startswith("murmur"):
            replies[stretch.clip.split(".")[0]][stretch.clip] = None
    agent = [turn for turn in rig.notes.turns if turn.who == "agent"]
    assert len(agent) == len(replies)
    for turn, clips in zip(agent, replies.values(), strict=True):
        assert turn.heard == " ".join(filter(None, (heard_of(rig, clip) for clip in clips)))
        assert turn.interrupted or turn.heard == turn.text
        assert turn.started_at <= turn.ended_at


def heard_of(rig: Rig, clip: str) -> str:
    return heard_words(rig.text_of(clip), (), len(rig.line.left(clip)) / RATE, len(rig.line.source(clip)) / RATE)


def every_turn_is_answered(rig: Rig) -> None:
    """After the caller's last words, or during them, the agent has said something more."""
    turns = rig.notes.turns
    spoken = [turn for turn in turns if turn.who == "caller" and turn.via == "speech"]
    if spoken:
        assert any(turn.who == "agent" and turn.ended_at > spoken[-1].started_at for turn in turns)
