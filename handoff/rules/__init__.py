"""When a person takes over, or the agent changes its manner: thresholds on what is known of a call, as data, with reasons.

``happenings`` and ``decisions`` are the vocabulary, ``rule`` and ``conditions`` the shape of a rules file (``loading``, ``default.yaml``),
``watch.step`` decides. It is pure, so that ``replay`` over stored calls decides what a live call would have decided.
"""
