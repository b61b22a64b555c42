"""``patchcord desk``: who may log in to the pages, and whether their audit is whole."""
