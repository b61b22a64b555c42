"""Trunks to carriers: trunks.yaml, and what becomes of it in pjsip.conf and extensions.conf."""

from .entries import NO_TRUNKS, TrunkEntry, Trunks, default_trunks
from .errors import TrunksError
from .loading import load_trunks
from .rendering import render_trunks

__all__ = ["NO_TRUNKS", "TrunkEntry", "Trunks", "TrunksError", "default_trunks", "load_trunks", "render_trunks"]
