"""``patchcord emotion``: train, evaluate and show models of the caller's voice."""
