"""Metrics of several workers as one page in Prometheus' text format, told apart by the label ``worker``. Pure."""

import re
from collections.abc import Mapping

_COMMENT = re.compile(r"# (?:HELP|TYPE) (\S+)")
_SAMPLE = re.compile(r"([A-Za-z_:][A-Za-z0-9_:]*)(\{)?")


def merged(pages: Mapping[int, str]) -> str:
    """``pages`` by worker number, as ``prometheus_client`` writes them. Each family comes once, with the samples of all workers."""
    comments: dict[str, list[str]] = {}
    samples: dict[str, list[str]] = {}
    for number, page in sorted(pages.items()):
        family = ""
        for line in page.splitlines():
            if (comment := _COMMENT.match(line)) is not None:
                family = comment[1]
                known = comments.setdefault(family, [])
                if line not in known:
                    known.append(line)
            elif (sample := _SAMPLE.match(line)) is not None:
                samples.setdefault(family, []).append(_labelled(line, sample, number))
    rows = [row for family in dict.fromkeys([*comments, *samples]) for row in [*comments.get(family, []), *samples.get(family, [])]]
    return "".join(f"{row}\n" for row in rows)


def _labelled(line: str, sample: re.Match[str], number: int) -> str:
    label, rest = f'worker="{number}"', line[sample.end() :]
    if sample[2] is None:
        return f"{sample[1]}{{{label}}}{rest}"
    return f"{sample[1]}{{{label}}}{rest[1:]}" if rest.startswith("}") else f"{sample[1]}{{{label},{rest}"
