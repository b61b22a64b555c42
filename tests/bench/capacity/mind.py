"""Not a measurement: the mind process with a recogniser and a voice of declared cost (``up --mind tests.bench.capacity.mind``).

Everything else is as in service: agents, turn taking, call control, records.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from agents.stt.config import TranscriberConfig
from agents.stt.languages import LanguageTranscribers
from agents.tts.config import SpeakerConfig
from agents.tts.factory import Places
from agents.tts.languages import LanguageSpeakers
from ari_app.service import mind
from tests.bench.capacity.speech import LEDGER, DeclaredSpeaker, DeclaredTranscriber, Shares, Work, keep_ledger

_work = Work()
_shares = Shares.of(os.environ)


async def open_transcribers(config: TranscriberConfig, models_dir: Path, environment: Mapping[str, str]) -> LanguageTranscribers:
    return LanguageTranscribers(DeclaredTranscriber(_work, _shares.recogniser), {})


async def open_speakers(config: SpeakerConfig, places: Places) -> LanguageSpeakers:
    return LanguageSpeakers(DeclaredSpeaker(_work, _shares.voice), {})


if __name__ == "__main__":
    # The two names by which the mind opens what the settings say; there is no provider of declared cost for anybody's settings.
    vars(mind).update(open_transcribers=open_transcribers, open_speakers=open_speakers)
    if os.environ.get(LEDGER):
        keep_ledger(_work, Path(os.environ[LEDGER]))
    mind.serve_calls()
