"""The libraries of the extra ``emotion``, imported when they are needed."""

import importlib
from typing import Any, Final

from agents.emotion.training.errors import ExtraMissing

INSTALL: Final = "pip install '.[emotion]'"


def library(name: str) -> Any:
    """The module ``name``. Raises ExtraMissing, which says how it is installed."""
    try:
        return importlib.import_module(name)
    except (ImportError, OSError) as error:
        raise ExtraMissing(f"training and evaluating need {name.partition('.')[0]} ({error}); install it with: {INSTALL}") from error
