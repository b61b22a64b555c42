"""The files of a Whisper model in CTranslate2's format: found on disk, or fetched once from the model hub. Blocking."""

import importlib
import logging
import time
from pathlib import Path
from typing import Any, Final

from agents.speech.folder_growth import watched
from agents.stt.transcriber import TranscriptionError

log = logging.getLogger(__name__)

INSTALL: Final = "pip install '.[faster_whisper]'"
_NEEDED: Final = ("model.bin", "config.json")
_WANTED: Final = ("model.bin", "config.json", "preprocessor_config.json", "tokenizer.json", "vocabulary.*")
_WHOLE: Final = "patchcord-complete"
"""An empty file that is written last: what was interrupted is fetched again."""


def model_folder(model: str, models_dir: Path) -> Path:
    """Folder of ``model`` (a folder, a size or a name on the hub), fetched into ``models_dir`` when it is not there yet.

    Raises TranscriptionError.
    """
    given = Path(model).expanduser()
    if given.is_dir() or model.startswith(("/", ".", "~")):
        return _complete(given)
    repository = repository_of(model)
    folder = models_dir / "whisper" / repository.replace("/", "--")
    if not (folder / _WHOLE).exists():
        _fetch(model, repository, folder)
    return _complete(folder)


def repository_of(model: str) -> str:
    """Name on the hub of a size such as ``small``. Raises TranscriptionError naming the sizes there are."""
    if "/" in model:
        return model
    sizes: dict[str, str] = _import("faster_whisper.utils")._MODELS
    if model not in sizes:
        raise TranscriptionError(
            f"faster_whisper: there is no model {model!r}; name a folder, a model on the hub, or one of: {', '.join(sizes)}"
        )
    return sizes[model]


def _complete(folder: Path) -> Path:
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    if missing:
        raise TranscriptionError(
            f"faster_whisper: {folder} holds no {' and no '.join(missing)}; it must be a Whisper model in CTranslate2's format"
        )
    return folder


def _fetch(model: str, repository: str, folder: Path) -> None:
    hub = _import("huggingface_hub")
    started = time.monotonic()
    log.info("model_download_began", extra={"model": repository})
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with watched(folder, lambda mb: log.info("model_download", extra={"model": repository, "mb": round(mb)})):
            hub.snapshot_download(repository, local_dir=folder, allow_patterns=list(_WANTED), etag_timeout=5, tqdm_class=_silent_bar())
    except Exception as error:  # the hub's client raises those of several libraries
        raise TranscriptionError(
            f"faster_whisper: the model {model!r} cannot be downloaded ({type(error).__name__}); check the network and the name, "
            "or set model to a folder that holds it"
        ) from error
    _complete(folder)
    (folder / _WHOLE).touch()
    log.info("model_download_done", extra={"model": repository, "seconds": round(time.monotonic() - started, 1)})


def _silent_bar() -> Any:
    """The hub draws bars on the terminal otherwise, in the middle of the log."""
    return _import("faster_whisper.utils").disabled_tqdm


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise TranscriptionError(f"faster_whisper: {error.name or name} is not installed; install it with: {INSTALL}") from error
