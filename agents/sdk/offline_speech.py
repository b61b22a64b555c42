"""The recogniser and the voice that need nothing but this machine, opened without the service."""

import importlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agents.stt.moonshine import MoonshineTranscriber
from agents.stt.transcriber import Transcriber
from agents.tts.factory import open_speaker
from agents.tts.runtime import ProgramTree
from agents.tts.speaker import Speaker, SpeechError

PROGRAMS: Final = "PATCHCORD_PROGRAMS"
"""Names the module with the RuntimeRoot that runs programs of the unpacked packages."""
DEFAULT_PROGRAMS: Final = "ari_app.pbx.runtime"
DEFAULT_VOICE: Final = "rhvoice:bdl"
_PROJECT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class OfflineSpeech:
    transcriber: Transcriber
    speaker: Speaker


@asynccontextmanager
async def offline_speech(voice: str = "") -> AsyncIterator[OfflineSpeech]:
    """Both warm. Raises SpeechError, TranscriptionError."""
    tree, cache = program_tree(), _PROJECT / ".patchcord" / "cache" / "speech"
    transcriber = MoonshineTranscriber(2)
    try:
        speaker = await open_speaker(voice or DEFAULT_VOICE, tree, cache)
        try:
            await transcriber.warm_up()
            yield OfflineSpeech(transcriber, speaker)
        finally:
            await speaker.close()
    finally:
        await transcriber.close()


def program_tree() -> ProgramTree:
    """The unpacked packages, in PATCHCORD_RUNTIME or in the project. Raises SpeechError when they were never fetched."""
    folder = Path(os.environ.get("PATCHCORD_RUNTIME", _PROJECT / ".patchcord" / "runtime")) / "root"
    name = os.environ.get(PROGRAMS, DEFAULT_PROGRAMS)
    try:
        tree: ProgramTree = importlib.import_module(name).RuntimeRoot(folder)
    except Exception as error:
        raise SpeechError(f"the voices are not there ({error}); fetch them once with: ./patchcord up") from error
    return tree
