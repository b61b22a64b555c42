"""What the rules are told of a call, live and in a replay."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened. Kinds with a meaning of their own, and their data:

    - ``started``: ``number`` (dialled), ``agent``; the first one of a call.
    - ``turn``: ``who`` (caller, agent), ``number``, ``start`` and ``end`` on the clock of ``at``; optional ``via`` (speech, keypad) and
      ``interrupted`` (the agent was). Before the ``emotion`` and ``concern`` that are read out of it.
    - ``emotion``, ``concern``: as the records have them (agents/emotion/signs.py for the levels).
    - ``facts``: name to value, what is known by now of the caller and the request; a later one adds and replaces.
    - ``queue``: ``queue``, ``waiting``, ``members_free``, ``expected_wait_s`` (None: not known).
    - ``clock``: ``weekday`` (0 is Monday), ``minute`` of the day, ``holiday``, in the time zone of the rules (``RuleSet.clock``).

    Every other kind is an event that can be counted, such as ``no_input`` or ``tool``.
    """

    kind: str
    at: float
    """Seconds on any clock that does not step back within a call; ``time.monotonic()`` live."""
    data: Mapping[str, object] = field(default_factory=dict)
