"""A caller who holds the call: a re-INVITE of theirs, as a telephone sends it."""

import itertools

from ari_app.caller import sdp
from ari_app.caller.calling import Line

_VERSIONS = itertools.count(2)


async def reinvite(line: Line, direction: sdp.Direction) -> None:
    """``sendonly`` holds, ``sendrecv`` takes the call back. Raises AssertionError when it is refused."""
    leg = line.leg
    assert leg.dialog is not None
    request = leg.dialog.request("INVITE")
    request.headers.add("Content-Type", "application/sdp")
    request.body = leg.media.describe(version=next(_VERSIONS), direction=direction)
    response = await leg.endpoint.request(request, leg.dialog.destination()).final()
    leg.endpoint.acknowledge(leg.dialog.request("ACK", cseq=leg.dialog.local_cseq), leg.dialog.destination())
    assert response.status == 200, response.status
