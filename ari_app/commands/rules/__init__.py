"""``patchcord rules``: check, show and replay escalation rules."""
