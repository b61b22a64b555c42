"""Manners by name: presets of the knobs, each a layer. A layer that names a ``style`` lays the preset under its own knobs."""

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

Style: TypeAlias = Literal["normal", "formal", "casual", "urgent"]

STYLES: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = {
    "normal": {
        "endpointing": {"min_delay_s": 0.2, "max_delay_s": 0.7, "unfinished_delay_s": 1.4},
        "listening": {"no_input_timeout_s": 7.5},
        "speaking": {"backchannel": False, "filler_after_s": 0.7},
    },
    "formal": {
        "endpointing": {"min_delay_s": 0.3, "max_delay_s": 0.95, "unfinished_delay_s": 2.0},
        "listening": {"no_input_timeout_s": 9.0},
        "speaking": {"backchannel": False, "filler_after_s": 1.0},
    },
    "casual": {
        "endpointing": {"min_delay_s": 0.2, "max_delay_s": 0.7, "unfinished_delay_s": 1.4},
        "listening": {"no_input_timeout_s": 7.5},
        "speaking": {"backchannel": True, "filler_after_s": 0.7},
    },
    "urgent": {
        "endpointing": {"min_delay_s": 0.2, "max_delay_s": 0.6, "unfinished_delay_s": 1.2},
        "listening": {"no_input_timeout_s": 5.0},
        "speaking": {"backchannel": False, "filler_after_s": 0.5},
    },
}
"""Every style sets the same knobs, so that a later style undoes an earlier one. ``normal`` holds the defaults."""
