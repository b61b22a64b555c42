"""``patchcord backup`` and ``patchcord restore``."""
