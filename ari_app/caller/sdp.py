"""Session descriptions of a telephone (RFC 8866, offer/answer RFC 3264): one G.711 audio stream and RFC 4733 digits."""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ari_app.caller.sip_message import SipError
from ari_app.media.g711 import PAYLOAD_TYPE, Law

Direction: TypeAlias = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

_NAMES: Final[dict[Law, str]] = {"ulaw": "PCMU", "alaw": "PCMA"}
_ANSWERED: Final[dict[Direction, Direction]] = {
    "sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive",
}  # fmt: skip
EVENT_PAYLOAD_TYPE: Final = 101
_RTPMAP: Final = re.compile(r"rtpmap:([0-9]{1,3})\s+([A-Za-z0-9\-]+)/([0-9]+)(?:/1)?")


class SdpError(SipError):
    """The description is malformed or has nothing we can speak; the message says which."""


@dataclass(frozen=True, slots=True)
class RemoteAudio:
    """What the other side can receive, and where."""

    host: str
    port: int
    """0: the stream is refused."""
    codecs: tuple[Law, ...]
    """In the other side's order of preference."""
    event_type: int | None
    """Payload type for digits, None when it takes none."""
    ptime: int
    """Packet length that it asks for, in ms."""
    direction: Direction

    def select(self, ours: tuple[Law, ...]) -> Law:
        """The first of its codecs that we have. Raises SdpError."""
        for codec in self.codecs:
            if codec in ours:
                return codec
        raise SdpError(f"no common codec: they take {list(self.codecs)}, we take {list(ours)}")


def build(
    host: str,
    port: int,
    codecs: tuple[Law, ...],
    *,
    event_type: int | None = EVENT_PAYLOAD_TYPE,
    ptime: int = 20,
    direction: Direction = "sendrecv",
    version: int = 1,
    extra_formats: tuple[tuple[int, str], ...] = (),
) -> bytes:
    """An offer or answer. ``extra_formats`` adds payload types we cannot speak, such as ``(9, "G722/8000")``, to provoke refusals."""
    formats = [(PAYLOAD_TYPE[codec], f"{_NAMES[codec]}/8000") for codec in codecs] + list(extra_formats)
    events = [] if event_type is None else [(event_type, "telephone-event/8000")]
    lines = ["v=0", f"o=- {port} {version} IN IP4 {host}", "s=call", f"c=IN IP4 {host}", "t=0 0"]
    lines.append(f"m=audio {port} RTP/AVP " + " ".join(str(number) for number, _ in formats + events))
    lines += [f"a=rtpmap:{number} {name}" for number, name in formats + events]
    lines += [f"a=fmtp:{number} 0-16" for number, _ in events]
    lines += [f"a=ptime:{ptime}", f"a={direction}"]
    return ("\r\n".join(lines) + "\r\n").encode()


def answer_direction(offered: Direction) -> Direction:
    """RFC 3264 6.1: ``sendonly`` is answered ``recvonly`` and so on."""
    return _ANSWERED[offered]


def parse(body: bytes) -> RemoteAudio:
    """The first audio stream. Raises SdpError."""
    session: list[tuple[str, str]] = []
    audio: list[tuple[str, str]] | None = None
    section = session
    for line in body.decode("utf-8", "replace").splitlines():
        kind, equals, value = line.strip().partition("=")
        if not equals or len(kind) != 1:
            if line.strip():
                raise SdpError(f"line is not 'x=value': {line[:60]!r}")
            continue
        if kind == "m":
            section = []
            if value.startswith("audio ") and audio is None:
                audio = section
        section.append((kind, value))
    if audio is None:
        raise SdpError("the description has no audio stream")
    return _audio(session, audio)


def _audio(session: list[tuple[str, str]], audio: list[tuple[str, str]]) -> RemoteAudio:
    match = re.fullmatch(r"audio ([0-9]{1,5})(?:/[0-9]+)? (\S+) ([0-9 ]+)", audio[0][1].strip())
    if match is None or int(match[1]) > 65_535:
        raise SdpError(f"the audio line is malformed: {audio[0][1][:60]!r}")
    if "RTP/AVP" not in match[2]:
        raise SdpError(f"the transport {match[2][:30]!r} is not plain RTP")
    attributes = [value for kind, value in session + audio if kind == "a"]
    names = {0: "PCMU", 8: "PCMA"}
    names |= {int(found[1]): found[2].upper() for value in attributes if (found := _RTPMAP.fullmatch(value.strip())) and found[3] == "8000"}
    numbers = [int(number) for number in match[3].split()]
    codecs: list[Law] = []
    for number in numbers:
        codec: Law | None = {"PCMU": "ulaw", "PCMA": "alaw"}.get(names.get(number, ""))  # type: ignore[assignment]
        # Static types only: a dynamic number for G.711 is legal but no telephone does it.
        if codec is not None and PAYLOAD_TYPE[codec] == number:
            codecs.append(codec)
    events = next((number for number in numbers if names.get(number) == "TELEPHONE-EVENT"), None)
    return RemoteAudio(_connection(session, audio), int(match[1]), tuple(codecs), events, _ptime(attributes), _direction(attributes))


def _connection(session: list[tuple[str, str]], audio: list[tuple[str, str]]) -> str:
    value = next((value for kind, value in [*audio, *session] if kind == "c"), None)
    match = re.fullmatch(r"IN IP[46] ([0-9A-Za-z.:\-]+)(?:/.*)?", value.strip()) if value else None
    if match is None:
        raise SdpError(f"the connection line is missing or malformed: {(value or '')[:60]!r}")
    return match[1]


def _ptime(attributes: list[str]) -> int:
    for value in attributes:
        if (match := re.fullmatch(r"ptime:\s*([0-9]{1,3})(?:\.[0-9]+)?", value.strip())) and 10 <= int(match[1]) <= 120:
            return int(match[1])
    return 20


def _direction(attributes: list[str]) -> Direction:
    found: Direction = "sendrecv"
    for value in attributes:
        for direction in _ANSWERED:
            if value.strip() == direction:
                found = direction
    return found
