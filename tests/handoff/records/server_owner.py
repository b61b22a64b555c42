"""A process of its own for test_postgres_server.py: starts the server on FOLDER, says its process id, and waits to be killed."""

import sys
import time
from pathlib import Path

from handoff.records.server import EmbeddedServer

if __name__ == "__main__":
    server = EmbeddedServer(Path(sys.argv[1]))
    server.start()
    sys.stdout.write(f"{server.pid}\n")
    sys.stdout.flush()
    time.sleep(60)
