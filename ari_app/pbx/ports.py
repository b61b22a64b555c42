"""Checks that ports are free before a program starts that wants them: Asterisk would start without them and be deaf."""

import contextlib
import errno
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .errors import PortInUseError

Protocol = Literal["udp", "tcp"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A port that is going to be listened on."""

    protocol: Protocol
    address: str
    port: int
    use: str
    """What for, e.g. ``SIP``."""
    setting: str
    """The setting that moves it, e.g. ``sip.port``."""
    option: str = ""
    """The option of ``patchcord up`` that does the same, e.g. ``--sip-port``."""


def check_free(wanted: list[Wanted]) -> None:
    """Bind every port for a moment.

    Raises:
        PortInUseError: one is taken, or the address is not of this machine; the message names port, owner and setting.
    """
    for port in wanted:
        kind = socket.SOCK_DGRAM if port.protocol == "udp" else socket.SOCK_STREAM
        with contextlib.closing(socket.socket(socket.AF_INET, kind)) as probe:
            if port.protocol == "tcp":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((port.address, port.port))
                if port.protocol == "tcp":
                    probe.listen(1)
            except OSError as error:
                raise PortInUseError(_explain(port, error)) from error


def _explain(port: Wanted, error: OSError) -> str:
    name = f"{port.protocol.upper()} port {port.port} on {port.address} ({port.use})"
    remedy = f"Choose another one with {f'{port.option}, or ' if port.option else ''}{port.setting} in patchcord.yaml"
    if error.errno != errno.EADDRINUSE:
        return f"{name} cannot be opened: {error.strerror}. {remedy} or correct the address."
    owner = owner_of(port.protocol, port.port)
    return f"{name} is in use{f' by {owner}' if owner else ''}. {remedy}, or end that program."


def owner_of(protocol: Protocol, port: int, proc: Path = Path("/proc")) -> str:
    """Return ``name (process id)`` of the program that holds the port; empty when the system does not tell."""
    inodes = set(_inodes(protocol, port, proc))
    if not inodes:
        return ""
    for process in sorted(proc.glob("[0-9]*")):
        with contextlib.suppress(OSError):
            for descriptor in (process / "fd").iterdir():
                if str(descriptor.readlink()) in inodes:
                    return f"{_name(process)} (process {process.name})"
    return ""


def _name(process: Path) -> str:
    with contextlib.suppress(OSError):
        for argument in (process / "cmdline").read_text(errors="replace").split("\0"):
            # programs of the unpacked packages are started through their own loader
            if Path(argument).name == "asterisk":
                return "asterisk"
    return (process / "comm").read_text(errors="replace").strip()


def _inodes(protocol: Protocol, port: int, proc: Path) -> Iterator[str]:
    """Find the sockets of a port in /proc/net (proc(5)): column 1 is ADDRESS:PORT in hex, 3 the state, 9 the inode."""
    for table in (protocol, f"{protocol}6"):
        try:
            lines = (proc / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            (found,) = struct.unpack(">H", bytes.fromhex(fields[1].rsplit(":", 1)[1]))
            listening = protocol == "udp" or fields[3] == "0A"
            if found == port and listening:
                yield f"socket:[{fields[9]}]"
