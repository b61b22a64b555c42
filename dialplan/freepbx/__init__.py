"""FreePBX, and systems like it that write their configuration anew: where Patchcord's lines belong, and what leads to what."""

from .layout import Layout, read_layout
from .lines import NotLikeFreepbx, install, remove
from .snippets import Snippets, snippets

__all__ = ["Layout", "NotLikeFreepbx", "Snippets", "install", "read_layout", "remove", "snippets"]
