"""What a test measured, told beside its verdict: one JSON line on standard output, and properties in a JUnit report."""

import json
import statistics
from collections.abc import Callable, Sequence


def tell(record: Callable[[str, object], None], name: str, **figures: object) -> None:
    """``record`` is pytest's ``record_property``."""
    print(json.dumps({"figures": name, **figures}))  # noqa: T201 - this is the output
    for key, value in figures.items():
        record(f"{name}.{key}", value)


def spread(seconds: Sequence[float]) -> dict[str, float]:
    return {"median_s": round(statistics.median(seconds), 3), "worst_s": round(max(seconds), 3)}
