"""``python -m tests.e2e.make_speech``: the sentences of the agents that ship, made once for all instances of the tests.

Each instance would make them beside its first calls otherwise, which takes a processor for minutes.
"""

import tempfile
from pathlib import Path

from tests.e2e.instance import Instance, keep_speech, speech_kept


def main() -> None:
    if speech_kept():
        return
    with tempfile.TemporaryDirectory(prefix="patchcord-speech-") as folder:
        instance = Instance(Path(folder) / "data", {"desk.enabled": "false", "tasks.enabled": "false"})
        instance.start()
        try:
            instance.settle_in()
            keep_speech(instance.data)
        finally:
            instance.stop()


if __name__ == "__main__":
    main()
