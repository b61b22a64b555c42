"""The voices that come with the packages."""

from typing import Final

RHVOICE: Final = ("bdl", "slt", "alan", "clb")
"""English voices that may be used commercially. ``lyubov`` and ``evgeniy-eng`` of the same package are CC BY-NC-ND and left out."""
FLITE: Final = ("rms", "slt", "awb", "kal", "kal16")
DEFAULT_FLITE: Final = "rms"
PICO: Final = ("de-DE", "en-GB", "en-US", "es-ES", "fr-FR", "it-IT")
