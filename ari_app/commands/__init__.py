"""The commands of ``patchcord``, one file each."""
