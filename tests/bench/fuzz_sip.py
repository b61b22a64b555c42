"""Broken and forged SIP at the running instance, ordinary calls beside it: no crash, no leak, no call that nobody was entitled to."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from tests.bench import _target
from tests.bench.fuzz.course import OWN_CALLERS, fuzz, options
from tests.bench.fuzz.sip_sending import SipSending


class _Sending(SipSending):
    @property
    def leaks(self) -> list[str]:
        """What would be one is a call on record, which is counted."""
        return []

    def told(self) -> Mapping[str, Any]:
        return {"sent": dict(self.sent), "answers": {str(status): count for status, count in sorted(self.answers.items())}}


async def measure(chosen: argparse.Namespace) -> int:
    sending = _Sending(_target.target_of(chosen).port, chosen.seed, tcp_share=chosen.tcp_share)
    return await fuzz("fuzz_sip", sending, chosen, f"{OWN_CALLERS}1")


def main(argv: Sequence[str] | None = None) -> int:
    made = options(__doc__, per_s=150.0)
    made.add_argument("--tcp-share", type=float, default=0.15, help="of messages that go over TCP, in pieces")
    return _target.run(made, measure, argv)


if __name__ == "__main__":
    raise SystemExit(main())
