"""``patchcord trunk``: which trunks there are, and what is wrong with one."""
