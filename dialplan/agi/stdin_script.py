#!/usr/bin/env python3
"""A stdin AGI script that asks the FastAGI server of this machine, for systems that want a script: it carries lines to and fro.

Copy it to Asterisk's agi-bin folder as ``patchcord_ask.py``, make it executable, and call it with the question first:

    AGI(patchcord_ask.py,patchcord_route,5550100)

It needs no library, writes nothing of the call to the console, and ends by itself: when nobody answers, PATCHCORD_AGI is UNAVAILABLE.
The port is that of the setting agi.port; another than 4573 goes into the environment of Asterisk as PATCHCORD_AGI_PORT.
"""

import os
import socket
import sys
from typing import BinaryIO, Final

COMMANDS: Final = ("patchcord_route", "patchcord_card", "patchcord_queue_estimate")
DEFAULT_PORT: Final = 4573
LIMIT_S: Final = 5.0
LONGEST_HEAD: Final = 16_000
MOST_ANSWERS: Final = 64


class Unasked(Exception):
    """The question cannot be asked."""


def head_for(lines: list[bytes]) -> bytes:
    """Return the head as FastAGI has it: the first argument becomes the path, the others move up.

    Raises:
        Unasked: the first argument is no question, or a line break in a caller's name has forged a line.
    """
    arguments: list[bytes] = []
    others: list[bytes] = []
    names: set[bytes] = set()
    for line in lines:
        name, _, value = line.partition(b": ")
        if name in names or (arguments and not name.startswith(b"agi_arg_")):
            raise Unasked("")
        names.add(name)
        if name.startswith(b"agi_arg_"):
            arguments.append(value)
        elif not name.startswith((b"agi_network", b"agi_request")):
            others.append(line)
    command = arguments[0].decode("ascii", "replace") if arguments else ""
    if command not in COMMANDS:
        raise Unasked(command)
    moved = [b"agi_arg_%d: %s" % (number, value) for number, value in enumerate(arguments[1:], 1)]
    return b"\n".join([b"agi_network: yes", b"agi_network_script: " + command.encode(), *others, *moved, b"", b""])


def read_lines(stream: BinaryIO) -> list[bytes]:
    """Return the lines of Asterisk's head. Raises Unasked when it is too long."""
    lines, size = [], 0
    while line := stream.readline(LONGEST_HEAD + 1).rstrip(b"\r\n"):
        size += len(line)
        if size > LONGEST_HEAD:
            raise Unasked("")
        lines.append(line)
    return lines


def carry(server: socket.socket, asterisk_in: BinaryIO, asterisk_out: BinaryIO) -> None:
    """Bring the server's commands to Asterisk, and its answers back, until the server is done."""
    with server.makefile("rb") as commands:
        for _ in range(MOST_ANSWERS):
            command = commands.readline(1000)
            if not command.startswith((b"SET VARIABLE PATCHCORD_", b'GET FULL VARIABLE "')):
                return
            asterisk_out.write(command)
            asterisk_out.flush()
            if not (answer := asterisk_in.readline(1000)):
                return
            server.sendall(answer)


def main() -> int:
    asterisk_in, asterisk_out = sys.stdin.buffer, sys.stdout.buffer
    try:
        head = head_for(read_lines(asterisk_in))
        port = int(os.environ.get("PATCHCORD_AGI_PORT", DEFAULT_PORT))
        with socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S) as server:
            server.sendall(head)
            carry(server, asterisk_in, asterisk_out)
    except Unasked:
        return refuse(asterisk_out, "BAD_REQUEST", f"patchcord_ask: the first argument must be one of {', '.join(COMMANDS)}")
    except (OSError, ValueError) as error:
        return refuse(
            asterisk_out, "UNAVAILABLE", f"patchcord_ask: nobody answers on this machine ({error}); set agi.enabled, look at agi.log"
        )
    return 0


def refuse(asterisk_out: BinaryIO, status: str, why: str) -> int:
    """Tell the dialplan, and on the console why."""
    sys.stderr.write(f"{why}\n")
    asterisk_out.write(f'SET VARIABLE PATCHCORD_AGI "{status}"\n'.encode())
    asterisk_out.flush()
    sys.stdin.buffer.readline(1000)
    return 0


if __name__ == "__main__":
    sys.exit(main())
