"""Where callers are, counted three times: at Asterisk, by the service itself, and by what they hear."""

import asyncio
import re
import urllib.request
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from tests.bench.capacity.callers import CrowdCall
from tests.bench.capacity.rtp_crowd import RtpCrowd
from tests.bench.capacity.speech import PITCH_HZ
from tests.e2e.instance import Instance

_LOOKS: Final = 7
_BETWEEN_S: Final = 0.35
_HUM: Final = 0.8
_METRIC: Final = re.compile(r"^patchcord_calls_refused_total\{(.*)\} ([0-9.e+]+)$", re.MULTILINE)
_REASON: Final = re.compile(r'reason="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Places:
    """How many callers are where."""

    agent: int
    queue: int
    elsewhere: int
    """Refused, ended, or in silence."""

    def to_json(self) -> dict[str, int]:
        return asdict(self)


def at_asterisk(channels: Sequence[dict[str, Any]], callers: Collection[str]) -> Places:
    """``channels``: those of ARI; ``callers``: caller ids. A caller is with the agent while its channel is in Stasis."""
    seen = Counter(channel["dialplan"].get("app_name", "") for channel in channels if channel["caller"]["number"] in callers)
    return Places(seen["Stasis"], seen["Queue"], sum(seen.values()) - seen["Stasis"] - seen["Queue"])


def refused(instance: Instance) -> Counter[str]:
    """Calls that admission has refused since the start, by reason, as Prometheus is told; of all workers together."""
    with urllib.request.urlopen(f"http://127.0.0.1:{instance.state['http_port']}/metrics", timeout=3) as answer:
        return refusals_of(answer.read().decode())


def refusals_of(metrics: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for labels, value in _METRIC.findall(metrics):
        reason = _REASON.search(labels)
        found[reason.group(1) if reason else ""] += round(float(value))
    return found


async def by_ear(crowd: RtpCrowd, calls: Sequence[CrowdCall]) -> tuple[Places, set[int]]:
    """By the sound: the agent hums on one note, music does not. Also the slots of those who are with the agent."""
    hums: Counter[int] = Counter()
    for _ in range(_LOOKS):
        await asyncio.sleep(_BETWEEN_S)
        hums.update(call.slot for call in calls if call.live and crowd.tone(call.slot, PITCH_HZ) > _HUM)
    live = [call for call in calls if call.live]
    served = {call.slot for call in live if hums[call.slot] > _LOOKS // 2}
    waiting = sum(call.slot not in served and bool(crowd.talk.heard_at(call.slot)) for call in live)
    return Places(len(served), waiting, len(calls) - len(served) - waiting), served
