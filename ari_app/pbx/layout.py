"""The folders of one Asterisk instance."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from dialplan.generated import FOLDER

_SOCKET_PATH_LIMIT = 107  # sun_path of unix(7), without the final zero
_CONTROL_SOCKET = "asterisk.ctl"


@dataclass(frozen=True, slots=True)
class AsteriskPaths:
    """Everything below ``base``, except ``run`` when ``base`` is too deep for a socket's path."""

    base: Path
    run: Path
    modules: Path

    @property
    def etc(self) -> Path:
        """Configuration."""
        return self.base / "etc"

    @property
    def lib(self) -> Path:
        """Asterisk's own small database."""
        return self.base / "lib"

    @property
    def share(self) -> Path:
        """Prompts, music and descriptions, as links to the install."""
        return self.base / "share"

    @property
    def spool(self) -> Path:
        """Recordings that are asked for by relative name."""
        return self.base / "spool"

    @property
    def log(self) -> Path:
        """Logs."""
        return self.base / "log"

    def folders(self) -> tuple[Path, ...]:
        """Return the folders to create."""
        return (
            self.base,
            self.etc,
            self.etc / FOLDER,
            self.lib,
            self.lib / "agi-bin",
            self.share,
            self.share / "sounds",
            self.share / "keys",
            self.spool,
            self.log,
            self.run,
        )


def paths_for(data_dir: Path, modules: Path) -> AsteriskPaths:
    """Return the paths of the instance in ``data_dir``.

    The control socket moves to a folder of its own in the system's temporary folder when its path would be too long for a socket.
    """
    base = data_dir.resolve() / "asterisk"
    run = base / "run"
    if len(str(run / _CONTROL_SOCKET).encode()) > _SOCKET_PATH_LIMIT:
        run = Path(tempfile.mkdtemp(prefix="patchcord-"))
    return AsteriskPaths(base, run, modules)
