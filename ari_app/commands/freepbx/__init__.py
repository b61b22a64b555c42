"""``patchcord freepbx``: Patchcord beside a FreePBX."""
