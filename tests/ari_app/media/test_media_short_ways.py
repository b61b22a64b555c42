"""What most packets take is a short way; it has to end where the long one does, whatever came before."""

from collections import deque
from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents.audio import Pcm
from ari_app.media.g711 import FRAME
from ari_app.media.ledger import Ledger, LedgerEntry
from ari_app.media.playout import Playout, PlayoutEvent, _Clip
from ari_app.media.receive import ReceiveBuffer
from ari_app.media.resample import to_pcm
from ari_app.media.rtp import COMFORT_NOISE, Packet, build, parse
from ari_app.media.suspicion import Suspicion
from ari_app.media.voice import VoiceSettings

ARRIVALS = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 0, 0, 0, 0, 0, 0, -2, -1, 1, 2, 3, 700]),  # sequence number, seen from the next one
        st.sampled_from([0, 0, 0, 0, 0, 0, 8, COMFORT_NOISE, 101]),
        st.sampled_from([160, 160, 160, 160, 80, 1, 0]),
        st.sampled_from([7, 7, 7, 7, 7, 7, 7, 7, 7, 9]),
        st.sampled_from([0.0, 0.005, 0.02, 0.02, 0.02, 0.045, 0.09, 1.6]),
        st.booleans(),
    ),
    max_size=60,
)


def taken(buffer: ReceiveBuffer, datagram: bytes, now: float) -> list[bytes]:
    """As a leg does it."""
    payload = buffer.pass_through(datagram, now)
    return buffer.push(parse(datagram), now) if payload is None else [payload]


@given(ARRIVALS, st.integers(0, 65535), st.integers(0, 2**32 - 1))
def test_a_datagram_that_passes_through_is_one_that_was_parsed_and_pushed(
    arrivals: list[tuple[int, int, int, int, float, bool]], sequence: int, timestamp: int
) -> None:
    short, long = ReceiveBuffer("ulaw"), ReceiveBuffer("ulaw")
    now = 50.0
    for number, (step, kind, size, ssrc, wait, marker) in enumerate(arrivals):
        payload = bytes([number % 250]) * size
        packet = Packet(kind, (sequence + step) % 65536, (timestamp + 160 * step) % 2**32, ssrc, payload, marker)
        now += wait
        assert taken(short, build(packet), now) == long.push(packet, now)
        if step == 0:
            sequence, timestamp = sequence + 1, timestamp + size
        for later in (0.004, 0.024, 0.041):
            at = now + later
            waited = [*long.overdue(at), *long.idle(at)]
            assert ([*short.overdue(at), *short.idle(at)] if at > short.calm_until else []) == waited
    assert short.statistics == long.statistics
    assert (short.concealed, short.ignored, short.quiet) == (long.concealed, long.ignored, long.quiet)


class LongWay(Playout):
    """Takes every frame as those are taken in which something begins or ends."""

    def _plain(self, clip: _Clip, now: float) -> bytes:
        events: list[PlayoutEvent] = []
        piece, done = self._take(clip, FRAME, now, events)
        assert not events and not done
        self._sounding = bool(piece)
        return piece


DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("begin"), st.booleans()),
        st.tuples(st.just("append"), st.integers(0, 2000)),
        st.tuples(st.sampled_from(["end", "hold", "resume", "stop"]), st.just(0)),
        st.tuples(st.just("frame"), st.integers(1, 6)),
    ),
    max_size=60,
)


@given(DEEDS)
def test_a_frame_from_the_middle_of_a_clip_is_what_taking_it_piece_by_piece_gives(deeds: list[tuple[str, int]]) -> None:
    def told(playout: Playout) -> list[object]:
        seen: list[object] = []
        count, now = 0, 0.0
        for what, given_ in deeds:
            if what == "begin":
                count += 1
                playout.begin(count, bool(given_))
            elif what == "append":
                playout.append(count, ramp(given_))
            elif what == "end":
                playout.end(count)
            elif what == "frame":
                for _ in range(given_):
                    now += 0.02
                    seen += [playout.frame(now), playout.leaving, playout.playing]
            else:
                change: Callable[[float], list[PlayoutEvent]] = getattr(playout, what)
                seen.append(change(now))
        return [*seen, list(playout.ledger), playout.underruns]

    assert told(Playout("ulaw")) == told(LongWay("ulaw"))


def ramp(samples: int) -> Pcm:
    return (np.arange(samples) * 37 % 20_000 - 10_000).astype(np.int16)


@given(st.lists(st.tuples(st.floats(-5, 20), st.floats(0, 1), st.sampled_from([0.0, 0.0, 0.0, 0.3])), max_size=120))
def test_a_packet_without_a_sound_is_no_other_suspicion_when_it_is_looked_at_closely(steps: list[tuple[float, float, float]]) -> None:
    short, long = Suspicion(VoiceSettings()), Suspicion(VoiceSettings())
    for rise, probability, evidence in steps:
        # Evidence too little to count keeps the second one off the short way.
        assert short.step(rise, probability, evidence) == long.step(rise, probability, evidence or 1e-12)
        assert short.active == long.active


@given(st.lists(st.floats(-70_000, 70_000, width=32), max_size=200))
def test_samples_are_rounded_and_limited_as_numpy_would(samples: list[float]) -> None:
    given_ = np.array(samples, dtype=np.float32)
    kept = given_.copy()
    assert np.array_equal(to_pcm(given_), np.clip(np.rint(kept), -32768, 32767).astype(np.int16))
    assert np.array_equal(given_, kept)


@given(st.integers(0, 9000), st.integers(-3200, 3200))
def test_the_ledger_keeps_the_last_minute(frames: int, index: int) -> None:
    ledger = Ledger()
    kept: deque[LedgerEntry] = deque(maxlen=3000)
    for number in range(frames):
        entry = LedgerEntry(number * 0.02, number // 500, number * 160, number * 160 + 160)
        ledger.add(*entry)
        kept.append(entry)
    assert len(ledger) == len(kept)
    assert list(ledger) == list(kept)
    assert ledger[index:] == list(kept)[index:]
    if -len(kept) <= index < len(kept):
        assert ledger[index] == kept[index]
