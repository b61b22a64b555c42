"""Piper (piper-tts 1.4 and later, GPL) for the helper: one voice, sentence by sentence. For a Python that has it installed."""

import hashlib
import importlib
import re
import socket
import sys
import tempfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from agents.speech.folder_growth import watched
from agents.tts.helper_audio import hand_on
from agents.tts.helper_engine import Listener, Tell

_INSTALL: Final = "install it with: pip install '.[piper]'"
_NETWORK_S: Final = 10.0
_NAME: Final = re.compile(r"[a-z]{2,3}_[A-Z]{2}-[a-z0-9_]+-(x_low|low|medium|high)")


class PiperEngine:
    """``settings``: those of piper.py. Raises RuntimeError naming what is missing."""

    def __init__(self, settings: Mapping[str, Any], tell: Tell) -> None:
        library = _import("piper")
        model = _model(settings["voice"], Path(settings["models_dir"]) / "piper", tell)
        try:
            self._voice: Any = library.PiperVoice.load(model, use_cuda=settings["device"] == "cuda")
        except Exception as error:
            raise RuntimeError(f"cannot load the voice {model} ({error})") from error
        speakers = self._voice.config.speaker_id_map
        if settings["speaker"] and settings["speaker"] not in speakers:
            raise RuntimeError(f"{model.name} has no speaker {settings['speaker']!r}; known: {', '.join(speakers) or 'none by name'}")
        self._config = library.SynthesisConfig(
            speaker_id=speakers.get(settings["speaker"]),
            noise_scale=settings["noise"],
            noise_w_scale=settings["noise"],
            normalize_audio=False,  # it would make every sentence as loud as its loudest sound
        )
        with model.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
        self.version = f"{metadata.version('piper-tts')} {digest} {settings['speaker']} {settings['noise']}"

    def speak(self, number: int, text: str, voice: str, rate: float, listener: Listener) -> None:
        """Raises whatever the library raises; ``number`` and ``voice`` have no meaning here."""
        self._config.length_scale = self._voice.config.length_scale / rate
        for chunk in self._voice.synthesize(text.replace("[[", "[ ["), self._config):  # two brackets would begin phonemes
            listener.rate(chunk.sample_rate)
            if not hand_on(chunk.audio_float_array, chunk.sample_rate, listener):
                return


def _model(voice: str, folder: Path, tell: Tell) -> Path:
    """The .onnx file of ``voice``, which is its path or a name such as ``en_US-lessac-medium``."""
    given = Path(voice).expanduser()
    if given.suffix == ".onnx":
        missing = [path.name for path in (given, Path(f"{given}.json")) if not path.is_file()]
        if missing:
            raise RuntimeError(f"{given.parent} holds no {' and no '.join(missing)}; a voice is a pair of both files")
        return given
    if not _NAME.fullmatch(voice):
        raise RuntimeError(f"{voice!r} is neither an .onnx file nor a name such as en_US-lessac-medium; set voice to one of both")
    model = folder / f"{voice}.onnx"
    if not model.is_file():
        _fetch(voice, folder, tell)
    return model


def _fetch(voice: str, folder: Path, tell: Tell) -> None:
    download: Any = _import("piper.download_voices").download_voice
    folder.mkdir(parents=True, exist_ok=True)
    socket.setdefaulttimeout(_NETWORK_S)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        work = Path(name)
        try:
            with watched(work, tell):
                download(voice, work)
        except Exception as error:
            kind = type(error).__name__
            raise RuntimeError(f"{voice} cannot be downloaded ({kind}); check the name and the network, or set voice to a file") from error
        # The weights come last: a voice that has them is whole.
        for suffix in (".onnx.json", ".onnx"):
            (work / f"{voice}{suffix}").replace(folder / f"{voice}{suffix}")


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise RuntimeError(f"{error.name or name} is not installed for {sys.executable}; {_INSTALL}") from error
