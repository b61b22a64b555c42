"""The processes of an instance: the supervisor, the mind and what they need."""

import gc
import sys

if sys.argv[:1] == ["-m"] and "ari_app.service.mind" in sys.orig_argv:
    # The mind is being started, and callers may be waiting for it: nothing that it loads is garbage. ``Mind.run`` lets the collector work
    # again when everything is there. The other processes never would: what requests leave behind would stay for ever.
    gc.disable()
