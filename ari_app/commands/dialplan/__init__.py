"""``patchcord dialplan``: what numbers do, and how that comes into an Asterisk."""
