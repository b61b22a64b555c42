"""Why a call did not come about, as exceptions.

SipError
└── CallFailed            any final refusal; ``status`` and ``reason`` as received
    ├── Unauthorized      401, 403, 407
    ├── NumberNotFound    404, 484, 604
    ├── NotAcceptable     415, 488, 606: no common codec
    ├── Busy              486, 600
    ├── Declined          603
    ├── Unavailable       480, 500, 503 …
    ├── Cancelled         487: we gave up while it rang
    └── NoResponse        408, or nobody answered the datagrams (status 0)
"""

from ari_app.caller.sip_message import SipError


class CallFailed(SipError):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}" if status else reason)
        self.status = status
        self.reason = reason


class Unauthorized(CallFailed): ...


class NumberNotFound(CallFailed): ...


class NotAcceptable(CallFailed): ...


class Busy(CallFailed): ...


class Declined(CallFailed): ...


class Unavailable(CallFailed): ...


class Cancelled(CallFailed): ...


class NoResponse(CallFailed): ...


_BY_STATUS: dict[int, type[CallFailed]] = {
    **dict.fromkeys((401, 403, 407), Unauthorized),
    **dict.fromkeys((404, 484, 604), NumberNotFound),
    **dict.fromkeys((415, 488, 606), NotAcceptable),
    **dict.fromkeys((486, 600), Busy),
    603: Declined,
    **dict.fromkeys((480, 500, 502, 503, 504), Unavailable),
    487: Cancelled,
    **dict.fromkeys((0, 408), NoResponse),
}  # fmt: skip


def failure(status: int, reason: str) -> CallFailed:
    """The exception for a final status from 300 (or 0 for silence)."""
    return _BY_STATUS.get(status, CallFailed)(status, reason)
