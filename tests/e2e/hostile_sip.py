"""A caller whose name and number are an attack, by a SIP peer that sends exactly what it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.ari_app.pbx.sip_probe import Dialog, Probe, probe

NAME = "<script>alert(1)</script>=cmd|'x'!A1 \u202ednuof"
FORGED = "Event: PatchcordForged"


def number_of(digits: str) -> str:
    """A user part that, decoded, holds ``digits`` with a line end and a header among them (RFC 3261 25.1)."""
    return f"{digits[:4]}%0d%0a{FORGED.replace(' ', '%20').replace(':', '%3a')}%0d%0a{digits[4:]}"


class _Hostile(Dialog):
    def compose(self, method: str, extra: str = "", body: str = "", cseq: int | None = None) -> str:
        text = super().compose(method, extra, body, cseq)
        host = self.probe.server[0]
        return text.replace(f"From: <sip:{self.user}@{host}>", f'From: "{NAME}" <sip:{number_of(self.user)}@{host}>')


@asynccontextmanager
async def hostile_call(port: int, number: str, digits: str) -> AsyncIterator[tuple[Probe, Dialog]]:
    """Dial ``number`` as the trunk; leaving hangs up. ``digits`` are what is left of the caller's number once it is clean."""
    async with probe("127.0.0.1", ("127.0.0.1", port)) as peer:
        call = _Hostile(peer, number, digits)
        peer._replies[call.call_id] = call.inbox
        peer._dialogs.append(call)
        await call.invite(peer.sdp(), "")
        try:
            yield peer, call
        finally:
            if call.final.status == 200:
                await asyncio.wait_for(call.bye(), 5)
