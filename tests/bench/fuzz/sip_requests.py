"""SIP that somebody without a right to call might send: whole requests of every kind, most of them lies, before any damage is done."""

import random
from dataclasses import dataclass, field
from typing import Final

METHODS: Final = (
    *("INVITE",) * 6,
    *("REGISTER",) * 4,
    *("OPTIONS",) * 2,
    "BYE",
    "CANCEL",
    "ACK",
    "REFER",
    "SUBSCRIBE",
    "NOTIFY",
    "MESSAGE",
    "UPDATE",
    "PRACK",
    "INFO",
    "PUBLISH",
    "XYZZY",
)
NUMBERS: Final = ("100", "101", "200", "1001", "2001", "2001-web", "s", "T", "+390000000", "00390000000", "support", "nowhere", "")
NAMES: Final = ("1001", "2001", "2002", "2001-web", "trunk", "anonymous", "patchcord", "admin", "5550100", "nobody", "..", "")
_SDP: Final = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
_MEDIA: Final = (
    "m=audio 4000 RTP/AVP 0\r\n",
    "m=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-99999\r\n",
    "m=audio 0 RTP/AVP 0\r\n",
    "m=audio 70000 RTP/AVP 0\r\n",
    "m=audio -1 RTP/AVP 300\r\n",
    "m=audio 4000/999999 RTP/SAVP 0\r\n",
    "m=video 4000 RTP/AVP 31\r\n" * 40,
    "m=audio 4000 RTP/AVP " + " ".join(map(str, range(300))) + "\r\n",
    "a=ptime:0\r\n" * 300,
    "m=audio 4000 RTP/SAVPF 0\r\na=fingerprint:sha-256 00\r\na=setup:actpass\r\n"
    "a=ice-ufrag:x\r\na=ice-pwd:y\r\na=candidate:1 1 UDP 1 x\r\n",
)
_LIES: Final = (
    ("Content-Length", "-1"),
    ("Content-Length", "99999999999"),
    ("Content-Length", "0"),
    ("CSeq", "99999999999999 INVITE"),
    ("CSeq", "1 BYE"),
    ("Max-Forwards", "-5"),
    ("Max-Forwards", "0"),
    ("Require", "100rel"),
    ("Require", "x" * 900),
    ("Contact", "*"),
    ("Contact", "<sip:@@:99999>"),
    ("Expires", "4294967296"),
    ("Expires", "-1"),
    ("Via", "SIP/2.0/UDP"),
    ("To", "<sip:"),
    ("From", '"'),
    ("Via", "SIP/2.0/TLS [::1]:1;branch=;received=;rport=x"),
    ("Content-Type", "multipart/mixed;boundary="),
    ("Content-Type", "multipart/mixed;boundary=x"),
    ("Route", "<sip:127.0.0.1:1;lr>"),
    ("Record-Route", "<sip:%00>"),
    ("Replaces", "x;from-tag=y;to-tag=z"),
    ("Refer-To", "<sip:2001@127.0.0.1>"),
    ("Refer-To", "<sip:100@127.0.0.1?Replaces=a%3Bto-tag%3Db>"),
    ("Session-Expires", "1;refresher=nobody"),
    ("Min-SE", "0"),
    ("Event", "presence"),
    ("Event", "message-summary;id="),
    ("RAck", "1 1 INVITE"),
    ("Diversion", '"x" <sip:555%0d%0a@x>;reason=unknown'),
    ("P-Asserted-Identity", '"Bank" <sip:110@127.0.0.1>'),
    ("Privacy", "id;header;critical"),
    ("Remote-Party-ID", "<sip:110@127.0.0.1>;screen=yes"),
    ("Subject", "${SHELL(id)}"),
    ("X-Patchcord-Card", "../../etc/passwd"),
    ("User-to-User", "41" * 900 + ";encoding=hex"),
    ("Supported", ",".join(["timer"] * 400)),
    ("Accept", "*/*;q=2"),
)


@dataclass(slots=True)
class Learnt:
    """What answers have told so far, to lie better."""

    nonces: list[str] = field(default_factory=list)
    tags: list[tuple[str, str, str]] = field(default_factory=list)
    """Call-ID, From with its tag, To with its tag."""

    def hear(self, answer: bytes) -> int:
        """Take in a response; its status, 0 when it is none."""
        text = answer.decode("latin-1")
        if not text.startswith("SIP/2.0 ") or not text[8:11].isdigit():
            return 0
        if 'nonce="' in text:
            self.nonces = [*self.nonces[-20:], text.split('nonce="', 1)[1].split('"', 1)[0]]
        fields = dict(line.split(": ", 1) for line in text.split("\r\n") if ": " in line)
        if "Call-ID" in fields and "tag=" in fields.get("To", ""):
            self.tags = [*self.tags[-20:], (fields["Call-ID"], fields.get("From", ""), fields["To"])]
        return int(text[8:11])


def request(chance: random.Random, number: int, learnt: Learnt, *, trusted: bool, transport: str = "UDP") -> bytes:
    """``trusted``: it comes from where calls are let in without a password; then it dials no number that exists."""
    method = chance.choice(METHODS)
    dialled = "nowhere" if trusted else chance.choice(NUMBERS)
    user = "5550100" if trusted else chance.choice(NAMES)
    branch = f"z9hG4bK{chance.getrandbits(64):x}"
    call, sender, to = (
        f"fuzz-{number}-{branch}",
        f'"{_display(chance)}" <sip:{user}@127.0.0.1>;tag={branch[7:]}',
        f"<sip:{dialled}@127.0.0.1>",
    )
    if learnt.tags and chance.random() < 0.15 and not trusted:
        call, sender, to = chance.choice(learnt.tags)
    headers = [
        ("Via", f"SIP/2.0/{transport} 127.0.0.1:9;rport;branch={branch}"),
        ("From", sender),
        ("To", to),
        ("Call-ID", call),
        ("CSeq", f"{chance.randrange(1, 4)} {method}"),
        ("Max-Forwards", "70"),
        ("Contact", f"<sip:{user}@127.0.0.1:9>"),
    ]
    if chance.random() < 0.35:
        headers.append(("Authorization", _digest(chance, method, user, dialled, learnt)))
    for name, value in chance.sample(_LIES, chance.choice((0, 0, 1, 2, 4))):
        headers = [each for each in headers if each[0] != name or chance.random() < 0.5] + [(name, value)]
    if chance.random() < 0.02:
        headers += [(f"X-Flood-{index}", "y" * 20) for index in range(chance.choice((50, 500)))]
    body = _SDP + "".join(chance.sample(_MEDIA, chance.randrange(3))) if chance.random() < 0.7 else ""
    headers += [("Content-Type", "application/sdp")] if body else []
    lines = [f"{method} sip:{dialled}@127.0.0.1 SIP/2.0", *(f"{name}: {value}" for name, value in headers), f"Content-Length: {len(body)}"]
    return ("\r\n".join([*lines, "", ""]) + body).encode("utf-8", "surrogatepass")


def _display(chance: random.Random) -> str:
    return chance.choice(("Bank", "<script>alert(1)</script>", "=1+1", "\u202eknaB", "x\\", "${EXTEN}", "A" * 900, "%0d%0aEvent: x", "é"))


def _digest(chance: random.Random, method: str, user: str, dialled: str, learnt: Learnt) -> str:
    """Answers to a challenge by somebody who has no password."""
    nonce = chance.choice(learnt.nonces) if learnt.nonces and chance.random() < 0.8 else chance.choice(("", "x" * 64, "0/" + "f" * 32))
    fields = {
        "username": f'"{chance.choice((user, "1001", "patchcord"))}"',
        "realm": chance.choice(('"patchcord"', '"x"', '""')),
        "nonce": f'"{nonce}"',
        "uri": f'"sip:{dialled}@127.0.0.1"',
        "response": chance.choice((f'"{chance.getrandbits(128):032x}"', '""', '"' + "0" * 900 + '"', '"0"')),
        "algorithm": chance.choice(("MD5", "SHA-256", "MD5-sess", "none", "")),
        "qop": chance.choice(("auth", "auth-int", '""', "x")),
        "nc": chance.choice(("00000001", "ffffffff", "-1", "")),
        "cnonce": f'"{chance.getrandbits(32):x}"',
        "opaque": chance.choice(('"x"', '""')),
    }
    kept = [f"{name}={value}" for name, value in fields.items() if chance.random() < 0.93]
    if chance.random() < 0.1:
        kept += kept * 40
    return chance.choice(("Digest ", "Digest ", "Digest ", "Basic ", "")) + ",".join(kept)
