"""A dialogue without a telephone: typed lines instead of speech, and conversation files that say what must come of them.

``TextCall`` runs one call; ``conversation_file`` reads a call written down as a test, ``runner`` plays such files.
``./patchcord agents chat NAME`` and ``./patchcord agents test`` are made of these.
"""
