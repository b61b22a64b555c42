"""INVITE to the first audible greeting, one call after the other."""

import argparse
from collections.abc import Sequence

from ari_app.caller.calling import dialled, telephone
from ari_app.caller.listener import CallOver, TurnTimeout
from ari_app.caller.measures import Side, first_audible
from ari_app.caller.outcome import CallFailed
from tests.bench import _target


async def measure(options: argparse.Namespace) -> int:
    greeted: list[float] = []
    answered: list[float] = []
    failed = 0
    async with telephone(_target.target_of(options)) as (agent, threads):
        for _ in range(options.n):
            async with dialled(agent, threads, options.number) as line:
                try:
                    await line.leg.answered()
                    await line.listener.speaking_since(0, 10.0)
                except (CallFailed, CallOver, TurnTimeout):
                    failed += 1
            heard = first_audible(Side.of(line.session.log.received))
            if heard is not None:
                greeted.append((heard - line.invite_ns) / 1e6)
            if line.leg.times.answered is not None:
                answered.append((line.leg.times.answered - line.leg.times.invite) * 1000)
    figures = _target.spread(greeted) | {"first_ms": round(greeted[0], 1) if greeted else None, "failed": failed}
    figures |= {"answer_p50_ms": _target.spread(answered)["p50_ms"]}
    _target.show("greeting", {"number": options.number}, figures)
    return 0 if greeted else 1


def main(argv: Sequence[str] | None = None) -> int:
    made = _target.parser(__doc__)
    made.add_argument("--n", type=int, default=20, help="calls")
    return _target.run(made, measure, argv)


if __name__ == "__main__":
    raise SystemExit(main())
