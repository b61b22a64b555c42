"""Training and evaluating models of the caller's voice on labelled clips. Needs the extra ``emotion``; calls never import this.

``corpus`` finds the clips, ``sound`` reads them, ``telephone`` makes a line of them, ``splits`` keeps speakers apart, ``measuring``
and ``rows`` turn them into numbers, ``fitting`` and ``export`` make the model; ``figures``, ``evaluating``, ``plots`` and ``card``
say how good it is.
"""
