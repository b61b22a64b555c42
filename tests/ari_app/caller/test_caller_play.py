"""Prepared audio at exact moments, over loopback, on a line as good or bad as it may be."""

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest

from agents.audio import Pcm
from ari_app.caller.echo_delay import correlation_delays, unique_noise
from ari_app.caller.line_conditions import BurstLoss, Echo, LineConditions
from ari_app.caller.listener import Listener
from ari_app.caller.measures import Side, interval_stats
from ari_app.caller.rtp_session import RtpSession
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.script import AfterAgent, AfterOnset, AtOnce, Patience, Performance, Play, Spoken, Step, Wait

PACKET_NS = 20_000_000


class Pair:
    """A caller under the given conditions, and the agent it talks to."""

    def __init__(self, threads: RtpThreads, conditions: LineConditions | None = None) -> None:
        self.caller, self.agent = RtpSession(threads, conditions=conditions), RtpSession(threads)
        self.caller.start(("127.0.0.1", self.agent.port), "ulaw", None)
        self.agent.start(("127.0.0.1", self.caller.port), "ulaw", None)

    async def perform(self, *steps: Step, limit: float = 3.0) -> tuple[list[Spoken], str | None]:
        ended = asyncio.Event()
        done = Performance(self.caller, Listener(self.caller, ended), ended, {}, Patience(limit=limit))
        await done.run(steps)
        return done.spoken, done.problem

    def close(self) -> None:
        self.caller.close()
        self.agent.close()


@pytest.fixture
def pair(threads: RtpThreads) -> Iterator[Pair]:
    made = Pair(threads)
    yield made
    made.close()


def tone(seconds: float, seed: int = 1) -> Pcm:
    return unique_noise(seconds, -20, seed)


async def test_a_sound_at_once_is_recorded_from_its_first_to_its_last_packet(pair: Pair) -> None:
    (spoken,), problem = await pair.perform(Wait(0.1), Play(tone(0.2), AtOnce(), "cough 7", "(cough)"))
    assert problem is None
    assert (spoken.kind, spoken.label, spoken.text) == ("play", "cough 7", "(cough)")
    loud = [packet.at_ns for packet in pair.caller.log.sent if packet.payload != b"\xff" * 160]
    assert (spoken.start_ns, spoken.end_ns, len(loud)) == (loud[0], loud[-1], 10)


async def test_a_sound_comes_at_its_offset_into_the_agents_turn_over_its_pauses(pair: Pair) -> None:
    turn = np.concatenate((tone(0.3), np.zeros(1600, dtype=np.int16), tone(0.4, 2)))
    pair.agent.play(turn)
    (spoken,), _ = await pair.perform(Play(tone(0.1), AfterOnset(0.4)))
    onset = Side.of(pair.caller.log.received).talk(300)[0].start_ns
    packet = next(packet for packet in pair.caller.log.sent if packet.at_ns == spoken.start_ns)
    assert 0 <= packet.due_ns - (onset + 400_000_000) < PACKET_NS, "the first packet due at or after the offset"


async def test_a_moment_of_the_agents_turn_is_waited_for_by_itself(pair: Pair) -> None:
    pair.agent.play(np.concatenate((np.zeros(3200, dtype=np.int16), tone(0.8))))
    (spoken,), problem = await pair.perform(AfterOnset(0.4), Play(tone(0.1), AtOnce()))
    onset = Side.of(pair.caller.log.received).talk(300)[0].start_ns
    assert problem is None
    assert 0.4 <= (spoken.start_ns - onset) / 1e9 < 0.6


async def test_a_sound_waits_for_the_agents_end(pair: Pair) -> None:
    pair.agent.play(tone(0.3))
    (spoken,), _ = await pair.perform(Play(tone(0.1), AfterAgent(0.25)))
    end = Side.of(pair.caller.log.received).talk(300)[0].end_ns
    assert 0.25 <= (spoken.start_ns - end) / 1e9 < 0.5


async def test_an_agent_that_says_nothing_stops_the_script_or_not(pair: Pair) -> None:
    spoken, problem = await pair.perform(
        Play(tone(0.1), AfterAgent(0.2, limit_s=0.2), "a"),
        Play(tone(0.1), AfterOnset(0.2, limit_s=0.2), "b"),
        Play(tone(0.1), AfterAgent()),
        limit=0.3,
    )
    assert [each.label for each in spoken] == ["a", "b"]
    assert problem == "the agent said nothing within 0.3 s"


async def test_own_speech_is_found_under_noise_and_echo(threads: RtpThreads) -> None:
    """The packets are all loud; the log still knows which of them carry the caller's words."""
    pair = Pair(threads, LineConditions(speech_gain_db=-14, noise_dbov=-35, echo=Echo(10, 100), loss=BurstLoss(0.1)))
    pair.agent.play(tone(1.5))
    (spoken,), _ = await pair.perform(
        Wait(0.3), Play(np.concatenate((np.zeros(800, dtype=np.int16), tone(0.2), np.zeros(800, dtype=np.int16))))
    )
    await asyncio.sleep(0.3)
    pair.close()
    log = pair.caller.log
    side = Side.of(log.sent)
    first = next(index for index, packet in enumerate(log.sent) if packet.at_ns == spoken.start_ns)
    assert side.speech(spoken) == [packet.at_ns for packet in log.sent[first + 5 : first + 15]]
    assert len(side.talk(300)) == 1
    assert min(len(set(packet.payload)) for packet in log.sent) > 8, "noise in every packet"
    assert any(packet.lost for packet in log.sent)
    assert len(pair.agent.log.received) <= sum(not packet.lost for packet in log.sent)


async def test_an_echo_on_the_wire_has_its_delay(threads: RtpThreads) -> None:
    pair = Pair(threads, LineConditions(echo=Echo(15, 120)))
    for _ in range(2):
        pair.agent.play(np.concatenate((tone(0.1), np.zeros(4000, dtype=np.int16))))
    await asyncio.sleep(1.4)
    pair.close()
    heard = correlation_delays(pair.agent.log.sent, pair.agent.log.received, most_ms=400)
    # From the agent's packet leaving to the one with its echo arriving: 120 ms, the packet that it fills, what the clocks are apart.
    assert len(heard) == 2
    assert all(120 <= delay < 120 + 2 * 20 + 15 for delay in heard)


async def test_packets_stay_even_under_all_conditions(threads: RtpThreads) -> None:
    room = tuple(0.9**tap for tap in range(64))
    plain, bad = Pair(threads), Pair(threads, LineConditions(-14, -38, "pink", Echo(15, 200, room), BurstLoss(0.02)))
    for pair in (plain, bad):
        pair.agent.play(tone(1.5))
        pair.caller.play(tone(1.0))
    await asyncio.sleep(1.6)
    for pair in (plain, bad):
        pair.close()
    late = [np.median([packet.at_ns - packet.due_ns for packet in pair.caller.log.sent]) / 1e6 for pair in (plain, bad)]
    assert late[1] < late[0] + 1.0
    assert interval_stats(bad.caller.log.sent).missing == 0
