"""What the machine must offer before anything is started."""

import shutil
import socket
import sys
from collections.abc import Iterable
from pathlib import Path

from ari_app.doctor.finding import Finding, ok, problem, warning
from ari_app.settings import Settings

NEEDED_BYTES = 1_500_000_000


def python_version(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    text = ".".join(map(str, version))
    if (3, 11) <= version[:2] <= (3, 13):
        return ok("Python", text)
    return problem("Python", f"{text} is not supported", "use Python 3.11 to 3.13, or name one in PATCHCORD_PYTHON")


def disk(folder: Path, needed: int = NEEDED_BYTES) -> Finding:
    place = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 1e9:.1f} GB free at {place}"
    return (
        ok("Disk", text) if free >= needed else warning("Disk", text, f"make room: {needed / 1e9:.1f} GB are used by packages and models")
    )


def ports(settings: Settings) -> list[Finding]:
    """Whether the ports could be taken now; meant for an instance that is not running."""
    sip, bind = settings.sip, settings.sip.bind
    wanted = [
        ("SIP over UDP", bind, sip.port, socket.SOCK_DGRAM, "sip.port"),
        ("SIP over TCP", bind, sip.port, socket.SOCK_STREAM, "sip.port"),
        ("Asterisk HTTP", "127.0.0.1", settings.asterisk.http_port, socket.SOCK_STREAM, "asterisk.http_port"),
        ("Asterisk manager", "127.0.0.1", settings.asterisk.ami_port, socket.SOCK_STREAM, "asterisk.ami_port"),
        ("status page", "127.0.0.1", settings.service.http_port, socket.SOCK_STREAM, "service.http_port"),
    ]
    return [_port(*each) for each in wanted] + [
        _range("RTP of Asterisk", bind, range(sip.rtp_first, sip.rtp_last + 1), "sip.rtp_first"),
        _range(
            "RTP of the media process",
            settings.media.host,
            range(settings.media.first_port, settings.media.last_port + 1),
            "media.first_port",
        ),
    ]


def _taken(address: str, port: int, kind: socket.SocketKind) -> str:
    """Why the port cannot be bound; empty when it can."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(kind == socket.SOCK_STREAM))
        try:
            probe.bind((address, port))
        except OSError as error:
            return str(error.strerror)
    return ""


def _port(name: str, address: str, port: int, kind: socket.SocketKind, setting: str) -> Finding:
    reason = _taken(address, port, kind)
    title = f"Port {port}, {name}"
    if not reason:
        return ok(title, "free")
    return problem(title, reason, f"end the program that holds it (ss -lntup shows it), or set {setting} to another port")


def _range(name: str, address: str, span: Iterable[int], setting: str) -> Finding:
    numbers = list(span)
    taken = [port for port in numbers[:: max(len(numbers) // 200, 1)] if _taken(address, port, socket.SOCK_DGRAM)]
    title = f"Ports {numbers[0]}-{numbers[-1]}, {name}"
    if len(taken) <= len(numbers) // 20:
        return ok(title, "free")
    return problem(title, f"other programs hold some, port {taken[0]} for one", f"set {setting} to a free range")
