"""``patchcord doctor``: what is wrong, in one line each, and how to mend it."""
