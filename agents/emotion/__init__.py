"""How the caller feels: from the sound of their own voice, from their words and from what they do, with the reasons.

``signs`` has the vocabulary; ``voice/`` listens, ``words/`` reads, ``fusion`` joins them into one feeling per utterance, ``course``
follows it over the call. Only sound that is tagged as the caller's leg can enter (``agents.line.CallerAudio``).
"""
