"""How soon the caller's voice holds the agent, what is missed, and what else holds it: offline, in the time of the audio.

    python -m tests.bench.onset [--purpose tune|report] [--each 60] [--json] [--set suspect=0.3 ...]

Each sound of ``tests.bench.turns.sounds`` is said over an agent who speaks, at several levels with and without noise on the line, through
G.711 packets, the listener and the playout of one line, without sockets. Times run from the packet with the first speech frame (rule of
``ari_app.caller.speech_level``) to the agent's last packet with sound, as a caller would measure them on a network without delay.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from agents.audio import Pcm
from ari_app.caller.speech_level import levels_of, spurts, threshold
from ari_app.media.g711 import FRAME, RATE, SILENCE, encode
from ari_app.media.listen import SpurtAudio, SpurtPaused, SpurtStarted
from ari_app.media.modes import AgentMode
from ari_app.media.playout import ClipResumed
from ari_app.media.vad import shared_session
from ari_app.media.voice import VoiceSettings
from tests.bench.turns.sound import Kind, Purpose, Sound
from tests.bench.turns.sounds import catalogue
from tests.bench.turns.sounds_shaping import SPEECH_DBOV

KINDS: Final[tuple[Kind, ...]] = ("interruption", "answer", "digit", "backchannel", "noise")
CONDITIONS: Final = ((-20.0, -70.0), (-26.0, -70.0), (-34.0, -65.0), (-20.0, -38.0), (-26.0, -38.0), (-34.0, -38.0))
"""Level of the sound, and of white noise on the line, in dBov."""
_LEAD_S: Final = 1.5
_TAIL_S: Final = 0.4
_PACKET_S: Final = FRAME / RATE


@dataclass(frozen=True, slots=True)
class Trial:
    """Times in ms from the onset; None: it did not happen."""

    held: float | None
    """The agent's last packet with sound."""
    started: float | None
    """The decision that it is a voice."""
    let_go: int
    """Times that the agent went on by itself after the onset."""
    silence: float
    """Of the agent, in ms, when nothing was decided to be a voice."""
    end_bias: float | None
    """VoicePaused.at after the last speech frame."""


def mixed(pcm: Pcm, level: float, noise: float, chance: np.random.Generator) -> Pcm:
    """A line with ``pcm`` (at SPEECH_DBOV) on it, whole packets, its beginning at any place within one."""
    lead = round(_LEAD_S * RATE) + int(chance.integers(0, FRAME))
    count = -(-(lead + len(pcm) + round(_TAIL_S * RATE)) // FRAME) * FRAME
    line = chance.standard_normal(count) * 32768 * 10 ** (noise / 20)
    line[lead : lead + len(pcm)] += pcm * 10 ** ((level - SPEECH_DBOV) / 20)
    return np.clip(line, -32768, 32767).astype(np.int16)


class Rehearsal:
    """One line whose agent says a tone all the time; packets come and leave on a clock of 20 ms, the phases a fraction of it apart."""

    def __init__(self, settings: VoiceSettings, phase: float) -> None:
        self.started: list[float] = []
        self.paused: list[float] = []
        self.let_go: list[float] = []
        self.loud: list[float] = []
        """When packets with sound left."""
        self._phase = phase
        self._now = 0.0
        self._mode = AgentMode(
            "ulaw", shared_session(), reflex=True, on_spurt=self._spurt, on_playout=self._playout, settings=settings, canceller=None
        )
        self._mode.playout.begin(1, True)

    def _spurt(self, heard: SpurtStarted | SpurtAudio | SpurtPaused, playing: int | None) -> None:
        if isinstance(heard, SpurtStarted):
            self.started.append(self._now)
        elif isinstance(heard, SpurtPaused):
            self.paused.append(heard.at)

    def _playout(self, event: object) -> None:
        if isinstance(event, ClipResumed):
            self.let_go.append(self._now)

    def run(self, packets: Sequence[bytes]) -> None:
        tone = (6000 * np.sin(np.arange(1600) * 0.3)).astype(np.int16)
        for number, packet in enumerate(packets):
            self._now = number * _PACKET_S
            if number % 5 == 0:
                # Twice at first: the filter keeps the last 2 ms back.
                self._mode.playout.append(1, tone if number else np.tile(tone, 2))
            self._mode.heard(packet, self._now)
            self._now += self._phase * _PACKET_S
            frame, _ = self._mode.frame(self._now)
            if frame != SILENCE["ulaw"] * FRAME:
                self.loud.append(self._now)


def trial(sound: Sound, level: float, noise: float, settings: VoiceSettings, chance: np.random.Generator) -> Trial | None:
    """None when nothing of the sound reaches the level of speech."""
    law = encode(mixed(sound.pcm, level, noise, chance).tobytes(), "ulaw")
    packets = [law[start : start + FRAME] for start in range(0, len(law), FRAME)]
    levels = levels_of(packets, ["ulaw"] * len(packets))
    said = spurts(((round(number * _PACKET_S * 1e9), value) for number, value in enumerate(levels)), threshold(levels), 1000)
    if not said:
        return None
    onset, end = said[0].start_ns / 1e9, said[-1].end_ns / 1e9
    line = Rehearsal(settings, float(chance.random()))
    line.run(packets)
    started = next((at for at in line.started if at >= onset - 0.2), None)
    still = line.loud[-1] >= (len(packets) - 2) * _PACKET_S
    quiet = len(packets) - len(line.loud)
    return Trial(
        held=None if still else 1000 * (line.loud[-1] - onset),
        started=None if started is None else 1000 * (started - onset),
        let_go=sum(at >= onset for at in line.let_go),
        silence=1000 * quiet * _PACKET_S if started is None else 0.0,
        # A packet's audio was said before it came.
        end_bias=1000 * (line.paused[-1] - end) if line.paused else None,
    )


def spread(values: Iterable[float], shares: Sequence[int] = (50, 95)) -> dict[str, float]:
    array = np.array(list(values))
    return {f"p{share}": round(float(np.percentile(array, share)), 1) for share in shares} if len(array) else {}


def row(kind: Kind, level: float, noise: float, trials: Sequence[Trial]) -> dict[str, Any]:
    held = [each.held for each in trials if each.held is not None]
    return {
        "kind": kind,
        "level_dbov": level,
        "noise_dbov": noise,
        "n": len(trials),
        "heard": sum(each.started is not None for each in trials),
        "held_ms": spread(held, (50, 95, 99)),
        "held_by_200_ms": sum(each <= 200 for each in held),
        "started_ms": spread(each.started for each in trials if each.started is not None),
        "let_go_first": sum(each.let_go > 0 for each in trials if each.started is not None),
        "stumbles": sum(each.silence > 0 for each in trials),
        "stumble_ms": spread((each.silence for each in trials if each.silence), (50, 100)),
        "end_bias_ms": spread((each.end_bias for each in trials if each.end_bias is not None), (5, 50, 95)),
    }


def steady(noise: float, seconds: float, settings: VoiceSettings, chance: np.random.Generator) -> dict[str, Any]:
    """Nothing but noise, from the first packet on."""
    line = Rehearsal(settings, 0.5)
    law = encode(
        np.clip(chance.standard_normal(round(seconds * RATE)) * 32768 * 10 ** (noise / 20), -32768, 32767).astype(np.int16).tobytes(),
        "ulaw",
    )
    packets = [law[start : start + FRAME] for start in range(0, len(law), FRAME)]
    line.run(packets)
    silent = (len(packets) - len(line.loud)) * _PACKET_S
    return {"noise_alone_dbov": noise, "seconds": seconds, "held": len(line.let_go) + len(line.started), "silence_s": round(silent, 2)}


async def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    purpose: Purpose = options.purpose
    settings = VoiceSettings.model_validate(dict(each.split("=", 1) for each in options.set))
    sounds = await catalogue(purpose, KINDS, seed=options.seed)
    rows: list[dict[str, Any]] = []
    chance = np.random.default_rng(options.seed)
    for kind in KINDS:
        chosen = [sound for sound in sounds if sound.kind == kind][: options.each]
        for done, (level, noise) in enumerate(CONDITIONS):
            sys.stderr.write(f"\r{kind} {done + 1}/{len(CONDITIONS)}   ")
            found = [trial(sound, level, noise, settings, chance) for sound in chosen]
            rows.append(row(kind, level, noise, [each for each in found if each is not None]))
    rows += [steady(noise, 60, settings, chance) for noise in (-60.0, -50.0, -38.0, -30.0)]
    sys.stderr.write("\r\n")
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="How soon the caller's voice holds the agent.")
    parser.add_argument("--purpose", choices=("tune", "report"), default="tune", help="which half of the sounds (default %(default)s)")
    parser.add_argument("--each", type=int, default=60, help="sounds of each kind (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of order, noise and phases")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="other voice settings")
    parser.add_argument("--json", action="store_true", help="one JSON object a row")
    options = parser.parse_args(argv)
    for each in asyncio.run(measure(options)):
        sys.stdout.write((json.dumps(each) if options.json else "  ".join(f"{name} {value}" for name, value in each.items())) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
