"""An Asterisk laid out as FreePBX does it: its own files, those it leaves alone, its names of contexts, DB() in its queues."""

from pathlib import Path

from tests.docker.admins_asterisk import OWN_SECRET, AdminsAsterisk

NUMBER = "442079460000"
"""As the carrier sends it to from-pstn."""
ROUTES = """\
queues:
  theirs: ["8000", "8001"]
routes:
  orders:
    about: Orders
    numbers: ["+442079460000", "_+4420794601XX"]
    agent: front-desk
    overflow: {goto: "ext-queues,8000,1"}
  menu:
    numbers: ["+442079460050"]
    goto: ivr-1,s,1
"""

CUSTOM = {
    "extensions_custom.conf": "; yours\n[from-internal-custom]\nexten => 7999,1,Answer()\n same => n,Echo()\n",
    "queues_custom.conf": "",
    "pjsip_custom_post.conf": "; without a line break at its end",
    "ari_additional_custom.conf": "[wallboard]\r\ntype = user\r\nread_only = yes\r\npassword = " + OWN_SECRET + "\r\n",
    "manager_custom.conf": "[operator]\nsecret = " + OWN_SECRET + "\nread = all\nwrite = all\npermit = 127.0.0.1/255.255.255.255\n\n",
}
"""What FreePBX leaves to the admin."""

_EXTENSIONS = """\
#include extensions_override_freepbx.conf
#include extensions_additional.conf
#include extensions_custom.conf

[from-trunk]
include => from-pstn

[from-pstn]
include => from-pstn-custom
include => ext-did
include => ext-did-post-custom
include => from-did-direct
include => ext-did-catchall

[from-internal]
include => from-internal-noxfer
include => from-internal-xfer
include => bad-number

[from-internal-noxfer]
include => from-internal-noxfer-custom

[from-internal-xfer]
include => from-internal-custom
include => from-internal-additional

[from-did-direct]
include => ext-local
"""

_ADDITIONAL = """\
[globals]
#include globals_custom.conf

[ext-did]
exten => 442079460000,1,Set(__FROM_DID=${EXTEN})
 same => n,Set(CDR(did)=${FROM_DID})
 same => n,ExecIf($["${CALLERID(name)}" = ""]?Set(CALLERID(name)=${CALLERID(num)}))
 same => n(dest-ext),Goto(customdests,dest-1,1)

[ext-did-catchall]
exten => _[0-9+].,1,Goto(app-blackhole,hangup,1)

[customdests]
exten => dest-1,1,NoOp(Entering Custom Destination Patchcord)
 same => n,Goto(patchcord-numbers,+442079460000,1)

[ext-queues]
include => ext-queues-custom
exten => 8000,1,Set(__FROMQUEUEEXTEN=${CALLERID(number)})
 same => n,Set(QLABEL=${DB(QUEUES/8000/label)})
 same => n,Set(GLOBAL(SEEN)=<${QLABEL}> <${PATCHCORD_CARD}> <${FROM_DID}>)
 same => n,Answer()
 same => n(qcall),Queue(8000,t,,,60)
 same => n,Goto(app-blackhole,hangup,1)
exten => 8001,1,Goto(app-blackhole,hangup,1)

[from-queue]
exten => _X.,1,Set(QAGENT=${EXTEN})
 same => n,Goto(from-internal,${QAGENT},1)

[ext-local]
exten => 301,1,Set(GLOBAL(RUNG)=301 ${DB(AMPUSER/301/cidname)})
 same => n,Wait(20)

[ext-group]
exten => 600,1,NoOp(ring group)
 same => n,Hangup()

[ivr-1]
exten => s,1,Answer()
 same => n,Wait(10)

[from-internal-additional]
include => ext-local
include => ext-queues

[bad-number]
exten => _X.,1,Hangup(1)

[app-blackhole]
exten => hangup,1,NoOp(Blackhole Dest: Hangup)
 same => n,Hangup()
"""

_FILES = {
    "extensions.conf": _EXTENSIONS,
    "extensions_additional.conf": _ADDITIONAL,
    "extensions_override_freepbx.conf": "",
    "globals_custom.conf": "",
    "queues.conf": "[general]\n#include queues_general_additional.conf\n\n#include queues_custom.conf\n#include queues_additional.conf\n"
    "#include queues_post_custom.conf\n",
    "queues_general_additional.conf": "persistentmembers=yes\nautofill=yes\n",
    "queues_additional.conf": "[8000]\njoinempty=yes\nretry=1\nmember=Local/301@from-queue/n,0,Desk 301\n\n[8001]\njoinempty=yes\n",
    "queues_post_custom.conf": "",
    "pjsip.conf": "#include pjsip_custom.conf\n#include pjsip.transports.conf\n#include pjsip_custom_post.conf\n",
    "pjsip_custom.conf": "",
    "ari.conf": "[general]\n#include ari_general_additional.conf\n#include ari_general_custom.conf\n\n#include ari_additional.conf\n"
    "#include ari_additional_custom.conf\n",
    "ari_general_additional.conf": "enabled=yes\n",
    "ari_general_custom.conf": "",
    "ari_additional.conf": "",
    "manager_additional.conf": "",
}


def write_freepbx(etc: Path) -> None:
    """All that needs no ports, for tests without an Asterisk."""
    for name, text in {**_FILES, **CUSTOM}.items():
        (etc / name).write_bytes(text.encode())
    (etc / "manager.conf").write_text("[general]\nenabled = yes\n\n#include manager_additional.conf\n#include manager_custom.conf\n")
    (etc / "pjsip.transports.conf").write_text("[0.0.0.0-udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:5060\n")


def lay_out(asterisk: AdminsAsterisk) -> None:
    """Its files, on its ports."""
    asterisk.lay_out()
    write_freepbx(asterisk.etc)
    (asterisk.etc / "manager.conf").write_text(
        f"[general]\nenabled = yes\nbindaddr = 127.0.0.1\nport = {asterisk.ami}\n\n"
        "#include manager_additional.conf\n#include manager_custom.conf\n"
    )
    (asterisk.etc / "pjsip.transports.conf").write_text(f"[0.0.0.0-udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{asterisk.sip}\n")
