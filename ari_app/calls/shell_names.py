"""How what a call takes at Asterisk is called, so that what is left of a dead process is known for ours."""

LEG_PREFIX = "patchcord-media-"
BRIDGE_PREFIX = "patchcord-bridge-"
HEARING_PREFIX = "patchcord-hearing-"
"""Of the channel on which a caller who talks with a person is heard."""
