"""Compares echo cancellers offline, behind the project's own listener: what the agent takes for a caller, and what it still hears of one.

Run with: python -m tests.bench.echo_cancel [--quick] [--wheels FOLDER]. ``--wheels`` is a folder with the packages livekit and
pywebrtc-audio (pip install --target FOLDER), which are not dependencies; without it only libspeexdsp is measured. libspeexdsp and the
agent's voices (flite) come from PATCHCORD_RUNTIME or .patchcord/runtime, callers from the recordings of the recogniser's wheel.

Candidates: ``none``; ``speex``: libspeexdsp alone, its filter 256 ms long, with its own suppressor; ``aec3``: WebRTC's by
pywebrtc-audio; ``livekit``: the same by livekit; ``ours``: ari_app.media.canceller. Times are of the processor, one thread.
"""

import argparse
import asyncio
import ctypes
import importlib
import os
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import soxr

from agents.audio import Pcm
from agents.stt.moonshine import MoonshineTranscriber
from ari_app.media.canceller import EchoCanceller
from ari_app.media.g711 import FRAME, RATE
from ari_app.media.listen import SpurtStarted, SpurtSuspected
from ari_app.media.speex_echo import SpeexLibrary, find
from ari_app.pbx.runtime import RuntimeRoot
from tests.ari_app.media.echo_rig import Listened, Speakerphone, at_level, law, listen, reading
from tests.bench.speech import RUNTIME, wer

SENTENCES = (
    "Hello, this is the front desk. This call may be recorded. How can I help you today?",
    "Your parcel left the depot on Tuesday and should be with you by Friday at the latest.",
    "Sorry, I did not find that number. Could you say it again, digit by digit?",
    "I can help with orders, returns and opening hours. What would you like to do?",
    "We are open from nine to six on weekdays, and from ten to four on Saturdays.",
)
GAINS = (-10, -15, -20, -30)
DELAYS = (20, 60, 120, 200)
PAUSE = np.zeros(RATE // 2, np.int16)


class Bare(Protocol):
    """A library's own canceller."""

    def run(self, received: Pcm, played: Pcm) -> Pcm: ...


class Speex:
    """As its manual has it: frames of 10 ms, the whole delay inside the filter, the preprocessor as suppressor."""

    def __init__(self, path: str) -> None:
        self._lib = ctypes.CDLL(path)
        for name in ("speex_echo_state_init", "speex_preprocess_state_init"):
            getattr(self._lib, name).restype = ctypes.c_void_p
        self._echo = ctypes.c_void_p(self._lib.speex_echo_state_init(80, 2048))
        self._rest = ctypes.c_void_p(self._lib.speex_preprocess_state_init(80, RATE))
        self._lib.speex_echo_ctl(self._echo, 24, ctypes.byref(ctypes.c_int(RATE)))
        self._lib.speex_preprocess_ctl(self._rest, 0, ctypes.byref(ctypes.c_int(0)))
        self._lib.speex_preprocess_ctl(self._rest, 24, self._echo)

    def run(self, received: Pcm, played: Pcm) -> Pcm:
        out = np.empty_like(received)
        for start in range(0, len(received), 80):
            near, far = received[start : start + 80].tobytes(), played[start : start + 80].tobytes()
            to = out[start:].ctypes.data_as(ctypes.c_void_p)
            self._lib.speex_echo_cancellation(self._echo, near, far, to)
            self._lib.speex_preprocess_run(self._rest, to)
        return out


class Aec3:
    def __init__(self) -> None:
        self._processor: Any = importlib.import_module("pywebrtc_audio").AudioProcessor(sample_rate=RATE, echo_cancellation=True)

    def run(self, received: Pcm, played: Pcm) -> Pcm:
        pieces = [self._processor.process(received[at : at + 80], played[at : at + 80]) for at in range(0, len(received), 80)]
        return np.concatenate(pieces)


class Livekit:
    def __init__(self) -> None:
        rtc = importlib.import_module("livekit.rtc")
        self._frame: Any = rtc.AudioFrame
        self._processor: Any = rtc.AudioProcessingModule(echo_cancellation=True)

    def run(self, received: Pcm, played: Pcm) -> Pcm:
        out: list[bytes] = []
        for start in range(0, len(received), 80):
            self._processor.process_reverse_stream(self._frame(played[start : start + 80].tobytes(), RATE, 1, 80))
            near = self._frame(received[start : start + 80].tobytes(), RATE, 1, 80)
            self._processor.process_stream(near)
            out.append(bytes(near.data))
        return np.frombuffer(b"".join(out), dtype=np.int16)


Maker = Callable[[], Bare | EchoCanceller | None]


def call(maker: Maker, played: Pcm, received: Pcm) -> Listened:
    made = maker()
    if isinstance(made, EchoCanceller):
        heard = listen(played, received, made)
        made.close()
        return heard
    size = len(received) // FRAME * FRAME
    return listen(played, made.run(received[:size], law(played)[:size]) if made else received, None)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def voices(count: int) -> list[Pcm]:
    """Agent turns by two synthetic voices at telephone level."""
    root = RuntimeRoot(RUNTIME / "root")
    made = []
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "turn.wav"
        for index in range(count):
            voice, text = ("rms", "slt")[index % 2], SENTENCES[index % len(SENTENCES)]
            subprocess.run([*root.command("flite"), "-voice", voice, "-t", text, "-o", str(target)], check=True, env=root.environment())
            with wave.open(str(target)) as file:
                samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).astype(float)
                rate = file.getframerate()
            telephone: Pcm = np.clip(soxr.resample(samples, rate, RATE), -32768, 32767).astype(np.int16)
            made.append(np.concatenate((PAUSE, at_level(telephone, (-20, -15)[index % 2]), PAUSE)))
    return made


def callers(count: int) -> list[Pcm]:
    """Pieces of speech of 1.5 s that begin with a word."""
    found: list[Pcm] = []
    for pcm in (reading("beckett"), reading("endgame_nagg_nell")):
        levelled = at_level(pcm, -24)
        loud = np.flatnonzero(np.abs(levelled.astype(int)) > 500)
        onsets = [loud[0], *(loud[place + 1] for place in np.flatnonzero(np.diff(loud) > RATE // 5))]
        found += [levelled[onset : onset + RATE * 3 // 2] for onset in onsets if onset + RATE * 3 // 2 < len(levelled)]
    return found[:count]


def self_interruptions(makers: dict[str, Maker], agent: list[Pcm]) -> None:
    say("agent turns with a talk spurt that was the agent's own, first turn of a call / later turns; (suspicions); ERLE after 0.5 1 2 4 s")
    for label, line in (
        ("room 30 ms", Speakerphone()),
        ("room 60 ms", Speakerphone(room_ms=60)),
        ("loss 2 %", Speakerphone(loss=0.02)),
        ("noise -45 dBov", Speakerphone(noise_dbov=-45)),
    ):
        for gain in GAINS:
            for name, maker in makers.items():
                say(f"  {label:14} echo {gain:4} {name:8} " + _interrupted(maker, agent, line, gain))


def _interrupted(maker: Maker, agent: list[Pcm], line: Speakerphone, gain: int) -> str:
    first = later = total = suspected = 0
    reduced = []
    for number, delay in enumerate(DELAYS):
        order = [agent[(number + place) % len(agent)] for place in range(3)]
        played = np.concatenate(order)
        phone = Speakerphone(gain, delay, line.room_ms, line.noise_dbov, line.loss, seed=number)
        received = phone.hears(played)
        heard = call(maker, played, received)
        edges = np.cumsum([len(turn) for turn in order]) / RATE
        per_turn = {int(np.searchsorted(edges, when)) for when in heard.times(SpurtStarted)}
        first += 0 in per_turn
        later += len(per_turn - {0})
        total += 2
        suspected += len(heard.times(SpurtSuspected))
        reduced.append([_reduction(received, heard.cleaned, after) for after in (0.5, 1.0, 2.0, 4.0)])
    erle = " ".join(f"{value:3.0f}" for value in np.mean(reduced, axis=0))
    return f"{first}/{len(DELAYS)} {later}/{total} ({suspected}) ERLE {erle} dB"


def _reduction(received: Pcm, cleaned: Pcm, after: float) -> float:
    part = slice(round((0.5 + after) * RATE), round((1.0 + after) * RATE))
    power = [float(np.mean(pcm[part].astype(float) ** 2)) + 1.0 for pcm in (received, cleaned)]
    return float(10 * np.log10(power[0] / power[1]))


def double_talk(makers: dict[str, Maker], agent: list[Pcm], said: list[Pcm]) -> None:
    say("callers who speak over the agent: heard within 0.6 s of what is heard without echo, and how much later, p50 / p90")
    for gain in (None, *GAINS):
        for level in (-20, -27, -34):
            for name, maker in makers.items():
                say(f"  echo {gain or 'none':>4} caller {level} {name:8} " + _heard(maker, agent, said, gain, level))


def _heard(maker: Maker, agent: list[Pcm], said: list[Pcm], gain: int | None, level: int) -> str:
    late, false = [], 0
    for number, voice in enumerate(said):
        turn = agent[number % len(agent)]
        before = agent[(number + 1) % len(agent)] if number % 2 else turn[:0]
        played = np.concatenate((before, turn))
        onset = len(before) + RATE // 2 + (2400, 8000, 16000)[number % 3]
        near = np.zeros(len(played))
        near[onset : onset + len(voice)] = at_level(voice, level)[: len(played) - onset]
        phone = Speakerphone(gain or 0, DELAYS[number % 4] if gain else 0, seed=number)
        alone = _after(listen(played, Speakerphone(delay_ms=0, seed=number).hears(played, near.astype(np.int16)), None), onset)
        heard = call(maker, played, phone.hears(played, near.astype(np.int16)))
        false += sum(when < onset / RATE for when in heard.times(SpurtStarted))
        if alone is not None and (when := _after(heard, onset)) is not None and when - alone < 0.6:
            late.append(when - alone)
    quantiles = " / ".join(f"{1000 * np.quantile(late, part):4.0f}" for part in (0.5, 0.9)) if late else "-"
    return f"{len(late)} of {len(said)}, {quantiles} ms, {false} false before"


def _after(heard: Listened, onset: int) -> float | None:
    return next((when for when in heard.times(SpurtStarted) if when >= onset / RATE), None)


async def near_speech(makers: dict[str, Maker], agent: list[Pcm], said: list[Pcm]) -> None:
    """What double talk does to the words: the recogniser's text of the cleaned audio against its text of the caller alone."""
    ear = MoonshineTranscriber(threads=1)
    await ear.warm_up()
    for name, maker in makers.items():
        pairs = []
        for number, voice in enumerate(said):
            played = np.concatenate((agent[number % len(agent)], agent[(number + 1) % len(agent)]))
            onset = len(agent[number % len(agent)]) + RATE
            near = np.zeros(len(played), np.int16)
            near[onset : onset + len(voice)] = at_level(voice, -24)
            # The agent falls silent 150 ms after the caller's onset, as it does in a call.
            played[onset + round(0.15 * RATE) :] = 0
            received = Speakerphone(-15, DELAYS[number % 4], seed=number).hears(played, near)
            window = slice(onset - RATE // 5, onset + len(voice) + RATE // 5)
            alone, mixed = law(near), call(maker, played, received).cleaned
            texts = [await ear.transcribe(_wide(pcm[window])) for pcm in (alone, mixed)]
            pairs.append((texts[0].text, texts[1].text))
        say(f"  {name:8} words changed {wer(pairs):.0f} % of {len(pairs)} pieces")
    await ear.close()


def _wide(pcm: Pcm) -> Pcm:
    out: Pcm = soxr.resample(pcm, RATE, 2 * RATE)
    return out


def cost(makers: dict[str, Maker], agent: list[Pcm]) -> None:
    say("processor time in ms for 1 s of audio while the agent speaks; memory of 20 lines in kB each; threads of the process")
    played = np.concatenate(agent)[: 16 * RATE]
    sent, received = law(played), Speakerphone(-15).hears(played)
    for name, maker in makers.items():
        before = _resident()
        kept = [maker() for _ in range(20)]
        for made in kept:
            _run(made, sent[: 3 * RATE], received[: 3 * RATE])
        memory = (_resident() - before) / len(kept)
        spent = min(_spent(maker, sent, received) for _ in range(3))
        threads = len(list(Path("/proc/self/task").iterdir()))
        say(f"  {name:8} {1000 * spent / (len(sent) / RATE):5.2f} ms, {memory:5.0f} kB, {threads} threads")


def _spent(maker: Maker, sent: Pcm, received: Pcm) -> float:
    made = maker()
    started = time.process_time()
    _run(made, sent, received)
    return time.process_time() - started


def _run(made: Bare | EchoCanceller | None, sent: Pcm, received: Pcm) -> None:
    if made is None:
        return
    if not isinstance(made, EchoCanceller):
        made.run(received, sent)
        return
    for start in range(0, len(sent), FRAME):
        now = start / RATE
        made.played(sent[start : start + FRAME].tobytes(), now)
        made.clean(received[start : start + FRAME].tobytes(), now)
        if not start % (10 * FRAME):
            made.explains(now)


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1000


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compares echo cancellers.")
    parser.add_argument("--quick", action="store_true", help="a third of the material")
    parser.add_argument("--wheels", type=Path, help="folder with the packages livekit and pywebrtc-audio")
    options = parser.parse_args(argv)
    path = find(RUNTIME / "root")
    speex = SpeexLibrary(path)
    makers: dict[str, Maker] = {"none": lambda: None, "speex": lambda: Speex(path), "ours": lambda: EchoCanceller(speex)}
    if options.wheels:
        sys.path.insert(0, str(options.wheels))
        makers |= {"aec3": Aec3, "livekit": Livekit}
    agent, said = voices(4 if options.quick else 10), callers(6 if options.quick else 18)
    cost(makers, agent)
    makers.pop("livekit", None)  # the same as aec3
    self_interruptions(makers, agent)
    double_talk({name: maker for name, maker in makers.items() if name != "none"}, agent, said)
    asyncio.run(near_speech(makers, agent, said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
