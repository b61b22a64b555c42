"""Asks a carrier step by step what works, until something does not."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

from ari_app.caller.sip_message import SipError
from dialplan.trunks import TrunkEntry, Trunks
from dialplan.trunks.entries import PORTS

from . import findings
from .findings import Finding
from .wire import Silent, Way, ask, ask_with_password

_NO_ADDRESS = "correct server: and proxy:, or the name servers of this machine; a name that has SRV records only cannot be tested"


async def probe(trunks: Trunks, entry: TrunkEntry) -> AsyncIterator[Finding]:
    """Yield what was found; the steps behind one that makes them pointless are left out."""
    if missing := _missing(trunks, entry):
        yield Finding("file", False, f"{missing} is not there", "correct the section tls of trunks.yaml")
        return
    if not (target := entry.said.proxy or entry.said.server):
        yield Finding("options", True, f"no server: is given, nothing to ask; calls are let in from {', '.join(entry.matches)}")
        return
    host, _, port = target.partition(":")
    try:
        address = await resolved(host)
    except OSError as error:
        yield Finding("dns", False, f"{host} has no address ({error.strerror})", _NO_ADDRESS)
        return
    yield Finding("dns", True, f"{host} is {address}")
    context = _context(trunks) if entry.transport == "tls" else None
    way = Way(address, int(port) if port else PORTS[entry.transport], entry.transport, context, host)
    async for finding in _asked(trunks, entry, way):
        yield finding


async def _asked(trunks: Trunks, entry: TrunkEntry, way: Way) -> AsyncIterator[Finding]:
    where = f"{way.address}:{way.port}"
    user = entry.said.user or "patchcord"
    uri, record = f"sip:{entry.domain}", f"sip:{user}@{entry.domain}"
    try:
        found = await ask(way, "OPTIONS", uri, record)
        yield findings.options(found.response)
        if (about := findings.nat(found.local, found.seen, trunks.nat)) is not None:
            yield about
        if entry.said.registers:
            # A REGISTER without Contact changes nothing: it asks which bindings there are (RFC 3261 10.2.3).
            first = final = await ask(way, "REGISTER", uri, record)
            if first.response.status in (401, 407):
                final = await ask_with_password(way, "REGISTER", uri, record, first, entry.said.auth_user or user, entry.password)
            yield findings.registration(entry, first.response, final.response)
    except ssl.SSLCertVerificationError as error:
        yield Finding("certificate", False, f"the certificate of {way.name} is not good: {error.verify_message}", _mend(error))
    except ssl.SSLError as error:
        yield Finding(
            "certificate", False, f"no TLS with {where}: {error.reason or error}",
            "check that this port is the one for TLS, and whether the carrier wants a certificate of yours",
        )  # fmt: skip
    except Silent:
        yield findings.silent("options", entry, where)
    except ConnectionRefusedError:
        yield Finding(
            "connection", False, f"{where} refuses {entry.transport.upper()}", "check the port, and whether the carrier offers it"
        )
    except OSError as error:
        yield Finding("connection", False, f"{where} cannot be reached: {error.strerror or error}", "check route and firewall")
    except SipError as error:
        yield Finding("options", False, f"{where} answers what is no SIP: {error}", "check the port")


def _mend(error: ssl.SSLCertVerificationError) -> str:
    text = error.verify_message.lower()
    if "expired" in text:
        return "the carrier must renew it; check the clock of this machine"
    if "hostname" in text or "ip address" in text:
        return "write server: with the name that the certificate is for"
    return "name the file with the carrier's authority in authorities: of the section tls"


def _missing(trunks: Trunks, entry: TrunkEntry) -> str | None:
    needed = trunks.files() if entry.transport == "tls" else iter(())
    return next((name for name in needed if not Path(name).is_file()), None)


async def resolved(host: str) -> str:
    """An IPv4 address. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, family=socket.AF_INET, type=socket.SOCK_DGRAM)
    return str(found[0][4][0])


def _context(trunks: Trunks) -> ssl.SSLContext:
    said = trunks.tls
    if said is None:  # a transport of the admin's own: what it trusts is not ours to know
        return ssl.create_default_context()
    context = ssl.create_default_context(cafile=said.authorities)
    if not said.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if said.certificate is not None and said.key is not None:
        context.load_cert_chain(said.certificate, said.key)
    return context
