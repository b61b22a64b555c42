"""What the supervisor needs of an Asterisk, whoever runs it."""

from pathlib import Path
from typing import Protocol

from .ports import Wanted


class ManagedAsterisk(Protocol):
    """``AsteriskServer`` starts one of its own; ``ForeignAsterisk`` is somebody else's."""

    @property
    def pid(self) -> int | None:
        """Process id of one that we started and that runs."""
        ...

    @property
    def log_file(self) -> Path:
        """Its log, to be kept small; may not exist."""
        ...

    def wanted_ports(self) -> list[Wanted]:
        """Ports that it is going to listen on."""
        ...

    async def start(self) -> None:
        """Return when calls and ARI are served. Raises PbxError."""
        ...

    async def rx(self, command: str) -> str:
        """What its console prints. Raises StartError."""
        ...

    async def exited(self) -> int:
        """Return, with its status, once it has to be started again."""
        ...

    def kill(self) -> None:
        """End it at once, whatever it does, for ``exited`` to return; nothing when it is somebody else's."""
        ...

    async def stop(self) -> None: ...
