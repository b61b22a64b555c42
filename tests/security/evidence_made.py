"""Evidence as a sound instance would give it, to be spoilt in one place at a time."""

from pathlib import Path
from typing import Any

from ari_app.doctor.finding import Finding
from ari_app.doctor.security.conf_file import read_conf
from ari_app.doctor.security.dialplan_text import from_files
from ari_app.doctor.security.evidence import CONF_FILES, Evidence
from ari_app.doctor.security.inspection import inspect
from ari_app.settings import load_settings

LONG = "kV3x9Q-mZ7w_bN2yT5rLp8Hd"
OTHER = "pR6t1W_cX8q-nM4zK9sJf3Gb"
SOUND = {
    "asterisk.conf": "[options]\nlive_dangerously = no\nexecincludes = no\ndumpcore = no\n",
    "http.conf": "[general]\nenabled = yes\nbindaddr = 127.0.0.1\n",
    "ari.conf": f"[general]\nenabled = yes\n[patchcord]\ntype = user\npassword = {LONG}\n",
    "manager.conf": "[general]\nenabled = yes\nwebenabled = no\nbindaddr = 127.0.0.1\n"
    f"[patchcord]\nsecret = {OTHER}\ndeny = 0.0.0.0/0.0.0.0\npermit = 127.0.0.1/32\nread = call,agent,user\nwrite = call,agent\n",
    "pjsip.conf": "[transport-udp]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:5060\n"
    f"[2001]\ntype = endpoint\nauth = 2001\ncontext = patchcord-phones\n[2001]\ntype = auth\nusername = 2001\npassword = {LONG}x\n"
    "[carrier]\ntype = endpoint\ncontext = patchcord-numbers\nallow_transfer = no\n"
    "[carrier]\ntype = identify\nendpoint = carrier\nmatch = 198.51.100.0/28\n",
    "extensions.conf": "[patchcord-numbers]\nexten => 100,1,Gosub(patchcord-clean,s,1)\n same => n,Goto(patchcord-agent,s,1)\n"
    "[patchcord-clean]\nexten => s,1,Set(CALLERID(num)=${FILTER(0-9,${CALLERID(num)})})\n same => n,Return()\n"
    "[patchcord-agent]\nexten => s,1,Stasis(patchcord-1,call,front-desk,${PATCHCORD_NUMBER})\n"
    ' same => n,GotoIf($["${STASISSTATUS}" = "FAILED"]?patchcord-fallback,s,1)\n same => n,Hangup()\n'
    "exten => T,1,Goto(patchcord-fallback,s,1)\n"
    "[patchcord-fallback]\nexten => s,1,Queue(support)\n same => n,Hangup()\n"
    "[patchcord-phones]\nexten => 2001,1,Dial(PJSIP/2001)\ninclude => patchcord-numbers\n",
}


def evidence(
    tmp_path: Path, settings: dict[str, dict[str, Any]] | None = None, more: dict[str, Any] | None = None, **files: str
) -> Evidence:
    """``files``: name without .conf to text in place of the sound one; ``settings``: section to values; ``more``: fields of Evidence."""
    etc, data = tmp_path / "etc", tmp_path / "data"
    for folder in (etc, data):
        folder.mkdir(mode=0o700, exist_ok=True)
    for name, text in SOUND.items():
        (etc / name).write_text(files.get(name.removesuffix(".conf"), text))
    conf = {name: read for name in CONF_FILES if (read := read_conf(etc, name)).sections}
    private = {"sip": {"bind": "127.0.0.1"}, **(settings or {})}
    fields: dict[str, Any] = {
        "settings": load_settings(None, {}, private),
        "data": data,
        "secrets": {"ari_password": LONG, "ami_password": OTHER, "phones": {"2001": LONG + "x"}},
        "conf": conf,
        "dialplan": from_files(conf["extensions.conf"]) if "extensions.conf" in conf else {},
        "dialplan_from": "as the files have it",
        "version": "22.10.1",
        "user_ids": {"asterisk": 990},
    }
    return Evidence(**{**fields, **(more or {})})


def wrong(found: Evidence, token: str = "") -> dict[str, Finding]:
    """What is not well, by name."""
    return {finding.name: finding for finding in inspect(found, token) if finding.state != "ok"}
