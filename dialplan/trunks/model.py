"""What trunks.yaml says: every key with its type, range, default and meaning."""

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr


def _as_written(value: object) -> object:
    """Digits without quotes are what they look like; the loader makes numbers only of those that lose nothing."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = BeforeValidator(_as_written)
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?$")]
"""A name or IPv4 address, with or without a port."""
User = Annotated[str, Text, Field(pattern=r"^[A-Za-z0-9+._~@!*-]{1,128}$")]
Digits = Annotated[str, Text, Field(pattern=r"^[0-9]{0,6}$")]
Pattern = Annotated[str, Text, Field(pattern=r"^\+?[0-9XZN]{2,20}[.!]?$")]
"""A dialplan pattern without its underscore."""
File = Annotated[str, Field(pattern=r"^[^\s;,|]{1,500}$")]


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=True)
    except ValueError as error:
        raise ValueError(
            f"{text!r} is no address such as 203.0.113.5 and no network such as 203.0.113.0/24 ({error}); correct it"
        ) from error
    return text


Network = Annotated[str, AfterValidator(_network)]
Codec = Literal["ulaw", "alaw"]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Nat(Part):
    """When Asterisk has a private address behind a router."""

    public_address: Host = Field(description="What carriers see: it is written into SIP and SDP for all but the local networks.")
    local_networks: tuple[Network, ...] = Field(
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8"), description="Networks to which the own address is told."
    )


class Tls(Part):
    """The TLS transport of all trunks of profile tls."""

    bind: str = Field("0.0.0.0", pattern=r"^[0-9.]{7,15}$", description="Address on which Asterisk takes SIP over TLS.")  # noqa: S104
    port: int = Field(5061, ge=1, le=65535, description="Its port.")
    certificate: File | None = Field(None, description="Our certificate with its chain (PEM); needed when a carrier connects to us.")
    key: File | None = Field(None, description="Its private key (PEM), readable by Asterisk only.")
    authorities: File = Field("/etc/ssl/certs/ca-certificates.crt", description="Certificates of the authorities that we trust (PEM).")
    verify: bool = Field(True, description="Whether the carrier's certificate must be good. Switch it off for a test only.")


class Caller(Part):
    header: Literal["asserted", "from", "none"] = Field(
        "from",
        description="Which header tells the caller's number. asserted: P-Asserted-Identity or Remote-Party-ID, which only a carrier "
        "under contract may be believed, else From; from: From; none: no number is believed.",
    )
    name: bool = Field(True, description="Whether the display name is passed on, without anything but letters, digits and spaces.")


class Numbering(Part):
    """How the carrier writes numbers. With ``country`` they become E.164 with a +."""

    country: Digits = Field("", description="Country code such as 44; empty: numbers stay as they are sent.")
    international_prefix: Digits = Field("00", description="What comes before a country code.")
    national_prefix: Digits = Field("0", description="What comes before an area code; empty where there is none.")
    plain: Literal["as_is", "international", "national"] = Field(
        "as_is", description="What digits without any prefix are: 442079460000 is international, 2079460000 national, 112 as_is."
    )
    dialled: Literal["request_uri", "to", "called_party"] = Field(
        "request_uri", description="Where the dialled number stands: in the request, in To, or in P-Called-Party-ID."
    )


class SessionTimers(Part):
    """RFC 4028."""

    mode: Literal["off", "accept", "always", "required"] = Field(
        "accept", description="off: not offered; accept: when the carrier asks; always: we ask; required: no call without."
    )
    refresh_s: int = Field(1800, ge=90, le=86400, description="Seconds after which a call is refreshed or over.")
    least_s: int = Field(90, ge=90, le=86400, description="Least such time that we accept, in seconds.")


class Limits(Part):
    max_calls: int = Field(30, ge=1, le=10000, description="Calls in at once.")
    calls_per_second: int = Field(10, ge=1, le=1000, description="Calls that may begin within one second of the clock.")
    when_full: Literal["refuse", "busy", "queue"] = Field(
        "refuse", description="refuse: 503, and the carrier may try elsewhere; busy: 486; queue: where calls go when no agent answers."
    )


class Outbound(Part):
    """Calls out; there are none without this section."""

    allow: tuple[Pattern, ...] = Field(min_length=1, description="Patterns that may be dialled, such as +4420XXXXXXXX. Nothing else is.")
    caller: Annotated[str, Text, Field(pattern=r"^(\+?[0-9]{1,20})?$")] = Field("", description="Own number that the called person sees.")
    max_calls: int = Field(2, ge=1, le=1000, description="Calls out at once.")
    longest_s: int = Field(3600, ge=10, le=86400, description="Longest call out, in seconds.")


class Trunk(Part):
    """One line to a carrier."""

    profile: Literal["registration", "ip", "tls"] = Field(
        "registration",
        description="registration: we register with user and password; ip: the carrier knows us, and we it, by address; "
        "tls: encrypted, with registration when there is a user.",
    )
    carrier: str = Field("", description="Settings that this carrier documents, in place of the defaults here.")
    server: Host | Literal[""] = Field("", description="The carrier's host, with a port when it is not 5060 (5061 for TLS).")
    proxy: Host | Literal[""] = Field("", description="Outbound proxy, when the carrier names one.")
    addresses: tuple[Network, ...] = Field((), description="Addresses and networks that calls come from; empty: those of the server.")
    user: User | Literal[""] = Field("", description="User of the account.")
    auth_user: User | Literal[""] = Field("", description="User for the digest when it is another one than user.")
    password: Annotated[SecretStr | None, Text] = Field(None, description="Allowed only when no other user may read the file (mode 0600).")
    password_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = Field(None, description="Environment variable.")
    password_file: File | None = Field(None, description="File with the password alone, mode 0600; beside trunks.yaml when relative.")
    realm: Annotated[str, Field(pattern=r"^[^\s;\"]{0,253}$")] = Field("", description="Realm of the digest; empty: whichever is asked.")
    domain: Host | Literal[""] = Field("", description="Host in From and To; empty: the server.")
    expires_s: int = Field(300, ge=60, le=86400, description="Seconds between registrations.")
    transport: Literal["udp", "tcp", "tls"] = Field("udp", description="How SIP travels; tls in the profile of that name.")
    transport_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = Field(
        "", description="Transport of your own Asterisk to use; empty: transport-udp, transport-tcp, or the one of the section tls."
    )
    srtp: Literal["off", "optional", "required"] = Field("off", description="Encrypted audio with keys in the SDP (SDES).")
    codecs: tuple[Codec, ...] = Field(("alaw", "ulaw"), min_length=1, description="G.711 in order of preference; nothing is transcoded.")
    dtmf: Literal["rfc4733", "inband", "info", "auto", "auto_info"] = Field(
        "auto", description="How keys arrive. auto: RFC 4733 when the carrier offers it, else as tones; auto_info: else as INFO."
    )
    early_media: Literal["ringing", "audio"] = Field("ringing", description="Before the answer: 180 alone, or 183 with a ringing tone.")
    caller: Caller = Caller()
    numbers: Numbering = Numbering()
    session_timers: SessionTimers = SessionTimers()
    limits: Limits = Limits()
    outbound: Outbound | None = Field(None, description="Calls out are impossible without it.")
    qualify_s: int = Field(60, ge=0, le=3600, description="Seconds between OPTIONS to the server; 0: none.")
    silence_s: int = Field(60, ge=0, le=3600, description="Seconds without any RTP after which a call is over; 0: never.")
    silence_on_hold_s: int = Field(300, ge=0, le=7200, description="The same while on hold.")

    @property
    def registers(self) -> bool:
        return self.profile != "ip" and bool(self.user)


class TrunksFile(Part):
    nat: Nat | None = None
    tls: Tls | None = None
    trunks: dict[Name, Trunk] = Field(min_length=1)
