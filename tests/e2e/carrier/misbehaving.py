"""Carriers' audio and signalling that no Asterisk would produce on demand."""

import asyncio

import numpy as np
import numpy.typing as npt

from agents.audio import Pcm
from ari_app.caller import sdp
from ari_app.caller.outgoing import OutgoingCall
from ari_app.caller.rtp_frames import Frame
from ari_app.caller.rtp_session import RtpSession
from ari_app.caller.sip_message import SipRequest, SipResponse

CN, CN_LEVEL = 13, bytes([60])
"""Payload type of comfort noise and its level in -dBov (RFC 3389)."""
_TONES = {"1": (697, 1209), "2": (697, 1336), "3": (697, 1477), "9": (852, 1477), "*": (941, 1209), "0": (941, 1336)}


class NoisySilence(RtpSession):
    """Sends comfort noise instead of silence: one packet, then nothing until there is something to say."""

    def _send_frame(self, frame: Frame | None, due_ns: int) -> None:
        if frame is not None:
            super()._send_frame(frame, due_ns)
        elif not self._silent:
            self._silent = True
            self._send(CN, CN_LEVEL, self._timestamp, False, due_ns)


def tone(seconds: float, hertz: tuple[int, ...] = (440,)) -> Pcm:
    time_s = np.arange(int(8000 * seconds)) / 8000
    wave: npt.NDArray[np.float64] = sum((np.sin(2 * np.pi * pitch * time_s) for pitch in hertz), np.zeros_like(time_s))
    return (wave * 9000 / len(hertz)).astype(np.int16)


def keys_as_tones(keys: str) -> Pcm:
    """120 ms of both tones of each key, then as much silence (ITU-T Q.23)."""
    quiet = np.zeros(960, np.int16)
    return np.concatenate([part for key in keys for part in (tone(0.12, _TONES[key]), quiet)])


async def ask(leg: OutgoingCall, method: str, body: bytes = b"", kind: str = "application/sdp", **headers: str) -> SipResponse:
    """A request within the call; its final answer. ``headers``: ``_`` for ``-``."""
    assert leg.dialog is not None
    request = leg.dialog.request(method)
    for name, value in headers.items():
        request.headers.add(name.replace("_", "-"), value)
    if body:
        request.headers.add("Content-Type", kind)
        request.body = body
    return await asyncio.wait_for(leg.endpoint.request(request, leg.dialog.destination()).final(), 10)


async def reinvite(
    leg: OutgoingCall, session: RtpSession, direction: sdp.Direction = "sendrecv", *, offer: bool = True, version: int = 2
) -> sdp.RemoteAudio:
    """A re-INVITE, acknowledged; what was answered (or, without an offer of ours, offered)."""
    assert leg.dialog is not None
    described = sdp.build(session.host, session.port, (session.law,), direction=direction, version=version)
    response = await ask(leg, "INVITE", described if offer else b"")
    assert response.status == 200, response.reason
    ack: SipRequest = leg.dialog.request("ACK", cseq=leg.dialog.local_cseq)
    if not offer:
        ack.headers.add("Content-Type", "application/sdp")
        ack.body = described
    leg.endpoint.acknowledge(ack, leg.dialog.destination())
    return sdp.parse(response.body)
