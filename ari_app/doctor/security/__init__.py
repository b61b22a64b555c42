"""``patchcord doctor --security``: who could do what with this instance, and how to stop them. One subject per file; all of it is pure."""
