"""A browser phone alone: its scripts, its socket and its signatures served from one origin, and a page that drives them."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
from aiohttp import web

import handoff.desk
from agents.audio import Pcm
from ari_app.caller.recording import write_wav
from ari_app.pbx.server import AsteriskServer
from ari_app.service.desk_phones import InstancePhones
from handoff.desk.agent.line import check_request
from handoff.desk.agent.phone_socket import PhoneSockets

STATIC = Path(handoff.desk.__file__).parent / "static"
RATE = 8000
HIGH_HZ = 1000.0
"""What the browser's microphone hears."""
LOW_HZ = 440.0
"""What the other side says."""

PAGE = """<!doctype html><meta charset="utf-8"><title>phone</title><audio id="speaker" autoplay></audio>
<script type="module">
import { SipAgent } from "/static/agent/sip_agent.js";
import { Media } from "/static/agent/media.js";
const authorise = async (method, uri, challenges) => {
  const answer = await fetch("/authorise", {method: "POST", body: JSON.stringify({method, uri, challenges})});
  return (await answer.json()).authorization;
};
const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
const microphone = await navigator.mediaDevices.getUserMedia({ audio: plain });
window.log = [];
window.phone = new SipAgent({ user: "USER", domain: "patchcord", name: "Agent", url: `ws://${location.host}/ws` }, authorise,
  () => new Media(microphone, document.getElementById("speaker")),
  { state: (name) => log.push(name),
    call: (call) => { window.call = call; call.onChange = () => log.push(call.state); log.push(call.state); } });
phone.start();
</script>"""


@contextlib.asynccontextmanager
async def phone_rig(server: AsteriskServer, phone: str) -> AsyncIterator[str]:
    """The address of a page with the browser phone of ``phone``, such as ``2001``."""
    lines, sockets = InstancePhones(server.settings, server.secrets), PhoneSockets()
    line = lines.line_of(phone)
    assert line is not None

    async def authorise(request: web.Request) -> web.Response:
        asked = await request.json()
        check_request(line, asked["method"], asked["uri"])
        return web.json_response({"authorization": lines.authorization(line.account, **asked)})

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=PAGE.replace("USER", line.account), content_type="text/html")

    async def socket(request: web.Request) -> web.WebSocketResponse:
        return await sockets.serve(request, line, lines.socket_url)

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/ws", socket), web.post("/authorise", authorise), web.static("/static", STATIC)])
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await sockets.close_all()
        await runner.cleanup()


def tone(hz: float, seconds: float, level: int = 8000) -> Pcm:
    return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)).astype(np.int16)


def microphone_file(folder: Path) -> Path:
    path = folder / "microphone.wav"
    write_wav(path, tone(HIGH_HZ, 2.0))
    return path


def share_of(pcm: Pcm, hz: float) -> float:
    """Share of the power that lies within 30 Hz of a frequency, from 0 to 1; 0 for silence."""
    if len(pcm) < RATE // 10 or np.abs(pcm).max() < 200:
        return 0.0
    power = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm)))) ** 2
    near = np.abs(np.fft.rfftfreq(len(pcm), 1 / RATE) - hz) < 30
    return float(power[near].sum() / power.sum())
