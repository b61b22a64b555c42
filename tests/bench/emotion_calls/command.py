"""Who reaches a person: calm calls that must not, and angry ones that must before the third angry utterance."""

import argparse
import asyncio
import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from agents.audio import Pcm
from agents.emotion.signs import Mode
from agents.stt.moonshine import MoonshineTranscriber
from agents.stt.transcriber import Transcriber, Transcript, TranscriptionError
from agents.tts.speaker import SpeechError
from handoff.rules.errors import RulesError
from tests.bench.emotion_calls.call import Call, Utterance
from tests.bench.emotion_calls.driving import Hearing, Run, run
from tests.bench.emotion_calls.planning import angry_calls, calm_calls
from tests.bench.emotion_calls.rendering import Rendering
from tests.bench.emotion_calls.verdicts import figures
from tests.bench.emotion_calls.voices import CallerVoices
from tests.bench.emotion_calls.watching import Watches

EPILOG: Final = """
what happens
  Each call is a plan of sentences, seeded. In mode audio a voice of a machine speaks them: loud or quiet, moving nearer, cheerful or
  angry, over a clean or noisy line, through G.711 and back. The watch over callers that the service uses judges them turn by turn, with
  the rules that ship, in the memory of this process; no call is placed and time passes as the plan says.

what is not real
  The voices and the anger in them: the synthesised voice of the calm turns, played louder, higher and faster. The words are a script;
  with --recognise they are what the recogniser makes of the sound. Nobody calm asks for a person, and nobody angry does.

examples
  ./patchcord bench emotion_calls --mode text
  ./patchcord bench emotion_calls --mode audio --recognise --out figures.json
"""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        "patchcord bench emotion_calls", description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--mode", choices=("text", "audio"), default="audio", help="of the analysis (default audio)")
    made.add_argument(
        "--purpose",
        choices=("tune", "report"),
        default="report",
        help="sentences and voices: for reports (default), or to choose thresholds",
    )
    made.add_argument("--calm", type=int, default=200, help="calm calls (default 200)")
    made.add_argument("--angry", type=int, default=100, help="angry calls (default 100)")
    made.add_argument("--seed", type=int, default=1, help="of all plans and noises (default 1)")
    made.add_argument("--recognise", action="store_true", help="the recogniser's text of the sound instead of the script's")
    made.add_argument("--rules", type=Path, help="YAML file of rules (default: those that ship)")
    made.add_argument("--model", default="", help="model of the voice (default: the one that ships)")
    made.add_argument("--out", type=Path, help="JSON file for the figures, with what failed and why")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 measured and every bound met, 1 measured and some not, 2 could not be measured."""
    options = parser().parse_args(argv)
    try:
        told = asyncio.run(measured(options))
    except (SpeechError, TranscriptionError, RulesError) as error:
        sys.stderr.write(f"patchcord: {error}\n")
        return 2
    text = json.dumps(told, indent=1)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    for kind in ("calm", "angry"):
        if kind in told:
            sys.stdout.write(f"{kind}: {json.dumps({key: value for key, value in told[kind].items() if key != 'wrong'})}\n")
            for wrong in told[kind]["wrong"]:
                sys.stdout.write(f"  {wrong['id']} {wrong['failure']}: {'; '.join(_rules_of(wrong)) or 'no rule'}\n")
    return 0 if all(told[kind]["met"] for kind in ("calm", "angry") if kind in told) else 1


async def measured(options: argparse.Namespace) -> dict[str, Any]:
    """Raises SpeechError, TranscriptionError, RulesError."""
    mode: Mode = options.mode
    sounding = mode == "audio" or options.recognise
    conditions = {
        "mode": mode,
        "purpose": options.purpose,
        "seed": options.seed,
        "text": "recognised" if options.recognise else "script",
        "python": platform.python_version(),
    }
    told: dict[str, Any] = {"conditions": {**conditions, "rules": str(options.rules or "shipped")}}
    ear = MoonshineTranscriber(1) if options.recognise else None
    try:
        with Watches(mode, options.rules, options.model) as watches:
            async with CallerVoices() as voices:
                rendering = Rendering(voices) if sounding else None
                for kind, calls in (
                    ("calm", calm_calls(options.calm, options.seed, options.purpose)),
                    ("angry", angry_calls(options.angry, options.seed, options.purpose)),
                ):
                    if calls:
                        told[kind] = figures([await _one(call, rendering, watches, _hearing(ear)) for call in calls])
    finally:
        if ear is not None:
            await ear.close()
    return told


async def _one(call: Call, rendering: Rendering | None, watches: Watches, hearing: Hearing) -> Run:
    return await run(call, await rendering.sounds(call) if rendering else None, watches, hearing)


def _hearing(ear: Transcriber | None) -> Hearing:
    async def script(utterance: Utterance, sound: Pcm | None) -> Transcript:
        del sound
        return Transcript(utterance.text, 0.0)

    async def recognised(utterance: Utterance, sound: Pcm | None) -> Transcript:
        return Transcript(utterance.text, 0.0) if ear is None or sound is None else await ear.transcribe(sound)

    return script if ear is None else recognised


def _rules_of(wrong: dict[str, object]) -> list[str]:
    decisions = wrong["decisions"]
    return [f"{each['rule']} {each['act']} after {each['utterance']}" for each in decisions] if isinstance(decisions, list) else []


if __name__ == "__main__":
    raise SystemExit(main())
