"""What goes over the pipes between a resident synthesiser, the helper, and the program.

Frames both ways: kind (1 byte), request number (4 bytes), payload length (4 bytes), all big-endian, then the payload.
"""

import struct
from typing import Final

HEADER: Final = struct.Struct(">cII")
SPEAK: Final = b"S"
"""To the helper: JSON with ``text``, ``voice`` and ``rate`` (1 is normal speed). Requests are numbered from 1."""
CANCEL: Final = b"C"
"""To the helper: stop that request; its END still comes."""
READY: Final = b"R"
"""From the helper, once, request 0: the version of the synthesiser."""
PROGRESS: Final = b"P"
"""From the helper, before READY: it goes on, with so many megabytes of the voice fetched; decimal digits."""
RATE: Final = b"H"
"""From the helper: samples per second of the audio that follows, as decimal digits."""
AUDIO: Final = b"A"
"""From the helper: signed 16-bit little-endian samples, mono."""
WORD: Final = b"W"
"""From the helper, behind the audio that holds the word's end: a WORD_TIME."""
WORD_TIME: Final = struct.Struct(">4I")
"""First character of a word in the text, the one behind its last, first sample, the one behind its last; all from 0."""
END: Final = b"E"
"""From the helper: the request is over."""
FAILED: Final = b"F"
"""From the helper: the request (or, with number 0, the start) failed; a message for humans."""
