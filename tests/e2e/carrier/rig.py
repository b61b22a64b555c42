"""Two Asterisks on loopback: a carrier, and one with our trunks; and scripted callers that are carriers of their own addresses."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from ari_app.caller import sdp
from ari_app.caller.leg import MediaOffer
from ari_app.caller.outgoing import OutgoingCall
from ari_app.caller.rtp_session import RtpSession
from ari_app.caller.rtp_threads import RtpThreads
from ari_app.caller.user_agent import SipTarget, UserAgent
from ari_app.pbx.find import AsteriskInstall
from ari_app.pbx.modules import loadable
from ari_app.settings import Settings
from dialplan import templates
from dialplan.trunks import Trunks, load_trunks, render_trunks
from tests.free_ports import free_block, free_port

from .box import Box, asterisk
from .certificates import make

OURS, CARRIER = "127.0.0.1", "127.0.0.2"
PLAIN, ALAW, INBAND, TIMERS, FEW, AUDIO, ASSERTED, INFO, OUT = (f"127.0.0.{last}" for last in range(3, 12))
NUMBER = "+442079460000"
TRUNKS = """
tls: {{bind: 127.0.0.1, port: {own_tls}, certificate: ours.pem, key: ours.key, authorities: carrier.pem}}
trunks:
  digest: {{server: "{carrier}:{udp}", user: alice, password: alice-secret, numbers: {{country: "44"}}}}
  wrong: {{server: "{carrier}:{udp}", user: bob, password: not-bobs, numbers: {{dialled: called_party}}}}
  called: {{server: "{carrier}:{udp}", user: carol, password: carol-secret, numbers: {{dialled: called_party}}}}
  sealed: {{profile: tls, server: "{carrier}:{tls}", user: tina, password: tina-secret, qualify_s: 1}}
  plain: {{profile: ip, addresses: [{plain}], caller: {{header: from}}, numbers: {{country: "44"}}}}
  lawful: {{profile: ip, addresses: [{alaw}], codecs: [alaw], numbers: {{country: "44", plain: international}}}}
  tones: {{profile: ip, addresses: [{inband}], dtmf: inband}}
  timed: {{profile: ip, addresses: [{timers}], session_timers: {{mode: always, refresh_s: 90}}}}
  few: {{profile: ip, addresses: [{few}], limits: {{max_calls: 2, calls_per_second: 100}}}}
  audible: {{profile: ip, addresses: [{audio}], early_media: audio}}
  asserted: {{profile: ip, addresses: [{asserted}], caller: {{header: asserted}}, numbers: {{country: "44", plain: national}}}}
  infos: {{profile: ip, addresses: [{info}], dtmf: info}}
  out: {{profile: ip, addresses: [{out}], server: "{out}:{out_port}", qualify_s: 0,
    outbound: {{allow: [+44207946XXXX], caller: "{number}", longest_s: 60}}}}
"""
NUMBERS = f"""
[patchcord-numbers]
exten => 100,1,Answer()
 same => n,Echo()
exten => {NUMBER},1,Answer()
 same => n,Set(GLOBAL(REACHED)=${{CHANNEL(endpoint)}} ${{EXTEN}} ${{CHANNEL(rtp,secure)}} ${{CHANNEL(pjsip,secure)}})
 same => n,Echo()
exten => 101,1,Answer()
 same => n,Read(PRESSED,,4,,,6)
 same => n,Set(GLOBAL(KEYS)=${{PRESSED}}.)
 same => n,Hangup()
exten => 102,1,Set(GLOBAL(CALLER)=<${{CALLERID(num)}}|${{CALLERID(name)}}|${{CALLERID(pres)}}>)
 same => n,Answer()
 same => n,Hangup()
exten => 103,1,Ringing()
 same => n,Wait(0.3)
 same => n,Answer()
 same => n,Echo()
exten => 104,1,Ringing()
 same => n,Wait(20)
[patchcord-fallback]
exten => s,1,Answer()
 same => n,Wait(5)
[patchcord-secret]
exten => 666,1,Answer()
"""
_CARRIER_MODULES = (
    "res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb", "res_pjproject", "res_statsd", "res_http_websocket", "res_pjsip",
    "res_pjsip_session", "res_pjsip_sdp_rtp", "res_pjsip_pubsub", "res_pjsip_registrar", "res_pjsip_authenticator_digest",
    "res_pjsip_endpoint_identifier_user", "res_pjsip_caller_id", "res_pjsip_header_funcs", "res_pjsip_nat", "res_pjsip_rfc3326",
    "res_pjsip_dlg_options", "res_crypto", "res_srtp", "res_rtp_asterisk", "res_timing_timerfd", "chan_pjsip", "pbx_config", "app_echo",
    "app_dial", "app_senddtmf", "app_playtones", "app_stack", "bridge_simple", "codec_ulaw", "codec_alaw", "func_channel",
    "func_callerid", "func_logic", "func_strings", "func_global", "app_exec", "res_clioriginate",
)  # fmt: skip
_CUSTOMER = """
[{user}]
type=endpoint
context=none
disallow=all
allow=alaw,ulaw
auth={user}
aors={user}
direct_media=no
{more}
[{user}]
type=auth
auth_type=digest
username={user}
password={user}-secret
[{user}]
type=aor
max_contacts=1
remove_existing=yes
"""
_CARRIER_DIALPLAN = f"""
[keys]
exten => s,1,Wait(1)
 same => n,SendDTMF(12*9,200)
 same => n,Wait(3)
[number]
exten => s,1,Set(PJSIP_HEADER(add,P-Called-Party-ID)=<sip:{NUMBER}@carrier.example.com>)
 same => n,Return()
[calls]
exten => s,1,Dial(PJSIP/carol,20,b(number^s^1))
"""


@dataclass
class Rig:
    ours: Box
    carrier: Box
    port: int
    """Our SIP port, UDP."""
    out_port: int
    trunks: Trunks
    file: Path
    """trunks.yaml."""
    threads: RtpThreads = field(default_factory=RtpThreads)

    @contextlib.asynccontextmanager
    async def caller(self, address: str, caller_id: str = "02079460111", display: str = "", port: int = 0) -> AsyncIterator[UserAgent]:
        """A carrier of one address."""
        target = SipTarget(OURS, self.port, caller_id=caller_id, display=display)
        async with await UserAgent.open(target, bind=address, port=port) as agent:
            yield agent

    @contextlib.asynccontextmanager
    async def line(
        self, agent: UserAgent, number: str, session: RtpSession | None = None, offer: MediaOffer | None = None, /, **headers: str
    ) -> AsyncIterator[tuple[OutgoingCall, RtpSession]]:
        """A call on its way. ``headers``: of the INVITE, ``_`` for ``-``."""
        session = session or RtpSession(self.threads, agent.local[0])
        offer = offer or MediaOffer(session.host, session.port)

        def on_media(remote: sdp.RemoteAudio) -> None:
            session.muted = remote.direction in ("sendonly", "inactive")
            session.start((remote.host, remote.port), remote.select(offer.laws), remote.event_type)

        try:
            leg = await agent.invite(number, offer, on_media, [(name.replace("_", "-"), value) for name, value in headers.items()])
            try:
                yield leg, session
            finally:
                await agent.release(leg)
        finally:
            session.close()


@contextlib.asynccontextmanager
async def rig(install: AsteriskInstall, folder: Path) -> AsyncIterator[Rig]:
    port, udp, tls, own_tls = free_port(OURS), free_port(CARRIER), free_port(CARRIER), free_port(OURS)
    out_port = free_port(OUT)
    make(folder, "ours", OURS)
    certificate, key = make(folder, "carrier", CARRIER)
    file = folder / "trunks.yaml"
    file.write_text(
        TRUNKS.format(
            carrier=CARRIER, udp=udp, tls=tls, own_tls=own_tls, plain=PLAIN, alaw=ALAW, inband=INBAND, timers=TIMERS, few=FEW,
            audio=AUDIO, asserted=ASSERTED, info=INFO, out=OUT, out_port=out_port, number=NUMBER,
        )
    )  # fmt: skip
    file.chmod(0o600)
    trunks = load_trunks(file)
    async with contextlib.AsyncExitStack() as stack:
        carrier = await stack.enter_async_context(asterisk(install, _carrier_files(install, udp, tls, certificate, key)))
        ours = await stack.enter_async_context(asterisk(install, _own_files(install, port, trunks)))
        threads = stack.enter_context(RtpThreads())
        yield Rig(ours, carrier, port, out_port, trunks, file, threads)


def _own_files(install: AsteriskInstall, port: int, trunks: Trunks) -> dict[str, str]:
    first = free_block(200, address=OURS)
    settings = Settings.model_validate({"sip": {"bind": OURS, "port": port, "rtp_first": first, "rtp_last": first + 199}})
    modules = {
        group: tuple(name for name in (*names, "res_clioriginate") if not name.startswith(("res_ari", "res_stasis", "app_stasis")))
        for group, names in loadable(install.modules()).items()
    }
    return {
        "modules.conf": templates.render("modules.conf", modules=modules),
        "rtp.conf": templates.render("rtp.conf", sip=settings.sip, webrtc=False),
        "pjsip.conf": templates.render("pjsip.conf", sip=settings.sip, webrtc=False, phones=[], passwords={}, media_address=OURS),
        "patchcord.d/pjsip.conf": render_trunks(trunks, own=True, media_address=OURS),
        "extensions.conf": templates.render("patchcord.d/extensions/trunks", trunks=trunks.entries) + NUMBERS,
    }


def _carrier_files(install: AsteriskInstall, udp: int, tls: int, certificate: Path, key: Path) -> dict[str, str]:
    present = install.modules()
    first = free_block(200, address=CARRIER)
    customers = "".join(_CUSTOMER.format(user=user, more="") for user in ("alice", "bob", "carol"))
    return {
        "modules.conf": "[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in _CARRIER_MODULES if name in present),
        "rtp.conf": f"[general]\nrtpstart={first}\nrtpend={first + 199}\n",
        "pjsip.conf": f"[udp]\ntype=transport\nprotocol=udp\nbind={CARRIER}:{udp}\n"
        f"[tls]\ntype=transport\nprotocol=tls\nbind={CARRIER}:{tls}\ncert_file={certificate}\npriv_key_file={key}\nmethod=tlsv1_2\n"
        f"{customers}{_CUSTOMER.format(user='tina', more='media_encryption=sdes')}",
        "extensions.conf": _CARRIER_DIALPLAN,
    }


async def contact_of(box: Box, aor: str, number: str) -> str:
    """The URI at which a customer registered, with a number in place of its user, as carriers dial it."""
    said = await box.until("database show registrar", f"/{aor};@")
    line = next(line for line in said.splitlines() if f"/{aor};@" in line)
    uri = str(json.loads(line.partition(": ")[2])["uri"]).replace("^3B", ";")
    return uri.replace(uri[4 : uri.index("@")], number)


async def echoed(session: RtpSession, limit_s: float = 6.0, after: int = 0) -> int:
    """Wait until two seconds' worth of what we say has come back; how many audio packets there were."""
    give_up = asyncio.get_running_loop().time() + limit_s
    while (heard := len(session.log.audio_received()) - after) < 60:
        assert asyncio.get_running_loop().time() < give_up, f"only {heard} packets of audio came back"
        await asyncio.sleep(0.05)
    return heard
