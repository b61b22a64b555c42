"""The Coqui library (coqui-tts 0.28, MPL) for the helper: one model, sentence by sentence. For a Python that has it installed."""

import hashlib
import importlib
import shutil
import socket
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from agents.speech.folder_growth import watched
from agents.tts.helper_audio import hand_on
from agents.tts.helper_engine import Listener, Tell

_INSTALL: Final = "install it with: pip install '.[coqui]'"
_NETWORK_S: Final = 10.0
_SEED: Final = 1
"""The prosody is drawn: begin each sentence alike, so that a text always sounds the same."""
_WHOLE: Final = "patchcord-complete"
"""An empty file that is written last: what was interrupted is fetched again."""


class CoquiEngine:
    """``settings``: those of coqui.py. Raises RuntimeError naming what is missing."""

    def __init__(self, settings: Mapping[str, Any], tell: Tell) -> None:
        self._torch = _import("torch")
        library = _import("TTS.utils.synthesizer")
        self._torch.set_num_threads(settings["threads"])
        if settings["device"] == "cuda" and not self._torch.cuda.is_available():
            raise RuntimeError("torch finds no GPU; check the driver and that torch is a CUDA build, or set device to cpu")
        cuda = settings["device"] != "cpu" and self._torch.cuda.is_available()
        weights, config = _files(settings["model"], Path(settings["models_dir"]), tell)
        try:
            self._model: Any = library.Synthesizer(tts_checkpoint=str(weights), tts_config_path=str(config), use_cuda=cuda)
        except Exception as error:
            raise RuntimeError(f"cannot load the model {settings['model']!r} ({error})") from error
        if hasattr(self._model.tts_config.audio, "do_trim_silence"):
            # It cuts sentences off at a long pause; the program trims the ends itself.
            self._model.tts_config.audio.do_trim_silence = False
        self._speaker, self._language = settings["speaker"] or None, settings["language"] or None
        self._rate = int(self._model.tts_config.audio["sample_rate"])
        spoken_as = f"{settings['speaker']} {settings['language']}"
        self.version = f"{metadata.version('coqui-tts')} {_digest(weights, config)} {spoken_as}"

    def speak(self, number: int, text: str, voice: str, rate: float, listener: Listener) -> None:
        """Raises whatever the model raises; ``number`` and ``voice`` have no meaning here, and ``rate`` none for the models."""
        listener.rate(self._rate)
        for sentence in self._model.split_into_sentences(text, self._language):
            self._torch.manual_seed(_SEED)
            with self._torch.inference_mode():
                wave = self._model.tts(sentence, speaker_name=self._speaker, language_name=self._language, split_sentences=False)
            samples = self._torch.as_tensor(wave, dtype=self._torch.float32).numpy()
            if not hand_on(samples, self._rate, listener):
                return


def _files(model: str, models_dir: Path, tell: Tell) -> tuple[Path, Path]:
    """Weights and config of ``model``: a folder, or a name such as ``tts_models/en/ljspeech/vits``."""
    folder = Path(model).expanduser()
    if not folder.is_dir():
        if model.count("/") != 3 or not model.startswith("tts_models/"):
            raise RuntimeError(f"{model!r} is neither a folder nor a name such as tts_models/en/ljspeech/vits; set model to one of both")
        return _fetched(model, models_dir / "coqui", tell)
    weights = sorted(folder.glob("*.pth"))
    config = folder / "config.json"
    if len(weights) != 1 or not config.is_file():
        raise RuntimeError(f"{folder} must hold config.json and one .pth file")
    return weights[0], config


def _fetched(name: str, models_dir: Path, tell: Tell) -> tuple[Path, Path]:
    manager = _import("TTS.utils.manage").ModelManager(output_prefix=models_dir, progress_bar=False)
    # The library writes to TTS/ below the prefix and takes a folder that is there for a whole one.
    folder = Path(manager.output_prefix) / name.replace("/", "--")
    if folder.exists() and not (folder / _WHOLE).exists():
        shutil.rmtree(folder)
    socket.setdefaulttimeout(_NETWORK_S)
    try:
        with watched(models_dir, tell):
            weights, config, _ = manager.download_model(name)
    except EOFError as error:
        raise RuntimeError(f"the licence of {name} must be agreed to: read it, then set COQUI_TOS_AGREED=1 in the environment") from error
    except Exception as error:
        kind = type(error).__name__
        raise RuntimeError(f"{name} cannot be downloaded ({kind}); check the name and the network, or set model to a folder") from error
    (folder / _WHOLE).touch()
    return Path(weights), Path(config)


def _digest(*files: Path) -> str:
    whole = hashlib.sha256()
    for path in files:
        if path.is_file():
            with path.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()[:16]


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise RuntimeError(f"{error.name or name} is not installed for {sys.executable}; {_INSTALL}") from error
    except OSError as error:  # a binary of another build
        raise RuntimeError(f"{name} does not load in {sys.executable} ({error})") from error
