"""``patchcord workers``: who answers calls, and changes to that while calls go on."""
